/// How a stage's tasks are called before a person: "train[3] (lr=0.1, seed=2)". The values come
/// from the stage's rule, for the tasks that are asked for. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/plan/plan.h"
#include "core/task/matrix.h"

namespace foz::cli {

/// "train[3]", or "train" where the stage has one task.
[[nodiscard]] std::string task_label(const std::string& stage, std::uint64_t tasks,
                                     std::uint64_t index);

class TaskNames {
 public:
  explicit TaskNames(const plan::StagePlan& stage);

  /// task_label().
  [[nodiscard]] std::string label(std::uint64_t index) const;
  /// The same with the values of its matrix behind; long ones are cut.
  [[nodiscard]] std::string with_values(std::uint64_t index) const;
  /// Empty where the stage has no matrix.
  [[nodiscard]] task::MatrixValues values(std::uint64_t index) const;

 private:
  std::string stage_;
  std::uint64_t tasks_;
  std::optional<task::Matrix> matrix_;
};

}  // namespace foz::cli
