#include "core/run/mark.h"
#include "tests/unit/run/sights.h"

namespace foz::run {
namespace {

using task::EdgeKind;

/// Runs larger than the queue. The cluster refuses what is over the limit, so that a run that
/// passes has never been over it; and nobody but the advance jobs sends on.
class Waves : public RunTest {
 protected:
  void expect_each_once() {
    std::uint64_t tasks = 0;
    for (const auto& [task, count] : starts_) {
      EXPECT_EQ(count, 1) << task.first << "." << task.second;
      ++tasks;
    }
    EXPECT_EQ(tasks, plan_.tasks);
  }

  /// foz is killed there.
  void stop_at(const std::string& where) {
    effects_.probe = [where](std::string_view name) {
      if (name == where) throw std::runtime_error("stopped");
    };
  }

  /// It never starts.
  JobId add_held_advance_job() {
    slurm::SubmitRequest request;
    request.name = job_name({std::string(plan::k_advance_job), plan_.run_id, 0, "1d1e"});
    request.hold = slurm::Hold::yes;
    cluster_.limits.max_submit += 1;
    return cluster_.submit(request).value().id;
  }

  std::vector<slurm::FakeTask> crowd();

  [[nodiscard]] bool cancelled(JobId job) const {
    return cluster_.find_state({job, {}}) == slurm::State::cancelled;
  }

  [[nodiscard]] std::vector<std::string> counts() {
    std::vector<std::string> all;
    for (const StageStatus& stage : status().stages)
      all.push_back(stage.name + ": " + counts_text(stage));
    return all;
  }
};

using testing::ElementsAre;

TEST_F(Waves, ArrayLargerThanTheQueueGoesThroughIt) {
  create_in_waves({{"train", 23}}, 8);
  ASSERT_TRUE(advance());
  EXPECT_EQ(jobs_of("train").size(), 2U);
  EXPECT_EQ(jobs_of("+advance").size(), 2U);
  run_all();
  EXPECT_EQ(status().state, "succeeded");
  expect_each_once();
  EXPECT_GT(advance_jobs_, 2);
}

TEST_F(Waves, AdvanceJobWaitsForTheFirstEndOfWhateverWasSent) {
  create_in_waves({{"long", 1}, {"train", 23}}, 9);
  ASSERT_TRUE(advance());
  const std::string all = "afterany:" + std::to_string(jobs_of("long").at(0).value) +
                          "?afterany:" + std::to_string(jobs_of("train").at(0).value) +
                          "?afterany:" + std::to_string(jobs_of("train").at(1).value);
  ASSERT_EQ(jobs_of("+advance").size(), 2U);
  EXPECT_EQ(cluster_.request(jobs_of("+advance").at(1)).dependency, all);
  EXPECT_EQ(cluster_.request(jobs_of("+advance").at(1)).hold, slurm::Hold::no);
}

TEST_F(Waves, AdvancingAgainLeavesNoMoreJobsBehind) {
  create_in_waves({{"train", 23}}, 8);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(advance());
  EXPECT_EQ(jobs_of("+advance").size(), 2U);
}

TEST_F(Waves, ChainOfJoins) {
  create_in_waves(
      {{"a", 9}, {"b", 9, {{"a", EdgeKind::success}}}, {"c", 1, {{"b", EdgeKind::finished}}}}, 6);
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_THAT(counts(), ElementsAre("a: 9 succeeded", "b: 9 succeeded", "c: 1 succeeded"));
  expect_each_once();
}

TEST_F(Waves, PartnersFollowTheirParents) {
  create_in_waves({{"train", 11},
                   {"evaluate", 11, {{"train", EdgeKind::each}}},
                   {"best", 1, {{"evaluate", EdgeKind::finished}}}},
                  6);
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_THAT(counts(),
              ElementsAre("train: 11 succeeded", "evaluate: 11 succeeded", "best: 1 succeeded"));
  expect_each_once();
}

TEST_F(Waves, PartnersOfFailedParentsAreNotSent) {
  create_in_waves({{"train", 6}, {"evaluate", 6, {{"train", EdgeKind::each}}}}, 5);
  ASSERT_TRUE(advance());
  run_all([](const std::string& stage, std::uint64_t index) {
    return stage == "train" && index % 2 == 0 ? "failed" : "succeeded";
  });
  EXPECT_THAT(counts(), ElementsAre("train: 3 succeeded, 3 failed",
                                    "evaluate: 3 succeeded, 3 dependency_failed"));
}

TEST_F(Waves, FailedParentEndsWhatWasNotSent) {
  create_in_waves({{"a", 5}, {"b", 5, {{"a", EdgeKind::success}}}}, 5);
  ASSERT_TRUE(advance());
  run_all([](const std::string&, std::uint64_t) { return "failed"; });
  EXPECT_THAT(counts(), ElementsAre("a: 5 failed", "b: 5 dependency_failed"));
  EXPECT_TRUE(jobs_of("b").empty());
}

TEST_F(Waves, FullQueueIsWaitedForOnceSomethingHasRun) {
  create_in_waves({{"train", 12}}, 6);
  ASSERT_TRUE(advance());
  int seen = 0;
  run_all([&](const std::string&, std::uint64_t) {
    // another user of the account fills the queue for a while
    cluster_.limits.max_submit = ++seen < 7 ? 5 : 6;
    return "succeeded";
  });
  EXPECT_EQ(status().state, "succeeded");
  expect_each_once();
}

TEST_F(Waves, RefusedFirstWaveIsUndone) {
  create_in_waves({{"train", 12}}, 6);
  cluster_.limits.max_submit = 0;
  EXPECT_THAT(advance_error(), testing::HasSubstr("AssocMaxSubmitJobLimit"));
  EXPECT_EQ(status().state, "failed");
  EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
}

/// Somebody changed the site's rules in the middle: what can run runs.
TEST_F(Waves, LaterPartThatIsRefusedFailsWithWhatNeedsItAndTheRestGoesOn) {
  create_in_waves({{"train", 4},
                   {"other", 3},
                   {"evaluate", 4, {{"train", EdgeKind::each}}},
                   {"best", 1, {{"train", EdgeKind::success}}},
                   {"report", 1, {{"train", EdgeKind::finished}, {"other", EdgeKind::success}}}},
                  6);
  ASSERT_TRUE(advance());
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::none);  // an advance job goes first
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::refused);
  run_all();
  EXPECT_THAT(counts(), ElementsAre("train: 3 succeeded, 1 failed", "other: 3 succeeded",
                                    "evaluate: 3 succeeded, 1 dependency_failed",
                                    "best: 1 dependency_failed", "report: 1 succeeded"));
  const RunStatus end = status();
  EXPECT_EQ(end.state, "failed");
  EXPECT_THAT(end.remarks, ElementsAre("the rest of stage 'train' is not sent: Slurm said no: "
                                       "Access/permission denied"));
  EXPECT_EQ(lines_of(end.stages[0]).back(),
            "3 failed launch_failed 'Slurm said no: Access/permission denied' (journal)");
  EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
}

TEST_F(Waves, AdvanceThatIsRefusedALaterPartSaysSoAtOnce) {
  create_in_waves({{"train", 4}}, 5);
  ASSERT_TRUE(advance());
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::refused);
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->refused, 1U);
  EXPECT_TRUE(done->over);
  EXPECT_EQ(done->status.state, "failed");
}

/// The limit is of the whole account: nothing of the run is in the queue, and nothing more fits.
TEST_F(Waves, FullQueueIsWaitedForWhenNothingOfTheRunIsLeftInIt) {
  create_in_waves({{"train", 4}}, 5);
  ASSERT_TRUE(advance());
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  cluster_.limits.max_submit = 0;
  EXPECT_THAT(advance_error(),
              testing::StartsWith("part of the run is sent, and the job that is to send the rest "
                                  "is not: Slurm refused job "));
  EXPECT_EQ(status(AskQueue::always).state, "running");
  cluster_.limits.max_submit = 5;
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_EQ(status().state, "succeeded");
  expect_each_once();
}

TEST_F(Waves, AdvanceJobThatIsRefusedUndoesARunThatHasNotBegun) {
  create_in_waves({{"train", 12}}, 6);
  cluster_.limits.max_submit = 1;
  EXPECT_THAT(advance_error(), testing::StartsWith("cannot submit the job that is to send on: "));
  EXPECT_EQ(status().state, "failed");
  EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
}

TEST_F(Waves, FullerQueueInTheFirstWaveIsForLater) {
  create_in_waves({{"train", 12}}, 8);
  cluster_.limits.max_submit = 4;  // others of the user's jobs have the rest
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_EQ(status().state, "succeeded");
  expect_each_once();
}

TEST_F(Waves, ARunThatNobodySendsOnSaysSo) {
  create_in_waves({{"train", 12}}, 6);
  ASSERT_TRUE(advance());
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  EXPECT_THAT(status(AskQueue::always).remarks, ElementsAre());  // somebody may be sending
  clock_.time += 10'000;
  EXPECT_THAT(status(AskQueue::always).remarks,
              ElementsAre("10 tasks are not sent, and no job waits to send on: "
                          "'foz advance' does it"));
  ASSERT_TRUE(advance());
  EXPECT_TRUE(status(AskQueue::always).remarks.empty());
}

/// An advance job is killed between sending a wave and letting it go, and no other one is left.
TEST_F(Waves, AWaveThatIsHeldBehindAKilledAdvanceJobSaysSo) {
  create_in_waves({{"train", 12}}, 6);
  ASSERT_TRUE(advance());
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  stop_at("before record release_intended");
  EXPECT_THROW((void)advance(), std::runtime_error);
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  clock_.time += 10'000;
  const RunStatus stopped = status(AskQueue::always);
  EXPECT_THAT(lines_of(stopped.stages[0]).at(2), "2-3 held 'held until its wave is sent' (queue)");
  EXPECT_THAT(stopped.remarks,
              ElementsAre("2 tasks are sent and still held, 8 tasks are not sent, and nobody goes "
                          "on with them: 'foz advance' does it"));
  effects_.probe = nullptr;
  ASSERT_TRUE(advance());
  EXPECT_TRUE(status(AskQueue::always).remarks.empty());
  run_all();
  EXPECT_EQ(status().state, "succeeded");
  expect_each_once();
}

/// Advance jobs that wait for what is held never start.
TEST_F(Waves, AFirstWaveThatIsHeldSaysSoWhateverWaitsForIt) {
  create_in_waves({{"train", 2}}, 6);
  stop_at("before record release_intended");
  EXPECT_THROW((void)advance(), std::runtime_error);
  EXPECT_TRUE(cluster_.startable().empty());
  clock_.time += 10'000;
  const std::string remark =
      "2 tasks are sent and still held, and nobody goes on with them: 'foz advance' does it";
  EXPECT_THAT(status(AskQueue::always).remarks, ElementsAre(remark));
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  EXPECT_THAT(status(AskQueue::always).remarks, ElementsAre(remark));
  effects_.probe = nullptr;
  ASSERT_TRUE(advance());
  EXPECT_TRUE(status(AskQueue::always).remarks.empty());
}

/// Partners of a later wave wait for what has ended before they were sent: no keeper will ever
/// release them.
TEST_F(Waves, PartnersThatAreHeldBehindAKilledAdvanceJobSaySo) {
  create_in_waves({{"train", 2}, {"evaluate", 2, {{"train", EdgeKind::each}}}}, 6);
  cluster_.limits.max_submit = 3;  // others of the user's jobs have the rest
  ASSERT_TRUE(advance());
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  cluster_.limits.max_submit = 6;
  stop_at("before release partners");
  EXPECT_THROW((void)advance(), std::runtime_error);
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  clock_.time += 10'000;
  EXPECT_THAT(status(AskQueue::always).remarks,
              ElementsAre("2 tasks are sent and still held, and nobody goes on with them: "
                          "'foz advance' does it"));
  effects_.probe = nullptr;
  ASSERT_TRUE(advance());
  run_all();
  EXPECT_THAT(counts(), ElementsAre("train: 2 succeeded", "evaluate: 2 succeeded"));
}

/// Slurm holds a job that it could not launch; or a person does.
TEST_F(Waves, AnAdvanceJobThatIsHeldIsNotCountedOn) {
  create_in_waves({{"train", 12}}, 8);
  const JobId held = add_held_advance_job();
  ASSERT_TRUE(advance());
  EXPECT_EQ(jobs_of("+advance").size(), 3U);
  for (const JobId job : jobs_of("+advance")) {
    if (job != held) cluster_.cancel({{job, ""}});
  }
  run_all();
  clock_.time += 10'000;
  EXPECT_THAT(status(AskQueue::always).remarks,
              ElementsAre("8 tasks are not sent, and no job waits to send on: "
                          "'foz advance' does it"));
  ASSERT_TRUE(advance());
  EXPECT_TRUE(status(AskQueue::always).remarks.empty());
  run_all();
  EXPECT_EQ(status().state, "succeeded");
}

/// As many run as there are places for, and none waits.
std::vector<slurm::FakeTask> Waves::crowd() {
  for (const JobId job : jobs_of("+advance")) cluster_.cancel({{job, ""}});
  run_all();
  std::vector<slurm::FakeTask> running;
  for (std::uint32_t i = 0; i < plan::k_advance_jobs; ++i) {
    slurm::SubmitRequest request;
    request.name =
        job_name({std::string(plan::k_advance_job), plan_.run_id, 0, "c" + std::to_string(i)});
    running.push_back({cluster_.submit(request).value().id, {}});
    cluster_.start(running.back());
  }
  return running;
}

TEST_F(Waves, AnotherAdvanceJobWaitsForOneOfACrowdToEnd) {
  create_in_waves({{"train", 12}}, 8);
  ASSERT_TRUE(advance());
  const auto running = crowd();
  effects_.pause = [&](std::chrono::milliseconds time) {
    paused_ += time;
    cluster_.finish(running[0]);
  };
  ASSERT_TRUE(advance());
  EXPECT_EQ(paused_.count(), 500);
  for (std::size_t i = 1; i < running.size(); ++i) cluster_.finish(running[i]);
  run_all();
  EXPECT_EQ(status().state, "succeeded");
}

/// They may wait for this very foz to let go of the run.
TEST_F(Waves, ACrowdThatStaysIsNotWaitedForLong) {
  create_in_waves({{"train", 12}}, 8);
  ASSERT_TRUE(advance());
  const auto running = crowd();
  ASSERT_TRUE(advance());
  EXPECT_EQ(paused_.count(), 5'000);
  EXPECT_FALSE(cluster_.startable().empty());
}

// ---- advance jobs that still wait when the run is over -----------------------------------------

TEST_F(Waves, AdvanceThatSeesTheEndCancelsAdvanceJobsThatStillWait) {
  create_in_waves({{"train", 12}}, 8);
  ASSERT_TRUE(advance());
  const JobId held = add_held_advance_job();
  run_all();
  ASSERT_TRUE(cluster_.find_state({held, {}}) == slurm::State::pending || cancelled(held));
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(done->over);
  EXPECT_TRUE(cancelled(held));
  EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
  const auto notes = records(journal::kind::note);
  EXPECT_TRUE(std::any_of(notes.begin(), notes.end(), [&](const journal::Record& note) {
    return note.text("text") == "the run is over: advance job " + std::to_string(held.value) +
                                    " is cancelled, there is nothing left to send";
  }));
  const auto again = advance();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->cancelled, 0U);
}

TEST_F(Waves, AdvanceThatIsStoppedThereIsFinishedByTheNext) {
  for (const char* where : {"before record note", "after record note", "before cancel advance job",
                            "after cancel advance job"}) {
    SCOPED_TRACE(where);
    fs::remove_all(run_folder());
    cluster_ = slurm::FakeCluster();
    create_in_waves({{"train", 2}}, 6);
    ASSERT_TRUE(advance());
    run_all();
    const JobId held = add_held_advance_job();
    stop_at(where);
    EXPECT_THROW((void)advance(), std::runtime_error);
    effects_.probe = nullptr;
    ASSERT_TRUE(advance());
    EXPECT_TRUE(cancelled(held));
  }
}

TEST_F(Waves, WhoWaitsForTheEndCancelsThemToo) {
  create_in_waves({{"train", 12}}, 8);
  ASSERT_TRUE(advance());
  const JobId held = add_held_advance_job();
  WaitOptions options;
  options.effects = effects_;
  bool has_run = false;
  options.on_change = [&](const RunStatus&) {
    if (!std::exchange(has_run, true)) run_all();
  };
  const auto end = wait_until_over(folder(), slurm_, clock_, options);
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(end->state, "succeeded");
  EXPECT_TRUE(end->remarks.empty());
  EXPECT_TRUE(cancelled(held));
}

TEST_F(Waves, CancelEndsTheAdvanceJobToo) {
  create_in_waves({{"train", 23}}, 8);
  ASSERT_TRUE(advance());
  ASSERT_TRUE(cancel(folder(), "", slurm_, clock_, effects_));
  EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
  EXPECT_EQ(status().state, "cancelled");
}

TEST_F(Waves, StoppedBeforeTheAdvanceJobIsKnownGoesOn) {
  create_in_waves({{"train", 23}}, 8);
  stop_at("after submit advance job");
  EXPECT_THROW((void)advance(), std::runtime_error);
  effects_.probe = nullptr;
  ASSERT_TRUE(advance());
  EXPECT_EQ(jobs_of("+advance").size(), 2U);  // the first one is recognised by its mark
  run_all();
  expect_each_once();
}

TEST_F(Waves, NoSizeOfQueueBlocksARun) {
  for (const std::uint32_t jobs_at_once : {5U, 6U, 9U}) {
    for (const std::uint64_t tasks : {1U, 9U}) {
      SCOPED_TRACE(std::to_string(jobs_at_once) + " at once, " + std::to_string(tasks) + " tasks");
      fs::remove_all(run_folder());
      cluster_ = slurm::FakeCluster();
      starts_.clear();
      create_in_waves({{"a", tasks},
                       {"b", tasks, {{"a", EdgeKind::each}}},
                       {"c", 3, {{"a", EdgeKind::success}}},
                       {"d", 2, {{"b", EdgeKind::finished}, {"c", EdgeKind::success}}}},
                      jobs_at_once);
      ASSERT_TRUE(advance());
      run_all();
      EXPECT_EQ(status().state, "succeeded");
      expect_each_once();
    }
  }
}

}  // namespace
}  // namespace foz::run
