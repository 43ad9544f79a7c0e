/// Where the ranks of a shape go. Pure: the keeper asks it before it reserves ports, `foz plugin
/// try` with pretended nodes. Knows nothing of Slurm, of ports' numbers or of any framework.
///
///   role order    as the shape names them; ranks of the world are numbered through all its world
///                 roles in that order
///   node order    as the caller gives them (the keeper sorts by switch before); ranks of one role
///                 on one node are neighbours (host-major), so that node n never holds a smaller
///                 role_rank than node n-1
///   total         shared out evenly, the earlier nodes take the rest: 5 ranks on 2 nodes are 3
///                 and 2
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

struct Placement {
  /// Role by role, ascending role_rank; `ports` has every wanted name with port 0.
  std::vector<RankSlot> slots;
  std::uint32_t world_size = 0;  ///< ranks of the roles that count as the world
};

/// Code::invalid for a shape that cannot be placed: no role, two of one name, a role without ranks,
/// no node.
[[nodiscard]] Result<Placement> place(const Shape& shape, std::uint32_t node_count);

}  // namespace foz::plugin
