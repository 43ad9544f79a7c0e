#include "core/spec/output_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/text.h"
#include "core/task/axis.h"
#include "core/task/template.h"

namespace foz::spec {

namespace {

using Names = std::set<std::string, std::less<>>;

std::string normal(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

/// What the paths of one stage's outputs depend on, through each other.
class PathReferences {
 public:
  explicit PathReferences(const Stage& stage) {
    for (const OutputSpec& output : stage.outputs) {
      const auto references = task::find_references(output.path.value);
      auto& own = direct_[output.name.value];
      if (!references) continue;
      for (const task::Reference& reference : *references) own.insert(reference.path);
    }
  }

  /// All references that a path comes down to; nullopt where outputs name each other in a circle.
  std::optional<Names> find(const std::string& output) {
    Names open, found;
    return collect(output, open, found) ? std::optional(found) : std::nullopt;
  }

 private:
  bool collect(const std::string& output, Names& open, Names& found) {
    if (open.size() > k_most_deep || !open.insert(output).second) return false;
    for (const std::string& reference : direct_[output]) {
      constexpr std::string_view k_outputs = "task.outputs.";
      if (!reference.starts_with(k_outputs)) {
        found.insert(reference);
      } else if (done_.insert(reference).second ||
                 open.contains(reference.substr(k_outputs.size()))) {
        if (!collect(reference.substr(k_outputs.size()), open, found)) return false;
      }
    }
    open.erase(output);
    return true;
  }

  static constexpr std::size_t k_most_deep = 100;
  std::map<std::string, Names> direct_;
  Names done_;
};

/// Whether the referenced columns tell every two rows apart; else two rows (from 1) that they do
/// not.
std::optional<std::pair<std::size_t, std::size_t>> find_twin_rows(const task::Axis& axis,
                                                                  const Names& references) {
  const auto* rows = std::get_if<task::RowsAxis>(&axis.values);
  const auto* list = std::get_if<task::ListAxis>(&axis.values);
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; rows != nullptr && i < rows->columns.size(); ++i) {
    if (references.contains(fmt::format("matrix.{}.{}", axis.name, rows->columns[i])))
      columns.push_back(i);
  }
  if (rows != nullptr && rows->columns.empty()) columns.push_back(0);
  std::map<std::vector<std::string_view>, std::size_t> seen;
  const std::size_t count = rows != nullptr   ? rows->rows.size()
                            : list != nullptr ? list->values.size()
                                              : 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string_view> key;
    if (list != nullptr) key.push_back(list->values[i]);
    for (const std::size_t column : columns) key.push_back(rows->rows[i][column]);
    const auto [before, is_new] = seen.emplace(std::move(key), i);
    if (!is_new) return std::pair(before->second + 1, i + 1);
  }
  return std::nullopt;
}

bool names_axis(const Names& references, const std::string& axis) {
  const std::string name = "matrix." + axis;
  const auto found = references.lower_bound(name);
  return references.contains(name) || (found != references.end() && found->starts_with(name + "."));
}

class OutputChecker {
 public:
  OutputChecker(const Draft& draft, Diagnostics& diagnostics)
      : draft_(draft), references_(draft.stage), diagnostics_(diagnostics) {}

  void run() {
    std::map<std::string, const OutputSpec*> paths;
    for (const OutputSpec& output : draft_.stage.outputs) {
      const auto [before, is_new] = paths.emplace(normal(output.path.value), &output);
      if (!is_new) {
        diagnostics_.error(output.path.where,
                           fmt::format("outputs '{}' and '{}' have the same path",
                                       before->second->name.value, output.name.value));
      }
      check_tasks(output);
    }
  }

 private:
  void check_tasks(const OutputSpec& output) {
    const auto references = references_.find(output.name.value);
    if (!references) {
      diagnostics_.error(output.path.where, fmt::format("output '{}' names itself through its path",
                                                        output.name.value));
      return;
    }
    const bool is_many = draft_.is_matrix_known && draft_.matrix != nullptr && draft_.tasks > 1;
    if (!is_many || references->contains("task.name") || references->contains("task.index")) return;
    for (const task::Axis& axis : draft_.matrix->axes) {
      if (!check_axis(output, axis, *references)) return;
    }
  }

  /// Whether tasks that differ on this axis only have different paths.
  bool check_axis(const OutputSpec& output, const task::Axis& axis, const Names& references) {
    if (task::count_of_axis(axis) == 1) return true;
    const std::string hint = "put ${{ task.name }} into the path";
    if (!names_axis(references, axis.name)) {
      const bool depends =
          std::any_of(references.begin(), references.end(),
                      [](const std::string& name) { return name.starts_with("matrix."); });
      diagnostics_.error(
          output.path.where,
          depends ? fmt::format("tasks that differ only in '{}' would write the same '{}'",
                                axis.name, output.name.value)
                  : fmt::format("all {} of stage '{}' would write the same '{}'",
                                count_of(draft_.tasks, "task"), draft_.stage.name.value,
                                output.name.value),
          hint);
      return false;
    }
    const auto twins = find_twin_rows(axis, references);
    if (!twins) return true;
    diagnostics_.error(
        output.path.where,
        fmt::format("the tasks of values {} and {} of axis '{}' would write the same '{}'",
                    twins->first, twins->second, axis.name, output.name.value),
        hint);
    return false;
  }

  const Draft& draft_;
  PathReferences references_;
  Diagnostics& diagnostics_;
};

/// Two stages that write the same path one after the other may be meant; that nobody else notices
/// is not.
void check_across(const std::vector<Draft>& drafts, Diagnostics& diagnostics) {
  std::map<std::string, std::string> owners;
  for (const Draft& draft : drafts) {
    const std::string folder =
        draft.stage.workdir ? draft.stage.workdir->value + "/" : std::string();
    for (const OutputSpec& output : draft.stage.outputs) {
      if (output.path.value.find("${{") != std::string::npos) continue;
      const auto [before, is_new] =
          owners.emplace(normal(folder + output.path.value), draft.stage.name.value);
      if (is_new || before->second == draft.stage.name.value) continue;
      diagnostics.warning(output.path.where,
                          fmt::format("stages '{}' and '{}' write the same output '{}'",
                                      before->second, draft.stage.name.value, output.path.value));
    }
  }
}

}  // namespace

void check_output_paths(const std::vector<Draft>& drafts, Diagnostics& diagnostics) {
  for (const Draft& draft : drafts) {
    if (draft.stage.outputs.empty()) continue;
    const auto scope = diagnostics.in(fmt::format("in stage '{}'", draft.stage.name.value));
    OutputChecker(draft, diagnostics).run();
  }
  check_across(drafts, diagnostics);
}

}  // namespace foz::spec
