/// `foz plugin try`: what a plugin would start on nodes that do not exist. The whole way of a real
/// launch (check, shape, placement, launch, expansion of every rank) without a cluster; pure but
/// for what a program plugin does.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/plugin/expand.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// Nodes n1, n2, ... at 10.0.0.1, 10.0.0.2, ..., all alike.
struct TryRequest {
  std::uint32_t nodes = 1;
  std::uint32_t cpus = 4;
  std::uint64_t memory_mib = 6144;
  std::uint32_t gpus = 0;
  std::uint32_t ranks_per_node = 0;  ///< 0: not said
  Value with;                        ///< as check_with() gave it
  std::string plugin_dir;
};

struct TriedRank {
  RankSlot slot;
  RankCommand command;
};

struct Trial {
  Shape shape;
  Launch launch;
  std::vector<Node> nodes;
  std::uint32_t world_size = 0;
  std::vector<TriedRank> ranks;
};

/// Code::refused with the plugin's own sentence where it has no answer; Code::invalid where an
/// answer cannot be used.
[[nodiscard]] Result<Trial> try_plugin(const Plugin& plugin, const TryRequest& request);

/// For people, and for programs.
[[nodiscard]] std::string render_text(const Trial& trial);
[[nodiscard]] std::string to_json(const Trial& trial);

}  // namespace foz::plugin
