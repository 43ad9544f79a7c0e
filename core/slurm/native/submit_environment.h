/// What sbatch adds to a job's environment, and reads from its options, on the submitting side.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm::native {

/// The least number of nodes as sbatch sends it.
[[nodiscard]] std::uint32_t least_nodes(const SubmitRequest& request);
/// How many tasks sbatch says the job has, where it says that.
[[nodiscard]] std::optional<std::uint32_t> task_count(const SubmitRequest& request);

/// The request's environment with what sbatch puts there: where and by whom it was submitted,
/// limits and umask to carry over, and counts. slurmd uses some of it and takes that out again.
[[nodiscard]] Environment submit_environment(const SubmitRequest& request);

/// "END,FAIL" as Slurm's bits. Code::refused for a word that this helper does not know.
[[nodiscard]] Result<std::uint16_t> mail_flags(const std::string& words);

}  // namespace foz::slurm::native
