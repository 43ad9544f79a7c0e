/// Why was this job told to end? Slurm sends the same signal for a cancel, the time limit, a
/// preemption and a requeue, and its queue shows COMPLETING for each. What tells them apart is the
/// line that slurmstepd writes into the job's own output before it signals:
///
///   slurmstepd-n1: error: *** JOB 5 ON n1 CANCELLED AT 2026-11-25T04:27:14 DUE TO TIME LIMIT ***
///
/// Without such a line the controller is asked once, when no rank runs any more. A preempted or
/// requeued job may come back: then nothing final is said (Outcome::interrupted), and Slurm's later
/// word decides.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/agent/job.h"
#include "core/agent/machine.h"
#include "core/agent/partners.h"
#include "core/slurm/types.h"

namespace foz::agent {

/// The last such line about this job in `text`. Pure.
[[nodiscard]] std::optional<event::Reason> read_notice(std::string_view text, JobId job);

/// What the queue's state of a job that was signalled means. Pure.
[[nodiscard]] event::Reason judge_state(slurm::State state, std::string_view reason);

/// The job's own output (this process's standard error, if that is a file), from now on.
class JobOutput {
 public:
  JobOutput();
  /// What was written since, at most the last MiB.
  [[nodiscard]] std::string read_new() const;

 private:
  std::uint64_t begin_ = 0;
};

[[nodiscard]] event::Reason find_reason(const JobOutput& output, const JobFacts& job,
                                        const Partners::OpenScheduler& open_scheduler);

}  // namespace foz::agent
