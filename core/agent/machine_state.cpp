#include "core/agent/machine.h"
#include "core/base/result.h"

namespace foz::agent {

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::succeeded:
      return "succeeded";
    case Outcome::failed:
      return "failed";
    case Outcome::cancelled:
      return "cancelled";
    case Outcome::dependency_failed:
      return "dependency_failed";
    case Outcome::interrupted:
      return "interrupted";
  }
  FOZ_ASSERT(false);
  return {};
}

State make_state(std::vector<StepView> steps, std::uint32_t nodes) {
  FOZ_ASSERT(!steps.empty() && nodes > 0);
  State state;
  state.steps = std::move(steps);
  state.nodes = nodes;
  state.node_up.assign(nodes, false);
  state.node_prepared.assign(nodes, false);
  state.node_clear.assign(nodes, false);
  return state;
}

}  // namespace foz::agent
