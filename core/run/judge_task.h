/// The state of one task from all sources that speak of it. Pure. Private to this room.
///
/// Who is believed, first to last:
///   1. the keeper's record of the newest attempt's end
///   2. the queue's row of a job that still lives (pending, running, completing ...)
///   3. our record that foz cancelled the stage and saw that no job was left
///   4. advance's record of what Slurm had said of an end (task_lost): what is recorded stays
///   5. the parents' records, for a task that never started
///   6. the queue's row of a job that has ended; then accounting's row
///   7. the queue's rows of other elements of its array: Slurm forgets an element only behind its
///      end, so one that is missing beside them has ended, nobody knows how
///   8. what was sent and released, where the queue was not asked or did not answer
///   9. nobody: unknown, with the reason
#pragma once

#include <string>

#include "core/run/facts.h"

namespace foz::run {

/// What is said of a task, or of many alike.
struct Word {
  TaskState state = TaskState::waiting;
  std::string cls;
  std::string sentence;
  std::string source;
  bool is_slurms_end = false;  ///< rests on Slurm's final word alone: to be recorded
  bool is_vanished = false;    ///< an array that Slurm still knows has it no more
  bool never_starts = false;   ///< the parents' records do not allow it
  bool is_recorded = false;    ///< by its keeper or by foz: no other source is needed for its end
};

/// Everything that speaks of one task; null or empty where nothing does.
struct Sight {
  const StageFacts* stage = nullptr;
  const PartFacts* part = nullptr;
  const TaskFacts* task = nullptr;
  const Lost* lost = nullptr;
  const slurm::JobRow* row = nullptr;       ///< the element's own, or the pending rest's
  const slurm::JobRow* rest_end = nullptr;  ///< the row of an array whose rest was cancelled
  const slurm::AccountingRow* past = nullptr;
  const std::string* forbidden = nullptr;  ///< why the parents' records do not allow it
  const Facts* facts = nullptr;
  bool is_let_go_by_foz = false;  ///< held until the run, or its wave, is sent
  bool is_in_waves = false;
  bool is_array_known = false;  ///< the queue shows elements of its array, and which is readable
  bool queue_answered = false;
  bool history_answered = false;
  std::string history_error;
  UnixMillis now = 0;
  std::string job;  ///< "job 12_3"
};

/// An end that Slurm reports is believed when the keeper's own record had this long to appear.
inline constexpr UnixMillis k_record_grace = 10'000;

[[nodiscard]] Word judge_task(const Sight& sight);

/// Whether a pending row is held by its owner (foz or a person).
[[nodiscard]] bool is_user_hold(const slurm::JobRow& row);
/// Whether a pending row waits until somebody releases it, whoever holds it.
[[nodiscard]] bool is_held(const slurm::JobRow& row);

}  // namespace foz::run
