/// Why was this job told to end? Slurm sends the same signal for a cancel, the time limit and a
/// preemption; only the controller knows. Asked once, when no rank runs any more.
#pragma once

#include "core/agent/job.h"
#include "core/agent/machine.h"
#include "core/agent/partners.h"
#include "core/slurm/types.h"

namespace foz::agent {

/// What the state of a job that is being ended means. Pure.
[[nodiscard]] event::Reason judge_reason(slurm::State state, std::string_view reason);

/// One query; when it is not answered: cancelled, and that is said.
[[nodiscard]] event::Reason find_reason(const JobFacts& job,
                                        const Partners::OpenScheduler& open_scheduler);

}  // namespace foz::agent
