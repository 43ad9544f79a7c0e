#include "core/task/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/task/template.h"
#include "core/task/variables.h"

namespace foz::task {

namespace {

/// The rest of `path` behind `prefix`.
std::optional<std::string_view> behind(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  return path.substr(prefix.size());
}

/// One task's values. Outputs may name each other, so a look-up carries how deep it is: deeper than
/// there are outputs means a circle.
class TaskValues {
 public:
  TaskValues(const StageTasks& stage, const MatrixValues& values, TaskIndex index)
      : stage_(stage), values_(values), index_(index) {}

  [[nodiscard]] std::optional<std::string> find(std::string_view path, std::size_t depth) const {
    if (path == "task.name") return task_name(stage_, index_);
    if (path == "task.index") return fmt::format("{}", index_.value);
    if (path == "task.stage") return stage_.stage;
    if (const auto name = behind(path, "matrix.")) return find_matrix(*name);
    if (const auto name = behind(path, "task.outputs.")) return find_output(*name, depth);
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<std::string> find_matrix(std::string_view name) const {
    const auto found = std::find_if(values_.begin(), values_.end(),
                                    [name](const auto& pair) { return pair.first == name; });
    if (found == values_.end()) return std::nullopt;
    return found->second;
  }

  [[nodiscard]] std::optional<std::string> find_output(std::string_view name,
                                                       std::size_t depth) const {
    const auto found = std::find_if(stage_.outputs.begin(), stage_.outputs.end(),
                                    [name](const Output& output) { return output.name == name; });
    if (found == stage_.outputs.end() || depth >= stage_.outputs.size()) return std::nullopt;
    auto path = finish(found->path,
                       [this, depth](std::string_view inner) { return find(inner, depth + 1); });
    if (!path) return std::nullopt;
    return std::move(*path);
  }

  const StageTasks& stage_;
  const MatrixValues& values_;
  TaskIndex index_;
};

}  // namespace

std::optional<std::string> find_task_value(const StageTasks& stage, const MatrixValues& values,
                                           TaskIndex index, std::string_view path) {
  return TaskValues(stage, values, index).find(path, 0);
}

std::string task_name(const StageTasks& stage, TaskIndex index) {
  if (stage.matrix.axes.empty()) return stage.stage;
  return fmt::format("{}.{}", stage.stage, index.value);
}

std::string matrix_variable(std::string_view name) {
  std::string variable(variable::k_matrix);
  for (const char c : name) {
    variable += c >= 'a' && c <= 'z'   ? static_cast<char>(c - 'a' + 'A')
                : c == '-' || c == '.' ? '_'
                                       : c;
  }
  return variable;
}

}  // namespace foz::task
