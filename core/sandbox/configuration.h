/// The files that make Slurm's daemons a sandbox. Pure: options in, text out; one place for every
/// slurm.conf key, with the reason where it is not plain.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

/// What the machine decides.
struct Machine {
  std::string hostname;  ///< short
  std::string user;      ///< its name, or its number
  Release release;
  int first_port = 0;  ///< slurmctld's; node i (from 0) has first_port + 1 + i
  fs::path folder;
};

struct ConfigurationFile {
  std::string name;  ///< in the sandbox's folder
  std::string text;
};

[[nodiscard]] std::vector<ConfigurationFile> make_configuration(const SandboxOptions& options,
                                                                const Machine& machine);

/// "n1" ... "n4".
[[nodiscard]] std::vector<std::string> node_names(int nodes);

/// First line of every slurm.conf that foz writes: a folder that holds one is a sandbox's.
inline constexpr std::string_view k_first_line =
    "# A foz sandbox: private, throw-away. Written by 'foz sandbox up'.";

/// Reads "slurm-wlm 22.05.8" or "slurm 24.11.5-1"; Code::invalid for anything else.
[[nodiscard]] Result<Release> parse_release(std::string_view version_line);

}  // namespace foz::sandbox
