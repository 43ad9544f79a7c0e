/// What the machine asks of its state before it decides. Behind machine.h; changes nothing.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/agent/machine.h"

namespace foz::agent {

[[nodiscard]] bool all(const std::vector<bool>& bits);

/// Nodes are being reached or set up.
[[nodiscard]] bool is_before_worlds(const State& state);
/// There may be ranks.
[[nodiscard]] bool has_world(const State& state);
/// Whether what is said of a rank is about the present world.
[[nodiscard]] bool is_current(const State& state, WorldId world, std::size_t slot);
/// Nothing of the world is left on any node that can still speak.
[[nodiscard]] bool is_clear(const State& state);

/// Whether each of a role's ranks has come as far as `least`.
[[nodiscard]] bool every_rank(const RoleView& role, RankPhase least);
[[nodiscard]] bool is_up(const State& state);
/// The deciding ranks have ended.
[[nodiscard]] bool is_over(const State& state);
/// The world failed since somebody else had one of its ports, and for no other cause.
[[nodiscard]] bool port_was_taken(const State& state);

/// "2 of 3 nodes did not answer within 120 s"
[[nodiscard]] std::string missing_nodes(const State& state);

}  // namespace foz::agent
