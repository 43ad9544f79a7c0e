#include "core/spec/output_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <unordered_map>

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
      Names& own = direct_[output.name.value];
      if (!references) continue;
      for (const task::Reference& reference : *references) own.insert(reference.path);
    }
  }

  /// All references that a path comes down to; nullopt where outputs name each other in a circle,
  /// or deeper than anybody would.
  std::optional<Names> find(const std::string& output) const {
    Walk walk;
    return collect(output, walk) ? std::optional(std::move(walk.found)) : std::nullopt;
  }

 private:
  static constexpr std::size_t k_most_deep = 8;
  static constexpr std::string_view k_outputs = "task.outputs.";

  struct Walk {
    Names found;  ///< references but those to outputs
    Names open;   ///< outputs from the first one to here
    Names done;
  };

  bool collect(const std::string& output, Walk& walk) const {
    const auto own = direct_.find(output);
    if (own == direct_.end() || walk.done.contains(output)) return true;
    if (walk.open.size() > k_most_deep || !walk.open.insert(output).second) return false;
    for (const std::string& reference : own->second) {
      if (!reference.starts_with(k_outputs)) {
        walk.found.insert(reference);
      } else if (!collect(reference.substr(k_outputs.size()), walk)) {
        return false;
      }
    }
    walk.open.erase(output);
    walk.done.insert(output);
    return true;
  }

  std::map<std::string, Names> direct_;
};

using Twins = std::optional<std::pair<std::size_t, std::size_t>>;  ///< two values, counted from 1

/// Values of an axis that paths do not tell apart.
class TwinFinder {
 public:
  /// The first two values that are the same in every column that `references` name.
  Twins find(const task::Axis& axis, const Names& references) {
    const auto* rows = std::get_if<task::RowsAxis>(&axis.values);
    if (const auto* list = std::get_if<task::ListAxis>(&axis.values)) {
      return remembered(axis, {}, [list](std::size_t i) { return list->values[i]; });
    }
    if (rows == nullptr) return std::nullopt;  // a range repeats nothing
    Columns columns;
    for (std::size_t i = 0; i < rows->columns.size(); ++i) {
      if (references.contains(fmt::format("matrix.{}.{}", axis.name, rows->columns[i])))
        columns.push_back(i);
    }
    if (rows->columns.empty()) columns.push_back(0);
    return remembered(axis, columns, [rows, &columns](std::size_t i) {
      std::string key;
      for (const std::size_t column : columns) key += rows->rows[i][column] + '\0';
      return key;
    });
  }

 private:
  using Columns = std::vector<std::size_t>;
  static constexpr std::uint64_t k_most_looked_at =
      2'000'000;  ///< over all stages; more is not looked for

  template <class KeyOf>
  Twins remembered(const task::Axis& axis, const Columns& columns, const KeyOf& key_of) {
    const auto [known, is_new] = known_.try_emplace({&axis, columns});
    if (is_new) known->second = search(task::count_of_axis(axis), key_of);
    return known->second;
  }

  template <class KeyOf>
  Twins search(std::size_t count, const KeyOf& key_of) {
    looked_at_ += count;
    if (looked_at_ > k_most_looked_at) return std::nullopt;
    std::unordered_map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < count; ++i) {
      const auto [before, is_first] = seen.emplace(key_of(i), i);
      if (!is_first) return std::pair(before->second + 1, i + 1);
    }
    return std::nullopt;
  }

  std::map<std::pair<const task::Axis*, Columns>, Twins> known_;
  std::uint64_t looked_at_ = 0;
};

bool names_axis(const Names& references, const std::string& axis) {
  const std::string name = "matrix." + axis;
  const auto found = references.lower_bound(name);
  return references.contains(name) || (found != references.end() && found->starts_with(name + "."));
}

class OutputChecker {
 public:
  OutputChecker(const Draft& draft, TwinFinder& twins, Diagnostics& diagnostics)
      : draft_(draft), references_(draft.stage), twins_(twins), diagnostics_(diagnostics) {}

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
    const Twins twins = twins_.find(axis, references);
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
  TwinFinder& twins_;
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
  TwinFinder twins;
  for (const Draft& draft : drafts) {
    if (draft.stage.outputs.empty()) continue;
    const auto scope = diagnostics.in(fmt::format("in stage '{}'", draft.stage.name.value));
    OutputChecker(draft, twins, diagnostics).run();
  }
  check_across(drafts, diagnostics);
}

}  // namespace foz::spec
