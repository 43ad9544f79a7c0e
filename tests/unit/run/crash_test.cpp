// A foz that is killed between any two effects of a submission is finished by advance: no job twice
// and none lost.
#include <fmt/format.h>

#include "tests/unit/run/crash_world.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::FakeFault;

const std::vector<Trouble> k_troubles = {
    {"none"},
    {"answer lost", FakeFault::lost_after},
    {"request lost", FakeFault::lost_before},
    {"request late", FakeFault::late},
    {"job not shown once", FakeFault::none, 1},
    {"job not shown thrice", FakeFault::none, 3},
    {"answer lost, not shown once", FakeFault::lost_after, 1},
    {"answer lost, not shown thrice", FakeFault::lost_after, 3},
};

class Crash : public CrashTest {
 protected:
  /// `nth`: the submission that meets the trouble.
  void set_up(const Subject& subject, const Trouble& trouble, std::size_t nth) {
    begin(subject);
    for (std::size_t i = 0; i < nth; ++i) fake_->expect(FakeCall::submit, FakeFault::none);
    if (trouble.fault != FakeFault::none) fake_->expect(FakeCall::submit, trouble.fault);
    queue_->first = trouble.hidden_answers > 0 ? static_cast<std::uint32_t>(nth) + 1 : 0;
    queue_->answers = trouble.hidden_answers;
  }

  /// How many effects a whole life has.
  std::size_t count_effects(const Subject& subject, const Trouble& trouble, std::size_t nth) {
    set_up(subject, trouble, nth);
    live();
    expect_whole();
    return effects_seen_.size();
  }

  void stop_everywhere(const Subject& subject, const Trouble& trouble, std::size_t nth) {
    const std::size_t effects = count_effects(subject, trouble, nth);
    for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
      set_up(subject, trouble, nth);
      stop_at_ = gap;
      live();
      SCOPED_TRACE(fmt::format("{}, submission {}: {}; stopped {} ({} of {})", subject.name, nth,
                               trouble.name, effects_seen_.at(gap), gap, effects));
      EXPECT_TRUE(has_stopped_);
      expect_whole();
      ++gaps_;
    }
  }

  std::size_t gaps_ = 0;
};

/// Each workflow with each trouble is a test of its own.
class CrashAnywhere : public Crash,
                      public testing::WithParamInterface<std::tuple<std::size_t, std::size_t>> {};

TEST_P(CrashAnywhere, IsFinishedByAdvance) {
  const Subject subject = subjects().at(std::get<0>(GetParam()));
  const Trouble trouble = k_troubles.at(std::get<1>(GetParam()));
  const std::size_t submissions = trouble.name == "none" ? 1 : subject.parts();
  for (std::size_t nth = 0; nth < submissions; ++nth) stop_everywhere(subject, trouble, nth);
  EXPECT_GT(gaps_, 0U);
  RecordProperty("gaps", static_cast<int>(gaps_));
}

INSTANTIATE_TEST_SUITE_P(All, CrashAnywhere,
                         testing::Combine(testing::Range<std::size_t>(0, 4),
                                          testing::Range<std::size_t>(0, 8)));

class CrashTwice : public Crash, public testing::WithParamInterface<std::size_t> {};

/// The effects of the second foz are stopped too.
TEST_P(CrashTwice, IsFinishedByAdvance) {
  const Subject subject = subjects().at(GetParam());
  const std::size_t effects = count_effects(subject, {}, 0);
  for (std::size_t first = 0; first < effects && !HasFailure(); ++first) {
    for (std::size_t second = 0; !HasFailure(); ++second) {
      begin(subject);
      stop_at_ = first;
      advance_once();
      has_stopped_ = false;
      stop_at_ = effects_seen_.size() + second;
      live();
      SCOPED_TRACE(fmt::format("{}: stopped at {} and again {} effects later", subject.name,
                               effects_seen_.at(first), second));
      expect_whole();
      ++gaps_;
      if (!has_stopped_) break;  // the second life was shorter
    }
  }
  RecordProperty("gaps", static_cast<int>(gaps_));
}

INSTANTIATE_TEST_SUITE_P(All, CrashTwice, testing::Values(0, 1, 2));

/// Slurm runs nothing until foz has come back: what was released waits.
TEST_F(Crash, BeforeAnythingHasRunLeavesTheSameQueue) {
  for (const Subject& subject : subjects()) {
    begin(subject);
    advance_once();
    const std::size_t effects = effects_seen_.size();
    for (std::size_t gap = 0; gap < effects; ++gap) {
      begin(subject);
      stop_at_ = gap;
      EXPECT_FALSE(advance_once());
      SCOPED_TRACE(fmt::format("{}: stopped {}", subject.name, effects_seen_.at(gap)));
      EXPECT_TRUE(advance_once());
      EXPECT_EQ(error_, "");
      EXPECT_EQ(cluster_.jobs().size(), subject.parts());
      for (const slurm::JobRow& row : cluster_.rows()) {
        EXPECT_EQ(row.state, slurm::State::pending) << row.name;
      }
      const auto jobs = journal::jobs_from_json(read_file(folder().jobs()).value());
      EXPECT_EQ(jobs->size(), subject.parts());
      EXPECT_TRUE(decide(plan_, seen(AskQueue::always)).empty());
    }
  }
}

TEST_F(Crash, OfARefusedSubmissionLeavesNothing) {
  for (const Subject& subject : subjects()) {
    for (std::size_t nth = 0; nth < subject.parts(); ++nth) {
      const Trouble refused{"refused", FakeFault::refused};
      set_up(subject, refused, nth);
      advance_once();
      const std::size_t effects = effects_seen_.size();
      for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
        set_up(subject, refused, nth);
        stop_at_ = gap;
        EXPECT_FALSE(advance_once());
        SCOPED_TRACE(
            fmt::format("{}, submission {}: stopped {}", subject.name, nth, effects_seen_.at(gap)));
        for (int i = 0; i < 3; ++i) advance_once();
        const auto failures = records(journal::kind::submit_failed);
        const bool is_refused = std::any_of(
            failures.begin(), failures.end(),
            [](const journal::Record& record) { return record.text("what") == "refused"; });
        if (!is_refused) continue;  // killed before that was recorded: asked again, and granted
        EXPECT_EQ(status().state, "failed");
        expect_gone();
        EXPECT_EQ(starts_.size(), 0U);
      }
    }
  }
}

}  // namespace
}  // namespace foz::run
