#include "cli/task_names.h"

#include <fmt/format.h>

#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

constexpr std::size_t k_value_width = 40, k_values_width = 120;

}  // namespace

std::string task_label(const std::string& stage, std::uint64_t tasks, std::uint64_t index) {
  return tasks == 1 ? stage : fmt::format("{}[{}]", stage, index);
}

TaskNames::TaskNames(const plan::StagePlan& stage) : stage_(stage.name), tasks_(stage.tasks.tasks) {
  if (stage.tasks.matrix.axes.empty()) return;
  auto matrix = task::Matrix::make(stage.tasks.matrix);
  if (matrix) matrix_ = std::move(*matrix);
}

std::string TaskNames::label(std::uint64_t index) const {
  return task_label(stage_, tasks_, index);
}

std::string TaskNames::with_values(std::uint64_t index) const {
  std::vector<std::string> words;
  for (const auto& [name, value] : values(index))
    words.push_back(name + "=" + cut(printable(value), k_value_width));
  if (words.empty()) return label(index);
  return label(index) + " (" + cut(join(words, ", "), k_values_width) + ")";
}

task::MatrixValues TaskNames::values(std::uint64_t index) const {
  if (!matrix_ || index >= matrix_->size()) return {};
  return matrix_->values(TaskIndex{index});
}

}  // namespace foz::cli
