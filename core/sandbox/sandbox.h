/// A private, rootless, throw-away Slurm on one machine: munged, slurmctld and several `slurmd -N`,
/// all of the calling user, on loopback ports of their own. The same binaries as on a cluster, so
/// that a laptop, CI and a cluster run the same code; a sandbox invents its nodes' CPUs, memory,
/// GPUs and switches.
///
/// A sandbox is a folder, <home>/<name>, and the processes that carry its path. Nothing else is
/// kept anywhere, so that any foz can find, judge and end a sandbox that another one started,
/// whatever was killed half-way. Several stand side by side: each has its own munge key, ports and
/// folder.
///
/// Not here: accounting (slurmdbd), cgroups, and who submits what. Knows nothing of foz's own runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"
#include "core/sandbox/processes.h"

namespace foz::sandbox {

/// What to build. check_options() says what is allowed.
struct SandboxOptions {
  std::string name = "default";
  int nodes = 4;
  int cpus_per_node = 4;
  std::uint64_t memory_per_node = 6144;  ///< MiB; invented, nothing is reserved
  /// At most 4: each needs a character device of its own that anybody may open.
  int gpus_per_node = 0;
  std::string gpu_type;  ///< as in --gres=gpu:TYPE:N; empty for none
  /// Leaf switches below one top switch, at most one a node. 0: no topology.
  int switches = 2;
  int cred_expire = 5;  ///< seconds; also how long a requeued job waits (120 on a cluster)
  std::optional<int> min_job_age;     ///< seconds until a finished job is forgotten (Slurm: 300)
  std::optional<int> max_array_size;  ///< one more than the largest index (sandbox: 100,001)
  /// More lines for slurm.conf, "KillWait=5". One replaces ours of the same key; of partitions and
  /// nodes, of the same key and name.
  std::vector<std::string> lines;
  fs::path home;  ///< where sandboxes lie; empty: see home_candidates() in place.h

  bool operator==(const SandboxOptions&) const = default;
};

/// Slurm's release, from `slurmctld -V`.
struct Release {
  int year = 0;  ///< 22 of 22.05.8
  int month = 0;
  int patch = 0;
  auto operator<=>(const Release&) const = default;
};

enum class Condition {
  absent,  ///< no folder, no process
  up,      ///< complete, and every daemon that was started lives
  /// Remnants: its start was cut short, a daemon died, or the folder is gone and daemons live.
  damaged,
};

struct Daemon {
  std::string role;  ///< "munged", "slurmctld", "slurmd n1"
  ProcessId process;
  bool alive = false;
};

/// One node as the controller sees it.
struct NodeState {
  std::string name;
  std::string state;  ///< sinfo's word: "idle", "mixed", "down*"
};

/// A sandbox as it is found.
struct Sandbox {
  SandboxOptions options;  ///< it was built with; of a damaged one only name and home are sure
  fs::path folder;
  Release release;
  int port = 0;  ///< slurmctld's; the nodes' follow it
  Condition condition = Condition::absent;
  std::vector<std::string> problems;  ///< of a damaged one, a sentence each
  std::vector<Daemon> daemons;
  std::vector<NodeState> nodes;  ///< status() only; empty where the controller did not answer

  [[nodiscard]] fs::path slurm_conf() const { return folder / "slurm.conf"; }
};

enum class Outcome {
  started,
  rebuilt,     ///< remnants were cleaned away first
  already_up,  ///< nothing was done
};

struct Up {
  Sandbox sandbox;
  Outcome outcome = Outcome::started;
  std::chrono::milliseconds took{0};
};

/// Builds the sandbox and waits until every node is idle. Idempotent. Code::refused: one of that
/// name is up with other options, or the folder holds something else; not_found: a program is
/// missing (the message names the Debian package); invalid: the options or the place cannot work.
/// After an error nothing is left.
[[nodiscard]] Result<Up> up(const SandboxOptions& options);

/// What is there, never an error for what is broken. `home` as in SandboxOptions.
[[nodiscard]] Result<Sandbox> status(const std::string& name, const fs::path& home = {});
/// The names of all sandboxes found, sorted.
[[nodiscard]] std::vector<std::string> list_names(const fs::path& home = {});

struct Down {
  Condition was = Condition::absent;
  std::size_t processes = 0;                ///< how many were ended: daemons, steps and jobs
  fs::path folder;                          ///< what was removed
  std::optional<std::size_t> running_jobs;  ///< nullopt: its controller did not say
};

/// Ends daemons, steps and jobs (jobs by TERM first, two seconds for them), waits until they are
/// gone, removes the folder. Only processes that carry this sandbox's path, or that were recorded
/// with the same start time, are touched. Idempotent: `was` is absent where nothing was found.
/// Code::refused: called from inside one of its jobs, or the folder holds something else.
[[nodiscard]] Result<Down> down(const std::string& name, const fs::path& home = {});

/// What a client's environment must be to reach this sandbox and nothing else.
struct ClientEnvironment {
  Environment set;  ///< "SLURM_CONF=..."
  /// Variables of `callers` that would lead its commands elsewhere: of a job that it runs in, or a
  /// site's defaults for sbatch and srun.
  std::vector<std::string> unset;
};
[[nodiscard]] ClientEnvironment client_environment(const Sandbox& sandbox,
                                                   const Environment& callers);
/// The same as lines for a POSIX shell to eval.
[[nodiscard]] std::string to_shell(const ClientEnvironment& environment);

/// Code::invalid with all of what is wrong; nothing is looked up on the machine.
[[nodiscard]] Result<void> check_options(const SandboxOptions& options);

[[nodiscard]] std::string to_string(const Release& release);
[[nodiscard]] std::string_view to_string(Condition condition);
[[nodiscard]] std::string_view to_string(Outcome outcome);

/// {"name", "condition", "folder", "slurm_conf", "release", "port", "options": {...},
///  "environment": {"set": {...}, "unset": [...]}, "problems": [...],
///  "daemons": [{"role", "pid", "alive"}], "nodes": [{"name", "state"}]}
/// up() adds "outcome" and "seconds". down(): {"was", "processes", "folder"} and, where the
/// controller said it, "running_jobs".
[[nodiscard]] std::string to_json(const Sandbox& sandbox);
[[nodiscard]] std::string to_json(const Up& up);
[[nodiscard]] std::string to_json(const Down& down);

}  // namespace foz::sandbox
