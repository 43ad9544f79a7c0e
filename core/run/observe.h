/// Reads a run's folder and asks Slurm, once or again and again. Effects: reads only (and one empty
/// file made and removed in journal/, where a directory may be cached). Private to this room.
#pragma once

#include "core/run/picture.h"

namespace foz::run {

/// `folder`, `plan` and `clock` outlive it.
class Observer {
 public:
  Observer(const journal::RunFolder& folder, const plan::Plan& plan, const Clock& clock)
      : folder_(folder),
        plan_(plan),
        clock_(clock),
        follower_(folder.journal(), [&plan](const journal::Record& record) {
          return is_fact(record) || is_end_that_may_fail(plan, record);
        }) {}

  /// Journal (what is new), jobs.json, release/.
  [[nodiscard]] Result<void> read_folder();
  [[nodiscard]] Result<void> read_journal();
  /// One question to the queue; to accounting only for what the queue no longer knows.
  [[nodiscard]] Result<void> ask(slurm::Scheduler& scheduler);

  [[nodiscard]] const Observation& seen() const { return seen_; }
  [[nodiscard]] Observation take() && { return std::move(seen_); }

 private:
  void read_releases();
  void forget_answers();
  void ask_queue(slurm::Scheduler& scheduler, const Facts& facts);
  void ask_accounting(slurm::Scheduler& scheduler, const Picture& picture);
  static bool is_any_silent(const Picture& picture, const StagePicture& stage,
                            const PartFacts& part);

  const journal::RunFolder& folder_;
  const plan::Plan& plan_;
  const Clock& clock_;
  journal::Follower follower_;
  Observation seen_;
};

}  // namespace foz::run
