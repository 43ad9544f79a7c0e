// Slurm's ids begin anew where its state is lost, and another Slurm has ids of its own: what has
// the id of one of our jobs and not its mark is somebody else's, and nothing is done to it.
#include <fmt/format.h>

#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::State;
using enum task::EdgeKind;

class Foreign : public RunTest {
 protected:
  [[nodiscard]] Result<Cancelled> cancel(const std::string& stage = "") {
    return run::cancel(folder(), stage, slurm_, clock_, effects_);
  }

  /// Slurm begins anew, and others of the user's jobs get the first ids.
  void others_get_our_ids(std::size_t count, slurm::Hold hold = slurm::Hold::no) {
    cluster_ = slurm::FakeCluster();
    for (std::size_t i = 0; i < count; ++i) {
      slurm::SubmitRequest other;
      other.name = fmt::format("other{}", i + 1);
      other.array = "0-3";
      other.hold = hold;
      others_.push_back(cluster_.submit(other)->id);
    }
  }
  [[nodiscard]] std::size_t others_alive() const {
    std::size_t alive = 0;
    for (const JobId job : others_) {
      for (std::uint32_t i = 0; i < 4; ++i) {
        if (cluster_.state({job, ArrayIndex{i}}) == State::pending) ++alive;
      }
    }
    return alive;
  }

  std::vector<JobId> others_;
};

TEST_F(Foreign, CancelTouchesNoJobThatHasTheIdAndNotTheMark) {
  create({{"a"}, {"b", 4, {{"a", success}}}});
  ASSERT_TRUE(advance());
  others_get_our_ids(4);
  const auto done = cancel();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(others_alive(), 16U);
  EXPECT_EQ(slurm_.calls(FakeCall::cancel), 0U);
  EXPECT_EQ(done->remark,
            "jobs 1, 2 are left alone: Slurm calls the first of them \"other1\", so their ids have "
            "been given to other jobs since");
  EXPECT_EQ(status().state, "cancelled");
}

TEST_F(Foreign, CancelOfAStageAndOfARunThatIsOverTouchNoneEither) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  ASSERT_TRUE(advance());
  others_get_our_ids(2);
  ASSERT_TRUE(cancel("b"));
  ASSERT_TRUE(cancel());
  ASSERT_TRUE(cancel());
  EXPECT_EQ(others_alive(), 8U);
}

TEST_F(Foreign, CancelEndsOursBesideThem) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  ASSERT_TRUE(advance());
  const slurm::SubmitRequest ours = cluster_.request(jobs_of("b").at(0));
  others_get_our_ids(1);
  const JobId again = cluster_.submit(ours)->id;  // has its own id, 2, and its mark
  ASSERT_EQ(again, JobId{2});
  ASSERT_TRUE(cancel());
  EXPECT_EQ(others_alive(), 4U);
  EXPECT_EQ(cluster_.state({again, {}}), State::cancelled);
}

/// While its jobs are looked at again, too.
TEST_F(Foreign, CancelAgainTouchesNoJobThatGotTheIdMeanwhile) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.watch([&](FakeCall call, slurm::FakeMoment moment) {
    if (call == FakeCall::cancel && moment == slurm::FakeMoment::after) others_get_our_ids(1);
  });
  ASSERT_TRUE(cancel());
  EXPECT_EQ(slurm_.calls(FakeCall::cancel), 1U);
  EXPECT_EQ(others_alive(), 4U);
}

TEST_F(Foreign, CancelWithoutTheQueuesAnswerActsOnNothing) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.watch([&](FakeCall call, slurm::FakeMoment moment) {
    if (call == FakeCall::jobs && moment == slurm::FakeMoment::after) slurm_.go_away();
  });
  const auto done = cancel();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_EQ(slurm_.calls(FakeCall::cancel), 0U);
  slurm_.watch({});
  slurm_.come_back();
  ASSERT_TRUE(advance());
  EXPECT_EQ(status().state, "cancelled");
  EXPECT_EQ(slurm_.calls(FakeCall::cancel), 1U);
}

/// foz ended before it let its run go.
class ForeignRelease : public Foreign {
 protected:
  void send_without_release(const std::vector<StageWords>& stages) {
    create(stages);
    slurm_.expect(FakeCall::release, slurm::FakeFault::away);
    ASSERT_FALSE(advance());
  }
  [[nodiscard]] std::size_t others_held() const {
    std::size_t held = 0;
    for (const slurm::JobRow& row : cluster_.rows()) {
      if (row.reason == "JobHeldUser") ++held;
    }
    return held;
  }
};

TEST_F(ForeignRelease, OfAStageLeavesOthersHeld) {
  send_without_release({{"a"}, {"b", 1, {{"a", success}}}});
  others_get_our_ids(2, slurm::Hold::yes);
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(others_held(), 2U);
  EXPECT_EQ(slurm_.calls(FakeCall::release), 1U);  // the one that was lost
}

TEST_F(ForeignRelease, OfPartnersLeavesOthersHeld) {
  create({{"a", 4}, {"b", 4, {{"a", each}}}});
  ASSERT_TRUE(advance());
  keepers_see_to_partners_ = false;
  run_all();
  others_get_our_ids(2, slurm::Hold::yes);
  ASSERT_TRUE(advance());
  EXPECT_EQ(others_held(), 2U);
  EXPECT_EQ(others_alive(), 8U);
}

TEST_F(ForeignRelease, OfPartnersThatCanNeverStartEndsNoOthers) {
  create({{"a", 4}, {"b", 4, {{"a", each}}}});
  ASSERT_TRUE(advance());
  keepers_see_to_partners_ = false;
  run_all([](const std::string&, std::uint64_t) { return "failed"; });
  others_get_our_ids(2, slurm::Hold::yes);
  ASSERT_TRUE(advance());
  EXPECT_EQ(others_alive(), 8U);
}

TEST_F(ForeignRelease, WaitsForAnAnswerOfTheQueue) {
  send_without_release({{"a"}});
  slurm_.expect(FakeCall::jobs, slurm::FakeFault::away);
  EXPECT_EQ(advance_error(),
            "cannot release stage 'a': Slurm does not say whether job 1 is still its (the "
            "controller does not answer: Unable to contact slurm controller (connect failure))");
  EXPECT_EQ(slurm_.calls(FakeCall::release), 1U);
  ASSERT_TRUE(advance());
  EXPECT_EQ(run_all(), 1U);
}

}  // namespace
}  // namespace foz::run
