#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"

namespace foz::plan {

namespace {

/// It sends and ends; a controller or a lock that does not answer is waited for.
constexpr std::chrono::minutes k_time_limit{30};

std::uint64_t smallest(std::uint64_t one, std::uint64_t other) {
  if (one == 0) return other;
  return other == 0 ? one : std::min(one, other);
}

std::uint64_t count_tasks(const Plan& plan) {
  std::uint64_t tasks = 0;
  for (const StagePlan& stage : plan.stages) tasks += stage.tasks.tasks;
  return tasks;
}

/// `foz advance` of a large run; without a word Slurm would give it all of a node's memory on some
/// clusters, and so wait for an empty node.
constexpr std::uint64_t k_memory_mib = 512;

slurm::Memory memory_of_one_core(const site::Site& site) {
  if (site.memory_form == site::MemoryForm::none) return {};
  const bool is_per_cpu = site.memory_form == site::MemoryForm::per_cpu;
  return {is_per_cpu ? slurm::Memory::Kind::per_cpu : slurm::Memory::Kind::per_node, k_memory_mib};
}

/// One core, where the first stage is accounted for: a site may take no job without these words.
slurm::SubmitRequest advance_request(const Plan& plan, const Context& context) {
  const slurm::SubmitRequest& first = plan.stages.front().request;
  slurm::SubmitRequest request;
  request.account = first.account;
  request.qos = first.qos;
  request.reservation = first.reservation;
  request.name = std::string(k_advance_job) + "@" + context.run_id;
  request.script = context.run_folder + "/scripts/" + std::string(k_advance_job) + ".sh";
  request.workdir = context.workdir;
  request.output =
      as_pattern(context.run_folder + "/logs/" + std::string(k_advance_job)) + "/slurm-%j.out";
  request.time_limit = k_time_limit;
  request.memory = memory_of_one_core(context.site);
  request.partition = first.partition;
  request.extra_args = context.site.sbatch_args;
  return request;
}

}  // namespace

std::optional<Waves> make_waves(const Plan& plan, const Context& context, const SourceRange& where,
                                Diagnostics& diagnostics) {
  const std::uint64_t cluster = context.facts ? context.facts->max_job_count : 0;
  const std::uint64_t most = smallest(context.site.jobs_at_once, cluster);
  const std::uint64_t tasks = count_tasks(plan);
  if (most == 0 || tasks <= most) return std::nullopt;
  if (most <= k_advance_jobs) {
    diagnostics.error(where, "the run has " + count_of(tasks, "task") +
                                 ", and the queue takes no more than " + count_of(most, "job") +
                                 " (MaxJobCount): too few to send it in waves, where " +
                                 count_of(k_advance_jobs, "place") + " are kept for advance jobs");
    return std::nullopt;
  }
  return Waves{static_cast<std::uint32_t>(most), advance_request(plan, context), ""};
}

std::uint32_t wave_part_size(const Waves& waves) {
  // two parts, so that one can wait while the other runs
  return std::max(1U, (waves.jobs_at_once - k_advance_jobs) / 2);
}

std::size_t parts_together(const Plan& plan, const StagePlan& stage) {
  const std::size_t parts = stage.tasks.parts.size();
  if (!plan.waves) return parts;
  const std::uint32_t whole =
      (plan.waves->jobs_at_once - k_advance_jobs) / wave_part_size(*plan.waves);
  return std::min<std::size_t>(parts, whole + 1U);
}

}  // namespace foz::plan
