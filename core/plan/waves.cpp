#include <algorithm>

#include "core/plan/builder.h"

namespace foz::plan {

namespace {

constexpr std::chrono::minutes k_time_limit{
    15};  // it sends and ends; a busy controller is waited for

std::uint64_t smallest(std::uint64_t one, std::uint64_t other) {
  if (one == 0) return other;
  return other == 0 ? one : std::min(one, other);
}

std::uint64_t count_tasks(const Plan& plan) {
  std::uint64_t tasks = 0;
  for (const StagePlan& stage : plan.stages) tasks += stage.tasks.tasks;
  return tasks;
}

/// One core, the site's own options, nothing of any stage.
slurm::SubmitRequest advance_request(const Context& context) {
  slurm::SubmitRequest request;
  request.name = std::string(k_advance_job) + "@" + context.run_id;
  request.script = context.run_folder + "/scripts/" + std::string(k_advance_job) + ".sh";
  request.workdir = context.workdir;
  request.output = context.run_folder + "/logs/" + std::string(k_advance_job) + "/slurm-%j.out";
  request.time_limit = k_time_limit;
  request.partition = context.site.default_partition;
  request.extra_args = context.site.sbatch_args;
  return request;
}

}  // namespace

std::optional<Waves> make_waves(const Plan& plan, const Context& context) {
  const std::uint64_t cluster = context.facts ? context.facts->max_job_count : 0;
  const std::uint64_t most = smallest(context.site.jobs_at_once, cluster);
  if (most == 0 || count_tasks(plan) <= most) return std::nullopt;
  return Waves{static_cast<std::uint32_t>(most), advance_request(context), ""};
}

std::uint32_t wave_part_size(const Waves& waves) {
  // two places are for advance jobs; two parts, so that one can wait while the other runs
  return std::max(1U, (waves.jobs_at_once - 2) / 2);
}

}  // namespace foz::plan
