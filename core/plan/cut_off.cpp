#include <algorithm>
#include <map>

#include "core/plan/builder.h"

namespace foz::plan {

namespace {

/// What becomes of a stage when a task of one above it fails.
enum class Fate { untouched, in_part, never_starts };

struct Edge {
  std::size_t parent;  ///< place in the plan
  task::EdgeKind kind;
};

/// Of each stage, in the plan's order: parents stand before their children.
std::vector<std::vector<Edge>> edges_of(const Plan& plan) {
  std::map<std::string_view, std::size_t> places;
  std::vector<std::vector<Edge>> edges;
  for (const StagePlan& stage : plan.stages) {
    auto& own = edges.emplace_back();
    for (const task::Parent& parent : stage.tasks.parents)
      own.push_back({places.at(parent.stage), parent.kind});
    places.emplace(stage.name, edges.size() - 1);
  }
  return edges;
}

/// Elements that wait for all of a stage never start when one of it fails, nor do those that wait
/// for one that never starts; those that wait for one element miss the failed one.
Fate fate_behind(const Edge& edge, Fate parent) {
  if (edge.kind == task::EdgeKind::success)
    return parent == Fate::untouched ? Fate::untouched : Fate::never_starts;
  return edge.kind == task::EdgeKind::each ? parent : Fate::untouched;
}

std::vector<std::string> behind(const Plan& plan, const std::vector<std::vector<Edge>>& edges,
                                std::size_t failed) {
  std::vector<Fate> fates(plan.stages.size(), Fate::untouched);
  std::vector<std::string> held;
  fates[failed] = Fate::in_part;
  for (std::size_t i = failed + 1; i < plan.stages.size(); ++i) {
    for (const Edge& edge : edges[i])
      fates[i] = std::max(fates[i], fate_behind(edge, fates[edge.parent]));
    if (fates[i] == Fate::never_starts && has_held_partner(plan.stages[i]))
      held.push_back(plan.stages[i].name);
  }
  return held;
}

}  // namespace

void find_cut_off(Plan& plan) {
  if (std::none_of(plan.stages.begin(), plan.stages.end(), has_held_partner)) return;
  const auto edges = edges_of(plan);
  for (std::size_t i = 0; i < plan.stages.size(); ++i)
    plan.stages[i].tasks.cut_off = behind(plan, edges, i);
}

}  // namespace foz::plan
