/// Values of a task's own references, as the keeper knows them: task.*, matrix.*, and what the
/// parents left (needs.STAGE.OUTPUT, needs.STAGE.manifest). Pure. What it does not know is a
/// rank's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/journal/run_folder.h"
#include "core/task/matrix.h"
#include "core/task/stage.h"

namespace foz::agent {

/// Must not outlive its stage.
class References {
 public:
  References(const task::StageTasks& stage, task::MatrixValues values, TaskIndex index,
             const journal::RunFolder& folder)
      : stage_(stage), values_(std::move(values)), index_(index), folder_(folder) {}

  [[nodiscard]] std::optional<std::string> find(std::string_view path) const;
  [[nodiscard]] const task::MatrixValues& values() const { return values_; }

  /// Task-level references filled, rank-level ones left in place.
  [[nodiscard]] std::string fill(std::string_view text) const;
  /// Final bytes; a rank-level reference is an error here.
  [[nodiscard]] Result<std::string> finish(std::string_view text) const;

 private:
  [[nodiscard]] std::optional<std::string> find_need(std::string_view path) const;

  const task::StageTasks& stage_;
  task::MatrixValues values_;
  TaskIndex index_;
  const journal::RunFolder& folder_;
};

/// The outputs of one element of a parent, name and absolute path, in the parent's order.
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>> parent_outputs(
    const task::Parent& parent, TaskIndex index);

/// Whether any text of the stage refers to `path` ("needs.train.manifest").
[[nodiscard]] bool refers_to(const task::StageTasks& stage, std::string_view path);

}  // namespace foz::agent
