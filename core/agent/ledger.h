/// The keeper's records in the run's journal, each with the task it is about. Only the end of a
/// task is durable at once (one fsync for each task); it takes the records before it along.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/agent/machine.h"
#include "core/agent/world.h"
#include "core/base/result.h"
#include "core/journal/journal.h"

namespace foz::agent {

class Ledger {
 public:
  /// `step_names` by step. Both arguments must outlive it.
  Ledger(journal::Writer& journal, const TaskPlan& task) : journal_(journal), task_(task) {}

  struct Start {
    std::uint32_t job = 0, array_job = 0;
    std::int64_t array_index = -1;
    std::string nodes;  ///< host list
    std::uint32_t restart = 0;
  };
  [[nodiscard]] Result<void> task_started(const Start& start);
  void step_started(const action::RecordStepStarted& step);
  void world_up(const action::RecordWorldUp& step);
  void step_ended(const action::RecordStepEnded& step);
  void note(const std::string& text);
  void log_lost(const std::string& sentence);
  [[nodiscard]] Result<void> task_ended(const action::Finish& end, const std::string& log);

  /// The first cached record that could not be written; none: all were.
  [[nodiscard]] const std::optional<Error>& first_error() const { return first_error_; }

 private:
  [[nodiscard]] journal::Record record(std::string_view kind) const;
  void append(journal::Record record);

  journal::Writer& journal_;
  const TaskPlan& task_;
  std::optional<Error> first_error_;
};

}  // namespace foz::agent
