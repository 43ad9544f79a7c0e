/// The calls of foz-libslurm, from values to values. Each may sleep, and none is ever retried here:
/// the client has a deadline and ends the process.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm::native {

/// The same job as sbatch makes of sbatch_options(request); extra_args are not looked at.
[[nodiscard]] Result<Submission> submit(const SubmitRequest& request);
[[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs);
[[nodiscard]] Result<void> cancel(const std::vector<JobSelector>& jobs);
/// The caller's jobs, as squeue_row() writes them.
[[nodiscard]] Result<std::string> jobs();
[[nodiscard]] Result<ClusterFacts> facts();

/// The error of a question: unavailable, refused or failed.
[[nodiscard]] Error question_error(std::string_view what, int error_number);

}  // namespace foz::slurm::native
