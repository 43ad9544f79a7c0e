#include "core/agent/srun.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/hostlist.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// What a step needs to know of its job, and how to reach the controller. Everything else of
/// Slurm's is an option in disguise.
constexpr std::array k_kept_prefixes = {"SLURM_JOB_", "SLURM_ARRAY_", "SLURM_SUBMIT_", "SLURM_CONF",
                                        "SLURM_CLUSTER"};
constexpr std::array k_kept_names = {"SLURM_JOBID",  "SLURM_NNODES",        "SLURM_NODELIST",
                                     "SLURM_TMPDIR", "SLURM_RESTART_COUNT", "SLURM_JWT"};
constexpr std::array k_dropped_prefixes = {"SLURM_", "SRUN_", "SLURMD_DEBUG",
                                           "PMI_",   "PMI2_", "PMIX"};

bool is_dropped(std::string_view name) {
  const auto begins = [name](const char* prefix) { return name.starts_with(prefix); };
  if (std::any_of(k_kept_prefixes.begin(), k_kept_prefixes.end(), begins)) return false;
  if (std::find(k_kept_names.begin(), k_kept_names.end(), name) != k_kept_names.end()) return false;
  return std::any_of(k_dropped_prefixes.begin(), k_dropped_prefixes.end(), begins);
}

/// The same number on every node, or nullopt: then srun gives each node's step all of its CPUs.
std::optional<int> equal_cpus(const JobFacts& job) {
  const auto& counts = job.cpus_per_node;
  const bool are_equal = !counts.empty() && std::all_of(counts.begin(), counts.end(), [&](int one) {
    return one == counts.front();
  });
  return are_equal ? std::optional(counts.front()) : std::nullopt;
}

}  // namespace

std::vector<std::string> srun_command(const JobFacts& job,
                                      const std::vector<std::string>& extra_args,
                                      const std::string& program, const std::string& task_file) {
  const std::size_t nodes = job.nodes.size();
  std::vector<std::string> argv = {"srun", fmt::format("--nodes={}", nodes),
                                   fmt::format("--ntasks={}", nodes), "--ntasks-per-node=1"};
  if (const auto cpus = equal_cpus(job)) argv.push_back(fmt::format("--cpus-per-task={}", *cpus));
  for (const char* option : {"--mpi=none", "--overlap", "--kill-on-bad-exit=0", "--no-kill",
                             "--wait=0", "--input=all", "--cpu-bind=none", "--export=ALL"})
    argv.emplace_back(option);
  argv.insert(argv.end(), extra_args.begin(), extra_args.end());
  argv.insert(argv.end(), {program, "node", "--task", task_file});
  return argv;
}

Environment srun_environment(const Environment& job) {
  Environment environment;
  std::copy_if(job.begin(), job.end(), std::back_inserter(environment),
               [](const std::string& entry) {
                 return !is_dropped(std::string_view(entry).substr(0, entry.find('=')));
               });
  return environment;
}

std::vector<std::string> find_lost_nodes(std::string_view line) {
  constexpr std::string_view k_error = "srun: error: ";
  constexpr std::string_view k_failure = "Node failure on ";
  const std::size_t at = line.find(k_error);
  if (at == line.npos) return {};
  std::string_view rest = trim(line.substr(at + k_error.size()));
  std::string_view hosts;
  if (rest.starts_with(k_failure)) {
    hosts = rest.substr(k_failure.size());
  } else if (const std::size_t colon = rest.find(": task");
             colon != rest.npos && rest.find(':', colon + 1) != rest.npos) {
    hosts = rest.substr(0, colon);
  }
  if (hosts.empty() || hosts.find(' ') != hosts.npos) return {};
  return expand_hostlist(hosts).value_or(std::vector<std::string>{});
}

}  // namespace foz::agent
