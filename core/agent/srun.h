/// The keeper's own srun: its command line, its environment, and what it says. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/agent/job.h"
#include "core/base/spawn.h"

namespace foz::agent {

/// One agent on each node, with all that the job has there. Every count is said, as srun would take
/// missing ones from the job's variables; never --gpu-bind=none, which empties
/// CUDA_VISIBLE_DEVICES.
[[nodiscard]] std::vector<std::string> srun_command(const JobFacts& job,
                                                    const std::vector<std::string>& extra_args,
                                                    const std::string& program,
                                                    const std::string& task_file);

/// The job's environment without what srun would read as options of its own.
[[nodiscard]] Environment srun_environment(const Environment& job);

/// Nodes that a line of srun's standard error reports as lost, and the line itself in words:
/// "srun: error: n2: task 1: Killed", "srun: error: Node failure on n3".
[[nodiscard]] std::vector<std::string> find_lost_nodes(std::string_view line);

}  // namespace foz::agent
