#include "core/spec/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <queue>

#include "core/base/text.h"

namespace foz::spec {

namespace {

using Edges = std::vector<std::vector<std::size_t>>;

constexpr std::size_t k_most_named = 12;

SourceRange need_place(const Draft& child, std::string_view parent) {
  for (const Need& need : child.stage.needs) {
    if (need.stage.value == parent) return need.stage.where;
  }
  return child.stage.name.where;
}

/// Parents of every stage; reports what is missing.
Edges parents_of(const std::vector<Draft>& drafts, const StageIndex& index,
                 Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Draft& draft : drafts) names.push_back(draft.stage.name.value);
  Edges parents(drafts.size());
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    const auto scope = diagnostics.in(fmt::format("in stage '{}'", names[i]));
    for (const Need& need : drafts[i].stage.needs) {
      const auto found = index.find(need.stage.value);
      if (found == index.end()) {
        diagnostics.error(need.stage.where, fmt::format("there is no stage '{}'", need.stage.value),
                          did_you_mean(need.stage.value, names, diagnostics));
      } else if (found->second == i) {
        diagnostics.error(need.stage.where, fmt::format("stage '{}' needs itself", names[i]));
      } else {
        parents[i].push_back(found->second);
      }
    }
  }
  return parents;
}

Edges reversed(const Edges& edges) {
  Edges back(edges.size());
  for (std::size_t i = 0; i < edges.size(); ++i) {
    for (const std::size_t j : edges[i]) back[j].push_back(i);
  }
  return back;
}

/// Stages that are in a circle or between two: what no sorting from either end reaches.
std::vector<bool> in_circles(const Edges& parents) {
  std::vector<bool> inside(parents.size(), true);
  for (const std::size_t i : sort_stages(parents)) inside[i] = false;
  for (const std::size_t i : sort_stages(reversed(parents))) inside[i] = false;
  return inside;
}

/// "a -> b -> a", each needing the next.
std::string describe_circle(const std::vector<std::size_t>& circle,
                            const std::vector<Draft>& drafts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < circle.size() && i < k_most_named; ++i) {
    names.push_back(drafts[circle[i]].stage.name.value);
  }
  if (circle.size() > k_most_named) names.emplace_back("...");
  names.push_back(drafts[circle.front()].stage.name.value);
  return join(names, " -> ");
}

/// One error for each circle that is found by walking up from every stage that is in one.
void report_circles(const std::vector<Draft>& drafts, const Edges& parents,
                    Diagnostics& diagnostics) {
  std::vector<bool> inside = in_circles(parents);
  std::vector<std::size_t> seen_in(drafts.size(), 0);  ///< the walk that came by; 0: none
  for (std::size_t start = 0; start < drafts.size(); ++start) {
    std::vector<std::size_t> walk;
    std::size_t at = start;
    while (inside[at] && seen_in[at] == 0) {
      seen_in[at] = start + 1;
      walk.push_back(at);
      at = *std::find_if(parents[at].begin(), parents[at].end(),
                         [&](std::size_t p) { return inside[p]; });
    }
    if (walk.empty() || seen_in[at] != start + 1) continue;
    const std::vector<std::size_t> circle(std::find(walk.begin(), walk.end(), at), walk.end());
    const Draft& first = drafts[circle.front()];
    const Draft& next = drafts[circle.size() > 1 ? circle[1] : circle[0]];
    diagnostics.error(
        need_place(first, next.stage.name.value),
        fmt::format("these stages wait for each other: {}", describe_circle(circle, drafts)),
        "take one of the 'needs' out");
  }
}

class MatrixSettler {
 public:
  MatrixSettler(std::vector<Draft>& drafts, const StageIndex& index, Diagnostics& diagnostics)
      : drafts_(drafts), index_(index), diagnostics_(diagnostics) {}

  void settle(Draft& draft) {
    const auto scope = diagnostics_.in(fmt::format("in stage '{}'", draft.stage.name.value));
    if (draft.stage.matrix) draft.matrix = &draft.stage.matrix->value;
    const Need* first = nullptr;
    for (const Need& need : draft.stage.needs) {
      if (need.kind != task::EdgeKind::each) continue;
      const auto found = index_.find(need.stage.value);
      if (found == index_.end()) {
        draft.is_matrix_known = false;
      } else {
        take(draft, need, drafts_[found->second], first);
      }
    }
    const bool is_single = draft.matrix == nullptr && draft.is_matrix_known;
    if (draft.array_where && is_single) {
      diagnostics_.error(*draft.array_where, "'array' without a matrix: the stage has one task");
    }
  }

 private:
  void take(Draft& draft, const Need& need, const Draft& parent, const Need*& first) {
    if (first == nullptr && draft.matrix_where) {
      diagnostics_.error(*draft.matrix_where,
                         fmt::format("'matrix' beside 'each': the stage takes the matrix of '{}'",
                                     need.stage.value),
                         "leave out one of the two");
      first = &need;
      return;
    }
    if (!parent.is_matrix_known || draft.matrix_where) {
      draft.is_matrix_known = draft.is_matrix_known && parent.is_matrix_known;
      return;
    }
    if (parent.matrix == nullptr) {
      diagnostics_.error(need.stage.where,
                         fmt::format("stage '{}' has one task: there is nothing to take each of",
                                     need.stage.value),
                         fmt::format("write {}: success", need.stage.value));
      draft.is_matrix_known = false;
      return;
    }
    if (first == nullptr) {
      first = &need;
      draft.matrix = parent.matrix;
      draft.tasks = parent.tasks;
    } else if (!is_same(draft.matrix, parent.matrix)) {
      diagnostics_.error(need.stage.where,
                         fmt::format("'{}' and '{}' have different matrices ({} and {}): their "
                                     "elements do not belong together",
                                     first->stage.value, need.stage.value,
                                     count_of(draft.tasks, "task"), count_of(parent.tasks, "task")),
                         "'each' parents of one stage must have the same matrix");
    }
  }

  /// Two rules are compared once, however many stages bring them together.
  bool is_same(const task::MatrixRule* left, const task::MatrixRule* right) {
    if (left == right) return true;
    const auto [known, is_new] = same_.try_emplace(std::pair(left, right), false);
    if (is_new) known->second = *left == *right;
    return known->second;
  }

  std::vector<Draft>& drafts_;
  const StageIndex& index_;
  Diagnostics& diagnostics_;
  std::map<std::pair<const task::MatrixRule*, const task::MatrixRule*>, bool> same_;
};

}  // namespace

StageIndex index_of(const std::vector<Draft>& drafts) {
  StageIndex index;
  for (std::size_t i = 0; i < drafts.size(); ++i) index.emplace(drafts[i].stage.name.value, i);
  return index;
}

std::vector<std::size_t> sort_stages(const Edges& parents) {
  const Edges children = reversed(parents);
  std::vector<std::size_t> waiting(parents.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < parents.size(); ++i) {
    waiting[i] = parents[i].size();
    if (waiting[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t next = ready.top();
    ready.pop();
    order.push_back(next);
    for (const std::size_t child : children[next]) {
      if (--waiting[child] == 0) ready.push(child);
    }
  }
  return order;
}

void check_graph(std::vector<Draft>& drafts, const StageIndex& index, Diagnostics& diagnostics) {
  const Edges parents = parents_of(drafts, index, diagnostics);
  const std::vector<std::size_t> order = sort_stages(parents);
  std::vector<bool> is_sorted(drafts.size(), false);
  MatrixSettler settler(drafts, index, diagnostics);
  for (const std::size_t i : order) {
    settler.settle(drafts[i]);
    is_sorted[i] = true;
  }
  if (order.size() == drafts.size()) return;
  report_circles(drafts, parents, diagnostics);
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    if (!is_sorted[i]) drafts[i].is_matrix_known = false;
  }
}

}  // namespace foz::spec
