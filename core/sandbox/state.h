/// The state file of a sandbox, <folder>/sandbox: what it was built with, and which processes were
/// started.
///
///   file   := "foz-sandbox 1" LF (key SP value LF)*
///   key    := name nodes cpus_per_node memory_per_node gpus_per_node gpu_type switches cred_expire
///             min_job_age max_array_size    the options, each once
///           | line      one more line of slurm.conf; as often as there are
///           | release | port
///           | boot      the kernel's boot id, as pids and start times mean nothing after a restart
///           | daemon    pid SP start_time SP role
///           | ready     once all nodes were idle; absent: starting was cut short
///
/// Unknown keys are skipped; a first line with another number is an error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

struct State {
  SandboxOptions options;  ///< without home
  Release release;
  int port = 0;
  std::string boot;
  std::vector<Daemon> daemons;  ///< `alive` is not recorded
  enum class Progress { starting, ready } progress = Progress::starting;
};

[[nodiscard]] std::string format_state(const State& state);
[[nodiscard]] Result<State> parse_state(std::string_view text);

[[nodiscard]] Result<void> save_state(const fs::path& folder, const State& state);
/// Code::not_found when there is none.
[[nodiscard]] Result<State> load_state(const fs::path& folder);

/// This boot of the machine; empty where the kernel does not say.
[[nodiscard]] std::string boot_id();

}  // namespace foz::sandbox
