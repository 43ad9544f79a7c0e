// A cancellation that is cut off anywhere is finished by the next one, or by advance.
#include <fmt/format.h>

#include "tests/unit/run/crash_world.h"

namespace foz::run {
namespace {

enum class Progress { unsent, sent, begun };
enum class Again { cancel, advance };

class CrashCancel : public CrashTest {
 protected:
  void begin_at(const Subject& subject, Progress progress) {
    begin(subject);
    if (progress == Progress::unsent) return;
    advance_once();
    if (progress != Progress::begun) return;
    const auto ready = cluster_.startable();
    ASSERT_FALSE(ready.empty());
    cluster_.start(ready.front());
  }

  void stop_and_go_on(Again again) {
    cancel_once();
    for (int i = 0; i < 3; ++i) again == Again::cancel ? cancel_once() : advance_once();
    // an end that nobody recorded is believed after a while
    clock_.time += 60'000;
    cluster_.now = clock_.time;
    advance_once();
  }
};

TEST_F(CrashCancel, AnywhereLeavesNothing) {
  for (const Subject& subject : subjects()) {
    for (const Progress progress : {Progress::unsent, Progress::sent, Progress::begun}) {
      begin_at(subject, progress);
      const std::size_t first = effects_seen_.size();
      cancel_once();
      const std::size_t last = effects_seen_.size();
      for (const Again again : {Again::cancel, Again::advance}) {
        for (std::size_t gap = first; gap < last && !HasFailure(); ++gap) {
          begin_at(subject, progress);
          stop_at_ = gap;
          stop_and_go_on(again);
          SCOPED_TRACE(fmt::format("{}, progress {}: stopped {}, then {}", subject.name,
                                   static_cast<int>(progress), effects_seen_.at(gap),
                                   again == Again::cancel ? "cancel" : "advance"));
          EXPECT_TRUE(has_stopped_);
          const bool was_intended = !records(journal::kind::cancel_intended).empty();
          if (!was_intended) {
            EXPECT_EQ(again, Again::advance);  // killed before a word of it was written
            continue;
          }
          EXPECT_EQ(status().state, "cancelled") << error_;
          expect_gone();
        }
      }
    }
  }
}

/// foz run is killed anywhere, and the user gives the run up.
TEST_F(CrashCancel, AfterAnUnfinishedSubmissionLeavesNothing) {
  for (const Subject& subject : subjects()) {
    for (const auto fault : {slurm::FakeFault::none, slurm::FakeFault::lost_after}) {
      begin(subject);
      fake_->expect(slurm::FakeCall::submit, fault);
      advance_once();
      const std::size_t effects = effects_seen_.size();
      for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
        begin(subject);
        fake_->expect(slurm::FakeCall::submit, fault);
        stop_at_ = gap;
        EXPECT_FALSE(advance_once());
        SCOPED_TRACE(fmt::format("{}: stopped {}", subject.name, effects_seen_.at(gap)));
        EXPECT_TRUE(cancel_once());
        EXPECT_EQ(error_, "");
        EXPECT_EQ(status().state, "cancelled");
        expect_gone();
        EXPECT_TRUE(decide(plan_, seen(AskQueue::always)).empty());
      }
    }
  }
}

}  // namespace
}  // namespace foz::run
