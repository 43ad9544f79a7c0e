#include "core/agent/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/task/stage.h"
#include "core/task/variables.h"

namespace foz::agent {

namespace {

namespace variable = task::variable;

constexpr std::array k_gpu_variables = {"CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
                                        "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK",
                                        "GPU_DEVICE_ORDINAL"};

/// What Slurm says of the job (or of how to reach it), true in every rank.
constexpr std::array k_kept_prefixes = {"SLURM_JOB_", "SLURM_ARRAY_", "SLURM_SUBMIT_",
                                        "SLURM_CLUSTER", "SLURM_CONF"};
constexpr std::array k_kept_names = {"SLURM_JOBID", "SLURM_TMPDIR", "SLURM_RESTART_COUNT",
                                     "SLURM_JWT", "SLURMD_NODENAME"};
constexpr std::array k_dropped_prefixes = {"SLURM_", "SLURMD_", "SRUN_", "PMI_",
                                           "PMI2_",  "PMIX_",   "PMIX",  "FOZ_"};

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

template <class List>
bool has_prefix_of(std::string_view name, const List& prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

template <class List>
bool is_one_of(std::string_view name, const List& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_about_a_step(std::string_view name) {
  if (has_prefix_of(name, k_kept_prefixes) || is_one_of(name, k_kept_names)) return false;
  return has_prefix_of(name, k_dropped_prefixes);
}

std::vector<std::string> names_in(std::string_view list) {
  if (list.empty() || list == "NoDevFiles") return {};
  std::vector<std::string> names;
  for (const std::string_view name : split(list, ',')) names.emplace_back(trim(name));
  return names;
}

std::string part_of(std::string_view list, const GpuShare& share) {
  const auto names = names_in(list);
  std::string part;
  for (std::size_t i = share.first; i < share.first + share.count && i < names.size(); ++i)
    part += (part.empty() ? "" : ",") + names[i];
  return part;
}

}  // namespace

Environment task_environment(const Environment& job, const TaskIdentity& task) {
  Environment clean;
  clean.reserve(job.size() + 8);
  std::copy_if(job.begin(), job.end(), std::back_inserter(clean),
               [](const std::string& entry) { return !is_about_a_step(name_of(entry)); });
  const auto add = [&clean](std::string_view name, std::string_view value) {
    clean.push_back(fmt::format("{}={}", name, value));
  };
  add(variable::k_run_dir, task.run_dir);
  add(variable::k_stage, task.stage);
  add(variable::k_task_name, task.name);
  add(variable::k_task_index, std::to_string(task.index.value));
  add(variable::k_attempt, std::to_string(task.attempt.value));
  for (const auto& [name, value] : task.values) add(task::matrix_variable(name), value);
  return clean;
}

void set_variables(Environment& environment, const Variables& variables) {
  for (const auto& [name, value] : variables) set_variable(environment, name, value);
}

void unset_variables(Environment& environment, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!name.ends_with('*')) {
      unset_variable(environment, name);
      continue;
    }
    const std::string_view prefix = std::string_view(name).substr(0, name.size() - 1);
    std::erase_if(environment,
                  [prefix](const auto& entry) { return name_of(entry).starts_with(prefix); });
  }
}

void set_if_unset(Environment& environment, std::string_view name, std::string_view value) {
  if (!find_variable(environment, name)) set_variable(environment, name, value);
}

std::vector<std::string> find_gpus(const Environment& environment) {
  for (const char* variable : k_gpu_variables)
    if (const auto list = find_variable(environment, variable)) return names_in(*list);
  return {};
}

void narrow_gpus(Environment& environment, const GpuShare& share) {
  if (share.view == GpuShare::View::all) return;
  for (const char* variable : k_gpu_variables)
    if (const auto list = find_variable(environment, variable); list && !list->empty())
      set_variable(environment, variable, part_of(*list, share));
  if (share.view == GpuShare::View::none) set_variable(environment, "CUDA_VISIBLE_DEVICES", "");
}

GpuShare share_gpus(std::uint32_t gpus, std::uint32_t rank, std::uint32_t ranks) {
  if (ranks <= 1 || gpus == 0) return {};
  if (ranks >= gpus) {
    const auto at = static_cast<std::uint32_t>(std::uint64_t{rank} * gpus / ranks);
    return {GpuShare::View::part, at, 1};
  }
  const std::uint32_t least = gpus / ranks;
  const std::uint32_t rest = gpus % ranks;
  return {GpuShare::View::part, rank * least + std::min(rank, rest),
          least + (rank < rest ? 1U : 0U)};
}

}  // namespace foz::agent
