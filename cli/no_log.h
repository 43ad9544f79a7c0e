/// Why `foz logs` has nothing to print: a rank, step or attempt that is not there is the command
/// line's mistake; a task that has not started, or never did, says so and why. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/fault.h"
#include "cli/logs.h"
#include "cli/task_names.h"
#include "core/run/run.h"
#include "core/task/stage.h"

namespace foz::cli {

/// What is known of one task, whether it is told singly or with its siblings.
struct TaskWord {
  run::TaskState state = run::TaskState::unknown;
  std::string cls;
  std::string sentence;
  std::string log;         ///< relative to the run folder
  bool has_begun = false;  ///< its keeper has said something of an attempt
};
[[nodiscard]] TaskWord word_of(const run::StageStatus& stage, std::uint64_t index);

/// "train[3] failed", "train[3] is running".
[[nodiscard]] std::string is_now(const std::string& task, run::TaskState state);

struct Missing {
  std::string task;           ///< as task_label()
  std::vector<LogFile> logs;  ///< all that the task has written
  LogChoice choice;
};

/// A rank, step or attempt that the task's logs do not have; nullopt: it has no logs of ranks at
/// all.
[[nodiscard]] std::optional<Fault> wrong_choice(const Missing& missing);

/// Why no rank of it has written anything, in one sentence.
[[nodiscard]] std::string why_nothing(const Missing& missing, const TaskWord& word,
                                      const run::StageStatus& stage,
                                      const std::vector<task::Parent>& parents);

}  // namespace foz::cli
