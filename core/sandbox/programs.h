/// The programs of Slurm and munge on this machine, and how a sandbox runs them.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"
#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

inline constexpr std::string_view k_daemon_folders = "/usr/local/sbin:/usr/sbin:/sbin";

/// Absolute paths.
struct Programs {
  std::string munged;
  std::string slurmctld;
  std::string slurmd;
  std::string scontrol;
  std::string sinfo;
};

/// Looks on PATH and in `more_folders`, where Debian puts daemons and which ordinary users often
/// lack. Code::not_found names every missing program and its package.
[[nodiscard]] Result<Programs> find_programs(const Environment& environment,
                                             std::string_view more_folders = k_daemon_folders);

[[nodiscard]] Result<Release> ask_release(const Programs& programs);

/// What daemons and clients of the sandbox in `folder` are started with: little of the caller's
/// environment, so that nothing of a job or a site leaks in, and the mark that processes.h looks
/// for.
[[nodiscard]] Environment daemon_environment(const fs::path& folder, const Environment& callers);

/// `scontrol ping` says UP.
[[nodiscard]] bool controller_answers(const Programs& programs, const fs::path& folder);
/// All nodes with sinfo's words for their state; Code::unavailable when the controller does not
/// answer.
[[nodiscard]] Result<std::vector<NodeState>> ask_nodes(const Programs& programs,
                                                       const fs::path& folder);

/// How many jobs run, array elements singly; Code::unavailable when the controller does not answer.
[[nodiscard]] Result<std::size_t> count_running_jobs(const Programs& programs,
                                                     const fs::path& folder);

/// What a program said, as one line: lines trimmed, joined by "; ", made printable.
[[nodiscard]] std::string one_line(std::string_view text);

/// The last lines of a daemon's log that say why it ended; empty where there is none.
[[nodiscard]] std::string last_words(const fs::path& log);

}  // namespace foz::sandbox
