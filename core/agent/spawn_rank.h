/// Starts one long-lived process: a rank, or a node's setup. In a session of its own, with exactly
/// the environment, folder, limits and signals it was given, and nothing else inherited. Whether
/// the program could be executed is learned later, from `outcome`, so that a stalled filesystem
/// under execve() does not stop the agent.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"
#include "plugins/api/api.h"

namespace foz::agent {

struct SpawnRequest {
  std::vector<std::string> argv;  ///< argv[0] is looked for on the PATH of `environment`
  Environment environment;
  std::string workdir;
  std::optional<unsigned> umask;
  std::map<std::string, std::string> limits;  ///< soft limits by name; core is 0 unless it is here
  plugin::Terminate terminate = plugin::Terminate::pass;
  int input = -1;   ///< becomes its standard input; -1: /dev/null
  int output = -1;  ///< becomes its standard output
  int error = -1;   ///< becomes its standard error; -1: `output`
  int extra = -1;   ///< becomes its descriptor 3, if any
};

struct Spawned {
  pid_t pid = -1;
  Fd outcome;  ///< at end of file: it runs; else read_spawn_error() says why not
};

/// An error here: nothing was started.
[[nodiscard]] Result<Spawned> spawn_rank(const SpawnRequest& request);

/// Why it could not run, from `outcome` when that is readable; nullopt when it runs.
[[nodiscard]] std::optional<std::string> read_spawn_error(int outcome, const SpawnRequest& request);

/// One soft limit: "16384", "unlimited", "64GiB". Code::invalid for an unknown name or value.
[[nodiscard]] Result<std::pair<int, rlim_t>> parse_limit(const std::string& name,
                                                         const std::string& value);

}  // namespace foz::agent
