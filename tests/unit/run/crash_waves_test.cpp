// A run of several waves that is stopped anywhere, in the first foz or in the advance job of any
// wave: finished by advance, no task twice and none lost; and given up anywhere, nothing is left.
#include <fmt/format.h>

#include <set>

#include "tests/unit/run/crash_world.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::FakeFault;

const std::vector<Trouble> k_troubles = {
    {"answer lost", FakeFault::lost_after},
    {"request lost", FakeFault::lost_before},
    {"request late", FakeFault::late},
    {"answer lost, not shown once", FakeFault::lost_after, 1},
    {"answer lost, not shown thrice", FakeFault::lost_after, 3},
    {"answer lost, not shown for long", FakeFault::lost_after, 12},
};

std::vector<Subject> wave_subjects() {
  using enum task::EdgeKind;
  return {
      {"array", {{"a", 4}}, 1001, 6},
      {"chain", {{"a", 2}, {"b", 2, {{"a", success}}}, {"c", 1, {{"b", finished}}}}, 1001, 6},
      {"partners", {{"a", 2}, {"b", 2, {{"a", each}}}, {"c", 1, {{"b", finished}}}}, 1001, 6},
      {"split", {{"a", 5}, {"b", 5, {{"a", each}}}}, 1001, 9},
  };
}

class CrashWaves : public CrashTest, public testing::WithParamInterface<std::size_t> {
 protected:
  [[nodiscard]] Subject subject() const { return wave_subjects().at(GetParam()); }

  /// Of the nth submission; advance jobs count.
  void begin_with(const Trouble& trouble, std::size_t nth) {
    begin(subject());
    for (std::size_t i = 0; i < nth; ++i) fake_->expect(FakeCall::submit, FakeFault::none);
    if (trouble.fault != FakeFault::none) fake_->expect(FakeCall::submit, trouble.fault);
    if (trouble.hidden_answers > 0) queue_->hide_newest(nth, trouble.hidden_answers);
  }

  std::size_t count_effects(const Trouble& trouble = {}, std::size_t nth = 0) {
    begin_with(trouble, nth);
    live();
    expect_whole();
    EXPECT_GT(advance_jobs_, 1);
    return effects_seen_.size();
  }

  /// One gap of each kind that the last life had: behind one effect and before the next one, disk
  /// and cluster are the same.
  [[nodiscard]] std::vector<std::size_t> gaps() const {
    std::vector<std::size_t> found{0};
    for (std::size_t gap = 1; gap < effects_seen_.size(); ++gap) {
      if (effects_seen_[gap].starts_with("after")) found.push_back(gap);
    }
    return found;
  }

  /// Slurm stands still when foz is stopped.
  void live_until_stopped() {
    advance_once();
    for (auto ready = cluster_.startable(); !ready.empty() && !has_stopped_;
         ready = cluster_.startable()) {
      const slurm::FakeTask task = ready.front();
      cluster_.start(task);
      const slurm::FakeEnd end = work(task, cluster_.request(task.job));
      if (cluster_.state(task) == slurm::State::running) cluster_.finish(task, end);
    }
  }

  /// Over, whatever became of it: no task twice, and none left out without a word.
  void expect_over() {
    const RunStatus end = status();
    EXPECT_TRUE(end.is_over) << error_;
    const bool has_begun = !starts_.empty();
    const bool has_refusal =
        std::any_of(end.stages.begin(), end.stages.end(), [](const StageStatus& stage) {
          return stage.counts.count(TaskState::failed) != 0 && stage.counts.at(TaskState::failed);
        });
    EXPECT_EQ(end.state, has_refusal || !has_begun ? "failed" : "succeeded");
    for (const StageStatus& stage : end.stages) {
      std::uint64_t succeeded = 0;
      for (std::uint64_t index = 0; index < stage.tasks; ++index) {
        const int starts = starts_[{stage.name, index}];
        EXPECT_LE(starts, 1) << stage.name << " " << index;
        succeeded += static_cast<std::uint64_t>(starts);
      }
      const auto told = stage.counts.find(TaskState::succeeded);
      EXPECT_EQ(told == stage.counts.end() ? 0 : told->second, succeeded) << stage.name;
      const auto cancelled = stage.counts.find(TaskState::cancelled);
      const bool is_any_cancelled = cancelled != stage.counts.end() && cancelled->second > 0;
      EXPECT_FALSE(has_begun && is_any_cancelled) << stage.name;
    }
    expect_gone();
  }

  /// What needs nothing of the stage that Slurm refused is whole.
  void expect_others_whole(const std::string& refused) {
    std::set<std::string> touched{refused};
    const RunStatus end = status();
    for (std::size_t i = 0; i < plan_.stages.size(); ++i) {
      const plan::StagePlan& stage = plan_.stages[i];
      const bool needs_it = std::any_of(
          stage.tasks.parents.begin(), stage.tasks.parents.end(), [&](const task::Parent& parent) {
            return parent.kind != task::EdgeKind::finished && touched.count(parent.stage) != 0;
          });
      if (needs_it) touched.insert(stage.name);
      if (touched.count(stage.name) != 0) continue;
      EXPECT_EQ(counts_text(end.stages[i]), fmt::format("{} succeeded", stage.tasks.tasks))
          << stage.name << ", where " << refused << " was refused";
    }
  }

  static bool none_refused(const std::vector<journal::Record>& failed) {
    return std::none_of(failed.begin(), failed.end(), [](const journal::Record& record) {
      return record.text("what") == "refused";
    });
  }

  void expect_given_up() {
    EXPECT_THAT(status().state, testing::AnyOf("cancelled", "succeeded"));
    expect_gone();
    EXPECT_TRUE(decide(plan_, seen(AskQueue::always)).empty());
  }
};

TEST_P(CrashWaves, AnywhereIsFinishedByAdvance) {
  const std::size_t effects = count_effects();
  for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
    begin(subject());
    stop_at_ = gap;
    live();
    SCOPED_TRACE(fmt::format("stopped {} ({} of {})", effects_seen_.at(gap), gap, effects));
    EXPECT_TRUE(has_stopped_);
    expect_whole();
  }
}

class CrashWavesTwice : public CrashWaves {};

TEST_P(CrashWavesTwice, IsFinishedByAdvance) {
  const std::size_t effects = count_effects();
  for (const std::size_t first : gaps()) {
    for (std::size_t second = 0; second < effects && !HasFailure(); second += 2) {
      begin(subject());
      stop_at_ = first;
      stop_again_after_ = second;
      live();
      SCOPED_TRACE(fmt::format("stopped at {} ({}) and again {} effects later",
                               effects_seen_.at(first), first, second));
      expect_whole();
      if (!has_stopped_) break;  // the second life was shorter
    }
  }
}

/// Of each submission in turn, an advance job's too.
TEST_P(CrashWaves, WithALostAnswerComesToItsEnd) {
  begin(subject());
  live();
  const std::size_t submissions = fake_->calls(FakeCall::submit);
  for (const Trouble& trouble : k_troubles) {
    for (std::size_t nth = 0; nth < submissions && !HasFailure(); ++nth) {
      SCOPED_TRACE(fmt::format("submission {} met '{}'", nth, trouble.name));
      begin_with(trouble, nth);
      live();
      expect_whole();
    }
  }
}

/// Each submission in turn is refused for good, and foz is killed at each gap: a run that had not
/// begun is undone; else the rest of it comes to its end.
TEST_P(CrashWaves, WithARefusalLeavesNothingBehind) {
  begin(subject());
  live();
  const std::size_t submissions = fake_->calls(FakeCall::submit);
  const Trouble refusal{"refused", FakeFault::refused};
  for (std::size_t nth = 0; nth < submissions; ++nth) {
    begin_with(refusal, nth);
    live();
    for (const std::size_t gap : gaps()) {
      if (HasFailure()) return;
      begin_with(refusal, nth);
      stop_at_ = gap;
      live();
      SCOPED_TRACE(
          fmt::format("submission {} refused, stopped {} ({})", nth, effects_seen_.at(gap), gap));
      expect_over();
      if (records(journal::kind::release_intended).empty()) continue;  // it was undone
      const auto failed = records(journal::kind::submit_failed);
      for (const journal::Record& record : failed) {
        if (record.text("what") == "refused") expect_others_whole(record.text("stage"));
      }
      // foz was killed before it knew, or an advance job was refused: nothing is lost
      if (none_refused(failed)) expect_whole();
    }
  }
}

TEST_P(CrashWaves, GivenUpAnywhereLeavesNothing) {
  const std::size_t effects = count_effects();
  for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
    begin(subject());
    stop_at_ = gap;
    live_until_stopped();
    SCOPED_TRACE(fmt::format("stopped {} ({} of {})", effects_seen_.at(gap), gap, effects));
    EXPECT_TRUE(cancel_once());
    EXPECT_EQ(error_, "");
    expect_given_up();
  }
}

/// The cancellation is cut off too, wherever the run had come to.
TEST_P(CrashWaves, CancellationThatIsCutOffLeavesNothing) {
  count_effects();
  for (const std::size_t gap : gaps()) {
    has_stopped_ = true;
    for (std::size_t cut = 1; has_stopped_ && !HasFailure(); cut += 2) {
      begin(subject());
      stop_at_ = gap;
      live_until_stopped();
      has_stopped_ = false;
      stop_at_ = effects_seen_.size() + cut;  // behind the intent, whose loss loses it all
      cancel_once();
      advance_once();
      SCOPED_TRACE(fmt::format("stopped {} ({}), its cancellation after {} effects",
                               effects_seen_.at(gap), gap, cut));
      expect_given_up();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CrashWavesTwice, testing::Values<std::size_t>(0));
INSTANTIATE_TEST_SUITE_P(All, CrashWaves, testing::Range<std::size_t>(0, 4),
                         [](const auto& one) { return wave_subjects().at(one.param).name; });

}  // namespace
}  // namespace foz::run
