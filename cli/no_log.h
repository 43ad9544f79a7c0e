/// Why `foz logs` has nothing to print: a rank or attempt that is not there is the command line's
/// mistake; a task that has not started, or never did, says so and why. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/fault.h"
#include "cli/logs.h"
#include "core/run/run.h"
#include "core/task/stage.h"

namespace foz::cli {

/// What is known of one task, whether it is told singly or with its siblings.
struct TaskWord {
  run::TaskState state = run::TaskState::unknown;
  std::string cls;
  std::string sentence;
  std::string log;  ///< relative to the run folder
};
[[nodiscard]] TaskWord word_of(const run::StageStatus& stage, std::uint64_t index);

/// "train[3]", or "train" where the stage has one task.
[[nodiscard]] std::string task_label(const std::string& stage, std::uint64_t tasks,
                                     std::uint64_t index);

struct Missing {
  std::string task;                      ///< as task_label()
  std::vector<LogFile> logs;             ///< all that the task has written
  std::optional<std::uint32_t> attempt;  ///< that was asked for
  std::string rank;                      ///< that was asked for
};

/// A rank or attempt that the task's logs do not have; nullopt: it has no logs of ranks at all.
[[nodiscard]] std::optional<Fault> wrong_choice(const Missing& missing);

/// Why no rank of it has written anything, in one sentence.
[[nodiscard]] std::string why_nothing(const Missing& missing, const TaskWord& word,
                                      const run::StageStatus& stage,
                                      const std::vector<task::Parent>& parents);

}  // namespace foz::cli
