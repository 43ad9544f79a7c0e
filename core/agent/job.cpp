#include "core/agent/job.h"

#include <fmt/format.h>

#include "core/base/host.h"
#include "core/base/hostlist.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// A number of a variable; nullopt when it is not set.
Result<std::optional<std::uint32_t>> find_number(const Environment& environment,
                                                 std::string_view name) {
  const auto text = find_variable(environment, name);
  if (!text || text->empty()) return std::nullopt;
  const auto number = parse_integer(*text);
  if (number && *number >= 0 && *number <= UINT32_MAX) return static_cast<std::uint32_t>(*number);
  return fail(Code::invalid, fmt::format("{} is {}, which is no number", name, quoted(*text)));
}

}  // namespace

Result<JobFacts> read_job(const Environment& environment) {
  JobFacts job;
  FOZ_TRY(const auto id, find_number(environment, "SLURM_JOB_ID"));
  FOZ_TRY(const auto array_id, find_number(environment, "SLURM_ARRAY_JOB_ID"));
  FOZ_TRY(const auto array_index, find_number(environment, "SLURM_ARRAY_TASK_ID"));
  FOZ_TRY(const auto restarts, find_number(environment, "SLURM_RESTART_COUNT"));
  FOZ_TRY(const auto memory, find_number(environment, "SLURM_MEM_PER_NODE"));
  job.job.value = id.value_or(0);
  job.array_job.value = array_id.value_or(0);
  if (array_index) job.array_index = ArrayIndex{*array_index};
  job.restarts = restarts.value_or(0);
  job.memory_per_node_mib = memory.value_or(0);
  job.host = find_variable(environment, "SLURMD_NODENAME").value_or(host_name());
  FOZ_TRY(job.nodes,
          expand_hostlist(find_variable(environment, "SLURM_JOB_NODELIST").value_or("")));
  if (job.nodes.empty()) job.nodes.push_back(job.host);
  const auto cpus = find_variable(environment, "SLURM_JOB_CPUS_PER_NODE");
  if (cpus) {
    FOZ_TRY(job.cpus_per_node, expand_counts(*cpus));
  }
  return job;
}

Result<TaskIndex> find_task(const task::StageTasks& stage, const JobFacts& job,
                            std::uint64_t offset) {
  if (stage.is_array && !job.array_index)
    return fail(
        Code::invalid,
        fmt::format("stage '{}' is a job array, but SLURM_ARRAY_TASK_ID is not set", stage.stage));
  const TaskIndex index{offset + (stage.is_array ? job.array_index->value : 0)};
  if (index.value < stage.tasks) return index;
  return fail(Code::invalid, fmt::format("stage '{}' has {}, so there is no element {}",
                                         stage.stage, count_of(stage.tasks, "task"), index.value));
}

}  // namespace foz::agent
