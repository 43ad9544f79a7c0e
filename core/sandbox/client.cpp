#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/text.h"
#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

namespace {

/// A job's own variables, and what a site sets as defaults: its partitions and accounts do not
/// exist here.
constexpr std::array<std::string_view, 4> k_leading_elsewhere = {"SLURM_", "SBATCH_", "SALLOC_",
                                                                 "SRUN_"};

bool is_shell_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](unsigned char letter) {
    return std::isalnum(letter) != 0 || letter == '_';
  });
}

bool leads_elsewhere(std::string_view name) {
  if (name == "SLURM_CONF") return false;
  return std::any_of(k_leading_elsewhere.begin(), k_leading_elsewhere.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); }) ||
         name == "SQUEUE_CLUSTERS" || name == "SINFO_CLUSTERS";
}

}  // namespace

ClientEnvironment client_environment(const Sandbox& sandbox, const Environment& callers) {
  ClientEnvironment result;
  result.set.push_back("SLURM_CONF=" + sandbox.slurm_conf().native());
  std::set<std::string> names;
  for (const std::string& entry : callers) {
    const std::string name = entry.substr(0, entry.find('='));
    if (leads_elsewhere(name) && is_shell_name(name)) names.insert(name);
  }
  result.unset.assign(names.begin(), names.end());
  return result;
}

std::string to_shell(const ClientEnvironment& environment) {
  std::string lines;
  for (const std::string& entry : environment.set) {
    const std::size_t equals = entry.find('=');
    lines += fmt::format("export {}={}\n", entry.substr(0, equals),
                         shell_quote(std::string_view(entry).substr(equals + 1)));
  }
  if (!environment.unset.empty()) lines += fmt::format("unset {}\n", join(environment.unset, " "));
  return lines;
}

}  // namespace foz::sandbox
