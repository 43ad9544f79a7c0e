#include <algorithm>
#include <array>

#include "core/slurm/scheduler.h"

namespace foz::slurm {

namespace {

constexpr std::array<std::string_view, 10> k_dropped_prefixes = {
    "SLURM_",  "SLURMD_", "SBATCH_", "SRUN_",     "SALLOC_",
    "SQUEUE_", "SACCT_",  "SINFO_",  "SCONTROL_", "SCANCEL_"};

/// Launchers' variables: with or without an underscore ("PMI_RANK", "PMIX_RANK", "PMI2_").
constexpr std::array<std::string_view, 3> k_launcher_prefixes = {"PMI_", "PMI2_", "PMIX_"};

/// Where the cluster is and who one is: what the user or the site set, no job.
constexpr std::array<std::string_view, 7> k_kept = {
    "SLURM_CONF",        "SLURM_CLUSTERS", "SLURM_CONF_SERVER", "SLURM_JWT",
    "SLURM_SACK_SOCKET", "SLURM_SACK_KEY", "SLURM_SACK_JWKS"};

/// Slurm puts these into a job with GPUs: inside another job they name that job's devices.
constexpr std::array<std::string_view, 6> k_device_names = {
    "CUDA_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL", "ROCR_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",  "ZE_AFFINITY_MASK",   "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"};

enum class Place { login_node, inside_a_job };

bool is_one_of(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool starts_with_one_of(const auto& prefixes, std::string_view name) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

bool is_dropped(std::string_view name, Place place) {
  if (is_one_of(k_kept, name)) return false;
  if (starts_with_one_of(k_dropped_prefixes, name)) return true;
  if (starts_with_one_of(k_launcher_prefixes, name)) return true;
  return place == Place::inside_a_job && is_one_of(k_device_names, name);
}

}  // namespace

CleanEnvironment clean_environment(const Environment& outer) {
  const Place place =
      find_variable(outer, "SLURM_JOB_ID") ? Place::inside_a_job : Place::login_node;
  CleanEnvironment clean;
  for (const std::string& entry : outer) {
    const std::string name = entry.substr(0, entry.find('='));
    if (!is_dropped(name, place)) {
      clean.environment.push_back(entry);
    } else if (!is_one_of(clean.dropped, name)) {
      clean.dropped.push_back(name);
    }
  }
  return clean;
}

}  // namespace foz::slurm
