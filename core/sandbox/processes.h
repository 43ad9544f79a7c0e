/// Finding and ending the processes of one sandbox without a cgroup: they are known by what they
/// carry, and a pid is only trusted with its start time.
///
/// A process belongs to the sandbox in folder F when
///   - it was started with FOZ_SANDBOX_FOLDER=F (the daemons, and the slurmstepd that slurmd
///     starts), or is a daemon whose arguments name a file of F, or
///   - it was started by a slurmstepd: SLURM_CONF=F/slurm.conf with SLURM_JOB_ID and
///     SLURMD_NODENAME (a shell that merely talks to the sandbox has no SLURMD_NODENAME),
///     where F means the same folder to that process as to us (not so in another container), or
///   - its parent belongs, or its session is that of a slurmstepd that belongs.
/// Not found: what left its session and its parent and threw its environment away.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::sandbox {

/// A process that cannot be mistaken for a later one of the same pid.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_time = 0;  ///< clock ticks since boot, field 22 of /proc/PID/stat
  auto operator<=>(const ProcessId&) const = default;
};

enum class Role { munged, slurmctld, slurmscriptd, slurmd, slurmstepd, job };

struct Process {
  ProcessId id;
  Role role = Role::job;
  std::string node;  ///< of a slurmd: its -N
};

/// nullopt when there is no such process, or only its zombie.
[[nodiscard]] std::optional<ProcessId> identify(pid_t pid);
[[nodiscard]] bool is_alive(const ProcessId& process);

/// Every process of the sandbox in `folder`, by pid.
[[nodiscard]] std::vector<Process> find_processes(const fs::path& folder);

/// Sends `signal` to exactly this process; false when it is gone or may not be signalled.
bool send_signal(const ProcessId& process, int signal);

/// Ends every process of the sandbox in `folder`, and of `recorded` what still lives: the
/// controller first, so that nothing new starts, then jobs (TERM, and `grace` for them), then all
/// that is left. Returns how many were ended, once they are gone; Code::failed names those that
/// would not go.
[[nodiscard]] Result<std::size_t> end_processes(const fs::path& folder,
                                                const std::vector<ProcessId>& recorded,
                                                std::chrono::milliseconds grace);

}  // namespace foz::sandbox
