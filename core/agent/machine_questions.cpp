#include "core/agent/machine_questions.h"

#include <fmt/format.h>

#include <algorithm>

namespace foz::agent {

bool all(const std::vector<bool>& bits) {
  return std::all_of(bits.begin(), bits.end(), [](bool bit) { return bit; });
}

bool is_before_worlds(const State& state) {
  return state.phase == Phase::connecting || state.phase == Phase::preparing;
}

bool has_world(const State& state) {
  return state.phase == Phase::running || state.phase == Phase::settling ||
         state.phase == Phase::stopping;
}

bool is_current(const State& state, WorldId world, std::size_t slot) {
  return has_world(state) && world == state.world && slot < state.ranks.size();
}

bool is_clear(const State& state) {
  for (std::size_t i = 0; i < state.node_clear.size(); ++i)
    if (state.node_up[i] && !state.node_clear[i]) return false;
  return true;
}

bool every_rank(const RoleView& role, RankPhase least) {
  return role.reached[static_cast<std::size_t>(least)] == role.reached[0];
}

bool is_up(const State& state) {
  return std::all_of(state.roles.begin(), state.roles.end(),
                     [](auto& role) { return every_rank(role, RankPhase::running); });
}

bool is_over(const State& state) {
  return std::all_of(state.roles.begin(), state.roles.end(), [](auto& role) {
    return !role.decides || every_rank(role, RankPhase::ended);
  });
}

bool port_was_taken(const State& state) {
  return !state.cause && std::any_of(state.ends.begin(), state.ends.end(), [](auto& end) {
    return end.bind_failure && end.wait_status != 0 && !end.ended_by_us;
  });
}

std::string missing_nodes(const State& state) {
  const auto up = std::count(state.node_up.begin(), state.node_up.end(), true);
  return fmt::format("{} of {} nodes did not answer within {} s", state.nodes - up, state.nodes,
                     std::chrono::duration_cast<std::chrono::seconds>(k_connect_limit).count());
}

}  // namespace foz::agent
