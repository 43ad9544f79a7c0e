/// What Slurm's variables say of the job that the keeper runs in. Pure. Without a job around it
/// (tests, `foz try`): one node, this host.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/spawn.h"
#include "core/task/stage.h"

namespace foz::agent {

struct JobFacts {
  JobId job;
  JobId array_job;
  std::optional<ArrayIndex> array_index;
  std::string host;                ///< of the keeper: SLURMD_NODENAME, else the host's name
  std::vector<std::string> nodes;  ///< of the allocation, in Slurm's order
  std::vector<int> cpus_per_node;  ///< in the same order; empty: not said
  std::uint64_t memory_per_node_mib = 0;
  std::uint32_t restarts = 0;
};

/// Code::invalid where a variable does not have its form.
[[nodiscard]] Result<JobFacts> read_job(const Environment& environment);

/// Which element this job runs. Code::invalid when an array's job has no array index, or the
/// element is not one of the stage.
[[nodiscard]] Result<TaskIndex> find_task(const task::StageTasks& stage, const JobFacts& job,
                                          std::uint64_t offset);

}  // namespace foz::agent
