// Following a run: pictures as the journal grows, questions only now and then, and an end.
#include <thread>

#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using std::chrono::milliseconds;

class Wait : public RunTest {
 protected:
  Wait() {
    options_.effects = effects_;
    options_.queue_interval = milliseconds{600'000};    // no question but the first one
    options_.journal_interval = milliseconds{600'000};  // the filesystem has to tell
    options_.on_change = [this](const RunStatus& status) {
      pictures_.push_back(status);
      if (on_picture_) on_picture_(pictures_.size());
    };
  }

  [[nodiscard]] RunStatus wait() {
    const auto end = wait_until_over(folder(), slurm_, clock_, options_);
    EXPECT_TRUE(end) << end.error().message;
    return end.value_or(RunStatus{});
  }

  WaitOptions options_;
  std::vector<RunStatus> pictures_;
  std::function<void(std::size_t)> on_picture_;
};

TEST_F(Wait, ForWhatIsOverIsOver) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  run_all();
  const std::size_t asked = slurm_.calls(FakeCall::jobs);
  EXPECT_EQ(wait().state, "succeeded");
  EXPECT_EQ(pictures_.size(), 1U);
  EXPECT_LE(slurm_.calls(FakeCall::jobs), asked + 1);
}

TEST_F(Wait, SendsWhatWasNotSent) {
  create({{"a"}, {"b", 1, {{"a", task::EdgeKind::success}}}});
  on_picture_ = [this](std::size_t) { run_all(); };
  EXPECT_EQ(wait().state, "succeeded");
  EXPECT_EQ((starts_[{"b", 0}]), 1);
}

TEST_F(Wait, EndsWithTheLastRecordAndAsksNoMore) {
  create({{"a", 3}});
  ASSERT_TRUE(advance());
  const std::size_t asked = slurm_.calls(FakeCall::jobs);
  on_picture_ = [this](std::size_t picture) {
    if (picture == 1) run_all();
  };
  const RunStatus end = wait();
  EXPECT_EQ(end.state, "succeeded");
  EXPECT_EQ(pictures_.front().state, "waiting");
  EXPECT_EQ(pictures_.back().state, "succeeded");
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), asked + 1);
}

TEST_F(Wait, HearsAKeeperOfAnotherProcess) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  std::thread keeper;
  on_picture_ = [&](std::size_t picture) {
    if (picture != 1) return;
    keeper = std::thread([this] {
      tell(Told::started("a", 0, 1));
      tell(Told::ended("a", 0, "failed", "oom", "rank 0 ran out of memory"));
    });
  };
  const RunStatus end = wait();
  keeper.join();
  EXPECT_EQ(end.state, "failed");
  EXPECT_EQ(end.stages[0].known.at(0).sentence, "rank 0 ran out of memory");
}

TEST_F(Wait, ASilentControllerIsARemark) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.go_away();
  on_picture_ = [this](std::size_t picture) {
    if (picture == 1) run_all();
  };
  EXPECT_EQ(wait().state, "succeeded");
  ASSERT_FALSE(pictures_[0].remarks.empty());
  EXPECT_EQ(pictures_[0].remarks[0],
            "the queue is not known: the controller does not answer: Unable to contact slurm "
            "controller (connect failure)");
}

TEST_F(Wait, AsksAgainAtItsInterval) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.go_away();
  options_.queue_interval = milliseconds{1};
  on_picture_ = [this](std::size_t picture) {
    // the first picture knows nothing; the second one can only come of another question
    if (picture == 1) slurm_.come_back();
    if (picture == 2) run_all();
  };
  EXPECT_EQ(wait().state, "succeeded");
  EXPECT_FALSE(pictures_.at(0).queue_answered);
  EXPECT_TRUE(pictures_.at(1).queue_answered);
}

/// The queue's last answer still has the elements that wait.
TEST_F(Wait, HearsOfACancellationAtOnce) {
  for (const std::string stage : {"", "a"}) {
    fs::remove_all(run_folder());
    create({{"a", 3}});
    ASSERT_TRUE(advance());
    pictures_.clear();
    std::thread other;
    on_picture_ = [&](std::size_t picture) {
      if (picture != 1) return;
      other = std::thread(
          [this, &stage] { EXPECT_TRUE(cancel(folder(), stage, slurm_, clock_, effects_)); });
    };
    const RunStatus end = wait();
    other.join();
    EXPECT_EQ(counts_text(end.stages[0]), "3 cancelled");
  }
}

TEST_F(Wait, GivesUpOnWhatNobodyKnows) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  cluster_.limits.has_accounting = false;
  const auto task = cluster_.startable().at(0);
  cluster_.start(task);
  cluster_.finish(task);
  cluster_.purge(task.job);
  options_.give_up_after = milliseconds{3};
  const RunStatus end = wait();
  EXPECT_EQ(end.state, "unknown");
  EXPECT_FALSE(end.is_over);
  EXPECT_EQ(end.stages[0].known.at(0).sentence,
            "Slurm no longer knows job 1, its keeper recorded no start, and there is no accounting "
            "to ask");
}

TEST_F(Wait, SeesToWhatCanNeverStart) {
  create({{"a"}, {"b", 1, {{"a", task::EdgeKind::success}}}});
  ASSERT_TRUE(advance());
  on_picture_ = [this](std::size_t picture) {
    if (picture == 1) run_all([](const std::string&, std::uint64_t) { return "failed"; });
  };
  options_.queue_interval = milliseconds{1};
  const RunStatus end = wait();
  EXPECT_EQ(end.state, "failed");
  for (const slurm::JobRow& row : cluster_.rows()) EXPECT_TRUE(slurm::is_final(row.state));
}

TEST_F(Wait, SaysThatASubmissionWasRefused) {
  create({{"a"}});
  slurm_.expect(FakeCall::submit, slurm::FakeFault::refused);
  const RunStatus end = wait();
  EXPECT_EQ(end.state, "failed");
  EXPECT_EQ(end.stages[0].known.at(0).sentence, "Slurm said no: Access/permission denied");
  EXPECT_THAT(end.remarks, testing::Contains(testing::HasSubstr("Access/permission denied")));
}

}  // namespace
}  // namespace foz::run
