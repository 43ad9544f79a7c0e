/// All of a run at one moment, task by task: facts, rows and the word of each task, side by side.
/// Pure; what judge() reports from and decide() acts on. Holds pointers into the plan and the
/// observation that it was made from. Private to this room.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/facts.h"
#include "core/run/judge_task.h"

namespace foz::run {

/// What the queue shows of a part.
enum class Shown { nothing, tasks, unreadable };

struct StagePicture {
  const StageFacts* facts = nullptr;
  std::vector<std::uint32_t> words;               ///< by task: place in Picture::words
  std::vector<const slurm::JobRow*> rows;         ///< by task; null: no row
  std::vector<const slurm::AccountingRow*> past;  ///< by task; empty: accounting not asked
  std::vector<const Lost*> lost;                  ///< by task; empty: no record of a loss
  std::vector<const slurm::JobRow*> rest_ends;    ///< by part
  std::vector<Shown> shown;                       ///< by part
};

struct Picture {
  Facts facts;
  std::vector<StagePicture> stages;  ///< as in the plan
  std::vector<Word> words;           ///< tasks of which nothing single is known share one
  std::vector<std::string> remarks;
  bool queue_answered = false;
  /// Rows of this run that are not the job of their part.
  std::vector<const slurm::JobRow*> strangers;
  std::vector<const slurm::JobRow*> advance_jobs;  ///< whatever carries their mark

  [[nodiscard]] const Word& word(const StagePicture& stage, std::uint64_t index) const {
    return words[stage.words[index]];
  }
  [[nodiscard]] const StagePicture* find_stage(std::string_view name) const;
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] bool is_over(const StagePicture& stage, const task::Part& part) const;
  /// Whether every task's end is in the journal, so that Slurm needs not be asked.
  [[nodiscard]] bool is_recorded() const;
  /// Whether a word of the picture fits `check(word)`.
  template <class Check>
  [[nodiscard]] bool any(const Check& check) const {
    return std::any_of(words.begin(), words.end(), check);
  }
};

[[nodiscard]] Picture look(const plan::Plan& plan, const Observation& seen);

/// The picture as it is told to others.
[[nodiscard]] RunStatus report(const plan::Plan& plan, const Picture& picture,
                               const Observation& seen);

/// Whether Slurm may still do something with a job of this row.
[[nodiscard]] bool is_alive(const slurm::JobRow* row);

/// The job of a row, of the queue or of accounting: for an element its array, as foz submitted it.
template <class Row>
[[nodiscard]] JobId job_of(const Row& row) {
  return row.array_id.value != 0 ? row.array_id : row.id;
}
/// null: none of them is called so.
[[nodiscard]] const slurm::JobRow* find_named(const std::vector<slurm::JobRow>& rows,
                                              std::string_view name);

/// "job 12_3", "job 12".
[[nodiscard]] std::string job_text(const StageFacts& stage, const PartFacts& part,
                                   std::uint64_t index);

}  // namespace foz::run
