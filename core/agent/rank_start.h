/// The exact start of one rank: every reference filled, every variable set, nothing done yet. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/agent/spawn_rank.h"
#include "core/agent/world.h"
#include "core/base/result.h"
#include "core/plugin/expand.h"
#include "plugins/api/api.h"

namespace foz::agent {

struct RankStart {
  std::size_t slot = 0;
  std::string title;  ///< "rank worker.1 on n2"
  std::string role;   ///< "" in a step without a plugin
  std::uint32_t role_rank = 0;
  std::string node;
  SpawnRequest spawn;                ///< but for `output`
  std::vector<std::string> folders;  ///< made before it starts, then the files
  std::vector<plugin::File> files;
  std::string log;        ///< path
  std::string separator;  ///< line to put between this start and what the log holds already; empty:
                          ///< the first start
  std::optional<plugin::Readiness> ready;
  std::optional<plugin::Proof> proof;
  std::vector<plugin::LastWords> last_words;
  std::map<int, std::string> exit_codes;
};

/// `base`: the task's environment on this node (job, FOZ_*, the stage's variables, setup). On top
/// of it, in this order: GPUs narrowed, FOZ_RANK and its like, the stage's rank-level variables,
/// what the launch unsets, what the launch sets, OMP_NUM_THREADS from the rank's CPUs when unset.
[[nodiscard]] Result<RankStart> make_rank_start(const TaskPlan& task, const WorldPlan& world,
                                                const plugin::Expander& expander, std::size_t slot,
                                                const Environment& base);

/// The stage's variables that hold no rank-level reference, final; the others are a rank's.
[[nodiscard]] Variables node_variables(const TaskPlan& task);

}  // namespace foz::agent
