/// What a task's end means for the elements that wait for it alone (`each` edges). On success the
/// partner is released, by the last of those it waits for; on failure it is cancelled and recorded
/// as dependency_failed, and so are its own partners, down the chain. Where Slurm releases, the
/// records are all that is done here. Where a stage in between never starts, so that no keeper of
/// it sees to the elements that are held for its own, they are cancelled as whole jobs.
///
/// A file release/<child>.<index> stands from before the task's end is recorded until the release
/// is done, so that siblings and *advance* finish what a keeper that died in between began. Where
/// Slurm is silent, the keeper tries again; what Slurm refuses is noted and left for them. Nothing
/// here fails a task.
///
/// Partners are named by their ids in jobs.json alone; *advance* and `foz cancel` look at the mark
/// in the name too. Here a look would be a question to the queue for every task of a stage, and it
/// is not needed: the keeper runs in a job of the same run, whose own id it has compared with
/// jobs.json, so this is the Slurm that gave both, and partners stay in its queue until they are
/// released or cancelled. Slurm gives an id again only when all of them have been used up, or when
/// its state is lost; then it ends this very job, whose id it no longer knows.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/journal/journal.h"
#include "core/journal/pending_release.h"
#include "core/journal/run_folder.h"
#include "core/slurm/scheduler.h"
#include "core/task/stage.h"

namespace foz::agent {

class Partners {
 public:
  using OpenScheduler = std::function<Result<std::unique_ptr<slurm::Scheduler>>()>;

  Partners(const task::StageTasks& stage, TaskIndex index, const journal::RunFolder& folder,
           journal::Writer& journal, OpenScheduler open_scheduler)
      : stage_(stage),
        index_(index),
        folder_(folder),
        journal_(journal),
        open_scheduler_(std::move(open_scheduler)) {}

  [[nodiscard]] bool any() const {
    return !stage_.each_children.empty() || !stage_.cut_off.empty();
  }

  /// Before a success is recorded.
  void intend();
  /// After it is durable: releases the partners, then what dead siblings left.
  void release();
  /// After a failure is durable, also cancels the stages that it cuts off (StageTasks::cut_off).
  /// `sentence`: "train.3 failed: ...".
  void fail_all(const std::string& sentence);

  /// In an attempt after a success: what the earlier keeper did not come to.
  void finish();

  /// Whether Slurm did not answer, so that some of it is to be tried again.
  [[nodiscard]] bool is_some_left() const { return !left_.empty(); }
  void try_again();
  /// Leaves it for siblings and *advance*.
  void give_up();

 private:
  /// Something that Slurm is asked to do.
  struct Deed {
    enum class Kind { release, cancel, cancel_whole } kind;
    std::string stage;
    std::string failure;  ///< what came of the last try
  };
  void attempt(Deed deed);
  [[nodiscard]] Result<void> carry_out(const Deed& deed);
  [[nodiscard]] Result<std::vector<slurm::JobSelector>> jobs_of(const Deed& deed) const;
  void note_left(const Deed& deed);
  void release_one(const task::EachChild& child);
  [[nodiscard]] bool have_succeeded(const std::vector<std::string>& stages, TaskIndex index) const;
  void sweep();
  [[nodiscard]] std::vector<TaskId> left_behind() const;
  [[nodiscard]] const task::EachChild* find_child(const std::string& stage) const;
  [[nodiscard]] bool release_for(const TaskId& sibling);
  void cancel_whole(const std::string& stage);
  void fail_chain(const task::StageTasks& parent, const std::string& sentence, int depth);
  void record_dependency_failed(const task::StageTasks& child, const std::string& sentence);
  [[nodiscard]] Result<slurm::JobSelector> find_partner(const std::string& child,
                                                        TaskIndex index) const;
  [[nodiscard]] Result<slurm::Scheduler*> scheduler();
  void note(const std::string& text);
  void record_done(const std::string& child, const std::string& what);

  const task::StageTasks& stage_;
  TaskIndex index_;
  const journal::RunFolder& folder_;
  journal::Writer& journal_;
  OpenScheduler open_scheduler_;
  std::unique_ptr<slurm::Scheduler> scheduler_;
  std::vector<Deed> left_;
  std::set<std::string> failed_;  ///< stages whose element was recorded as dependency_failed
  std::int64_t intended_at_ =
      0;  ///< when our own release files were written, by the filesystem's clock
};

}  // namespace foz::agent
