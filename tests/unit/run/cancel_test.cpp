// Cancelling: everything with this run's mark ends, is seen to have ended, and is recorded.
#include <fmt/format.h>

#include "core/run/decide.h"
#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::FakeFault;
using enum task::EdgeKind;

class Cancel : public RunTest {
 protected:
  [[nodiscard]] std::string cancel_run(const std::string& stage = "") {
    const auto done = run::cancel(folder(), stage, slurm_, clock_, effects_);
    return done ? "done" : done.error().message;
  }
  [[nodiscard]] bool lives(JobId job) const {
    return cluster_.state({job, {}}) == slurm::State::pending;
  }
};

TEST_F(Cancel, EndsAllJobsOfTheRunAndNoOthers) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  ASSERT_TRUE(advance());
  slurm::SubmitRequest other;
  other.name = "a@other-run-1111.0.12345678";
  const JobId others = cluster_.submit(other)->id;
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_TRUE(lives(others));
  EXPECT_FALSE(lives(jobs_of("b").at(0)));
  const RunStatus end = status();
  EXPECT_EQ(end.state, "cancelled");
  EXPECT_EQ(end.stages[0].known.at(0).sentence, "cancelled by foz cancel");
  EXPECT_EQ(records(journal::kind::cancel_intended).at(0).text("by"), "user");
  EXPECT_EQ(records(journal::kind::cancelled).size(), 1U);
  ASSERT_TRUE(advance());
  EXPECT_EQ(slurm_.calls(FakeCall::submit), 2U);
}

TEST_F(Cancel, FindsJobsThatWereNeverRecorded) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  auto lost = cluster_.request(jobs_of("a").at(0));
  lost.name = "a@brave-tide-4f2a.0.ffffffff";
  const JobId orphan = cluster_.submit(lost)->id;
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_FALSE(lives(orphan));
}

TEST_F(Cancel, OfOneStageLeavesTheOthers) {
  create({{"a"}, {"x"}, {"b", 1, {{"a", success}}}});
  ASSERT_TRUE(advance());
  EXPECT_EQ(cancel_run("a"), "done");
  EXPECT_EQ(run_all(), 1U);  // x
  ASSERT_TRUE(advance());
  const RunStatus end = status();
  EXPECT_EQ(counts_text(end.stages[0]), "1 cancelled");
  EXPECT_EQ(counts_text(end.stages[1]), "1 succeeded");
  EXPECT_EQ(end.stages[2].known.at(0).sentence, "it needs 'a', and a was cancelled");
}

TEST_F(Cancel, OfAStageThatIsNotThereSaysSo) {
  create({{"a"}});
  EXPECT_EQ(cancel_run("b"), "run 'brave-tide-4f2a' has no stage 'b'");
  EXPECT_TRUE(records(journal::kind::cancel_intended).empty());
}

TEST_F(Cancel, BeforeAnythingWasSentIsEnough) {
  create({{"a"}});
  EXPECT_EQ(cancel_run(), "done");
  ASSERT_TRUE(advance());
  EXPECT_EQ(slurm_.calls(FakeCall::submit), 0U);
  EXPECT_EQ(status().state, "cancelled");
}

TEST_F(Cancel, OfWhatIsOverChangesNothing) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(Cancel, OfARunThatHasFailedLeavesItFailed) {
  create({{"a", 2}, {"b", 2, {{"a", each}}}, {"c", 1, {{"b", success}}}});
  ASSERT_TRUE(advance());
  run_all(
      [](const std::string&, std::uint64_t index) { return index == 0 ? "failed" : "succeeded"; });
  ASSERT_EQ(status().state, "failed");
  EXPECT_EQ(cancel_run(), "done");
  const RunStatus end = status();
  EXPECT_EQ(end.state, "failed");
  EXPECT_EQ(counts_text(end.stages[1]), "1 succeeded, 1 dependency_failed");
  EXPECT_EQ(counts_text(end.stages[2]), "1 dependency_failed");
  EXPECT_TRUE(records(journal::kind::cancel_intended).empty());
}

TEST_F(Cancel, LeavesWhatHasEndedBefore) {
  create({{"a"}, {"b", 1, {{"a", success}}}, {"x"}});
  ASSERT_TRUE(advance());
  const slurm::FakeTask a = cluster_.startable().at(0);
  cluster_.start(a);
  const auto fails = [](const std::string&, std::uint64_t) { return "failed"; };
  cluster_.finish(a, keep(a, cluster_.request(jobs_of("a").at(0)), fails));
  EXPECT_EQ(cancel_run(), "done");
  const RunStatus end = status();
  EXPECT_EQ(end.state, "cancelled");
  EXPECT_EQ(counts_text(end.stages[0]), "1 failed");
  EXPECT_EQ(counts_text(end.stages[1]), "1 dependency_failed");
  EXPECT_EQ(counts_text(end.stages[2]), "1 cancelled");
}

/// Slurm has not ended them yet: the rest of the parent's array waits for its turn.
TEST_F(Cancel, LeavesWhatAnArraysFailureBarsBefore) {
  create({{"tick", 2}, {"end", 1, {{"tick", success}}}, {"tail", 1, {{"end", success}}}});
  ASSERT_TRUE(advance());
  const slurm::FakeTask first = cluster_.startable().at(0);
  cluster_.start(first);
  const auto fails = [](const std::string&, std::uint64_t) { return "failed"; };
  cluster_.finish(first, keep(first, cluster_.request(first.job), fails));
  ASSERT_EQ(counts_text(status().stages[1]), "1 dependency_failed");
  EXPECT_EQ(cancel_run(), "done");
  const RunStatus end = status();
  EXPECT_EQ(counts_text(end.stages[0]), "1 failed, 1 cancelled");
  EXPECT_EQ(counts_text(end.stages[1]), "1 dependency_failed");
  EXPECT_EQ(counts_text(end.stages[2]), "1 dependency_failed");
  EXPECT_EQ(end.stages[1].known.at(0).sentence, "it needs 'tick', and tick.0 failed");
}

TEST_F(Cancel, OfOneStageStaysWhateverItsParentsKeeperSaysLater) {
  create({{"a"}, {"b", 1, {{"a", each}}}});
  ASSERT_TRUE(advance());
  EXPECT_EQ(cancel_run("b"), "done");
  auto writer = journal::Writer::open(folder().journal(), "n1", clock_).value();
  ASSERT_TRUE(writer.append({std::string(journal::kind::task_ended),
                             "",
                             0,
                             0,
                             {{"stage", "b"},
                              {"index", std::int64_t{0}},
                              {"attempt", std::int64_t{1}},
                              {"outcome", "dependency_failed"},
                              {"class", "dependency_failed"},
                              {"sentence", "a ended as cancelled"}}}));
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(counts_text(status().stages[1]), "1 cancelled");
}

TEST_F(Cancel, TwiceIsOnce) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(status().state, "cancelled");
}

TEST_F(Cancel, IsFinishedByAdvanceWhenTheControllerWasAway) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.expect(FakeCall::jobs, FakeFault::away);
  slurm_.expect(FakeCall::jobs, FakeFault::away);
  EXPECT_EQ(
      cancel_run(),
      "run 'brave-tide-4f2a' is not ended yet; that it is to be is on record, and 'foz cancel' "
      "again or 'foz advance' does it: the controller does not answer: Unable to contact slurm "
      "controller (connect failure)");
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->status.state, "cancelled");
  EXPECT_TRUE(done->over);
  EXPECT_EQ(run_all(), 0U);
}

/// A cancel whose request was lost is sent again while its jobs are looked at.
TEST_F(Cancel, IsSentAgainWhereItsJobsGoOn) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  const slurm::FakeTask task = cluster_.startable().at(0);
  cluster_.start(task);
  slurm_.watch([&](FakeCall call, slurm::FakeMoment moment) {
    const bool is_first = call == FakeCall::cancel && slurm_.calls(FakeCall::cancel) == 1;
    if (is_first && moment == slurm::FakeMoment::after) {
      cluster_.requeue(task);
      cluster_.start(task);
    }
  });
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(slurm_.calls(FakeCall::cancel), 2U);
  EXPECT_GE(paused_.count(), 30'000);
}

TEST_F(Cancel, SaysWhatIsLeftWhenAJobDoesNotEnd) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  const slurm::FakeTask task = cluster_.startable().at(0);
  cluster_.start(task);
  slurm_.watch([&](FakeCall call, slurm::FakeMoment moment) {
    if (call != FakeCall::cancel || moment != slurm::FakeMoment::after) return;
    cluster_.requeue(task);
    cluster_.start(task);
  });
  EXPECT_THAT(cancel_run(),
              testing::MatchesRegex("cancelled, but after 18[0-9] seconds job 1 is RUNNING; 'foz "
                                    "advance' looks again"));
  slurm_.watch({});
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->status.state, "cancelled");
}

/// foz was ended while Slurm was at work on its request.
class CancelWhileSending : public Cancel {
 protected:
  void end_foz_while_sending() {
    create({{"a"}});
    tell(Told::intended("a", 0, "cccccccc"));
  }
  JobId it_comes() {
    slurm::SubmitRequest late;
    late.name = "a@brave-tide-4f2a.0.cccccccc";
    late.script_args = {"0"};
    late.hold = slurm::Hold::yes;
    return cluster_.submit(late)->id;
  }
  [[nodiscard]] std::string remark_of_cancel() {
    const auto done = run::cancel(folder(), "", slurm_, clock_, effects_);
    return done ? done->remark : done.error().message;
  }
  const std::string on_its_way_ =
      "a request for stage 'a' was on its way when it was cancelled: should a job come of it, 'foz "
      "advance' or another 'foz cancel' ends it";
};

TEST_F(CancelWhileSending, LooksAgainForWhatMayCome) {
  end_foz_while_sending();
  JobId late;
  slurm_.watch([&](FakeCall call, slurm::FakeMoment moment) {
    const bool is_second = call == FakeCall::jobs && slurm_.calls(FakeCall::jobs) == 3;
    if (is_second && moment == slurm::FakeMoment::before) late = it_comes();
  });
  EXPECT_EQ(remark_of_cancel(), "");
  EXPECT_FALSE(lives(late));
  EXPECT_EQ(records(journal::kind::submitted).at(0).integer("job"), late.value);
  EXPECT_EQ(status().state, "cancelled");
  EXPECT_THAT(status().remarks, testing::IsEmpty());
}

TEST_F(CancelWhileSending, OrNothingMoreIsSaidUntilSomebodyGoesOn) {
  end_foz_while_sending();
  EXPECT_THAT(status().remarks, testing::IsEmpty());
  clock_.time += 10'000;
  EXPECT_THAT(status().remarks,
              testing::ElementsAre(
                  "it was not sent to its end, and unless another foz is at it nothing goes on by "
                  "itself: 'foz advance' does the rest"));
  ASSERT_TRUE(advance());
  clock_.time += 10'000;
  EXPECT_THAT(status().remarks, testing::IsEmpty());
}

TEST_F(CancelWhileSending, SaysThatAJobMayStillCome) {
  end_foz_while_sending();
  EXPECT_EQ(remark_of_cancel(), on_its_way_);
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), 1U + 3U);
  EXPECT_EQ(status().state, "cancelled");
  EXPECT_THAT(status().remarks, testing::ElementsAre(on_its_way_));
  clock_.time += 3'600'000;
  EXPECT_THAT(status().remarks, testing::IsEmpty());
}

TEST_F(CancelWhileSending, AdvanceEndsWhatComesAndStatusSaysThatItCame) {
  end_foz_while_sending();
  EXPECT_EQ(remark_of_cancel(), on_its_way_);
  const JobId late = it_comes();
  EXPECT_THAT(status().remarks,
              testing::ElementsAre(fmt::format("stage 'a' is cancelled, and job {} of it has come "
                                               "since (PENDING): 'foz advance' ends it",
                                               late.value)));
  ASSERT_TRUE(advance());
  EXPECT_FALSE(lives(late));
  EXPECT_THAT(status(AskQueue::always).remarks, testing::IsEmpty());
  EXPECT_TRUE(decide(plan_, seen(AskQueue::always)).empty());
}

TEST_F(CancelWhileSending, AnotherCancelEndsWhatComes) {
  end_foz_while_sending();
  EXPECT_EQ(remark_of_cancel(), on_its_way_);
  const JobId late = it_comes();
  EXPECT_EQ(remark_of_cancel(), "");
  EXPECT_FALSE(lives(late));
  EXPECT_THAT(status(AskQueue::always).remarks, testing::IsEmpty());
}

TEST_F(Cancel, ASilentQueueIsNoSignThatNothingIsLeft) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  slurm_.expect(FakeCall::jobs, FakeFault::none);  // how the run is
  slurm_.expect(FakeCall::jobs, FakeFault::none);  // the look for marks
  slurm_.expect(FakeCall::jobs, FakeFault::away);
  EXPECT_EQ(cancel_run(), "done");
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), 4U);  // asked again until it answered
}

}  // namespace
}  // namespace foz::run
