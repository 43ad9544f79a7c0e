// The order of a run's life on a fake cluster, and what advance says where something is in its way.
#include "core/run/mark.h"
#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::FakeFault;
using enum task::EdgeKind;
using testing::ElementsAre;

class Advance : public RunTest {
 protected:
  Advance() {
    effects_.probe = [this](std::string_view effect) {
      if (effect.starts_with("after ")) effects_seen_.emplace_back(effect.substr(6));
    };
  }
  [[nodiscard]] const slurm::SubmitRequest& request(const std::string& stage,
                                                    std::size_t part = 0) const {
    return cluster_.request(jobs_of(stage).at(part));
  }
  std::vector<std::string> effects_seen_;
};

TEST_F(Advance, JournalsEachEffectBeforeAndAfter) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(effects_seen_,
              ElementsAre("record submit_intended", "submit", "record submitted",
                          "record submit_intended", "submit", "record submitted", "write jobs",
                          "record release_intended", "release", "record released"));
  EXPECT_EQ(done->submitted, 2U);
  EXPECT_EQ(done->released, 1U);
  EXPECT_FALSE(done->over);
  EXPECT_EQ(done->status.state, "submitting");
}

TEST_F(Advance, SendsWhatThePlanSays) {
  create({{"a", 5, {}, 3}, {"b", 5, {{"a", each}}}, {"c", 1, {{"b", finished}}}}, 3);
  plan_.stages[0].request.comment = "mine";
  ASSERT_TRUE(advance());
  EXPECT_EQ(request("a", 0).array, "0-2%2");
  EXPECT_EQ(request("a", 1).array, "0-1%1");
  EXPECT_EQ(request("a", 1).script_args, std::vector<std::string>{"3"});
  EXPECT_EQ(request("a").hold, slurm::Hold::yes);
  EXPECT_EQ(request("a").dependency, "");
  EXPECT_EQ(request("a").script, run_folder() + "/scripts/a.sh");
  EXPECT_EQ(request("b").hold, slurm::Hold::yes);
  EXPECT_EQ(request("b").dependency, "");
  EXPECT_EQ(request("c").hold, slurm::Hold::no);
  EXPECT_EQ(request("c").dependency, "afterany:3:4");
  const auto mark = parse_job_name(request("a", 1).name);
  ASSERT_TRUE(mark);
  EXPECT_EQ(mark->stage + "@" + mark->run_id, "a@brave-tide-4f2a");
  EXPECT_EQ(mark->part, 1U);
  EXPECT_EQ(request("a", 1).comment, job_comment(*mark));
}

TEST_F(Advance, DependsOnAllPartsOfAllParents) {
  create({{"a", 3}, {"x"}, {"c", 1, {{"a", success}, {"x", finished}}}}, 2);
  ASSERT_TRUE(advance());
  EXPECT_EQ(request("c").dependency, "afterok:1:2,afterany:3");
}

TEST_F(Advance, WritesJobsBeforeAnythingIsReleased) {
  create({{"a", 3}}, 2);
  effects_.probe = [this](std::string_view effect) {
    if (effect != "before release") return;
    const auto jobs = journal::jobs_from_json(read_file(folder().jobs()).value());
    ASSERT_EQ(jobs->size(), 2U);
    EXPECT_EQ((*jobs)[1].job.value, 2U);
    EXPECT_EQ((*jobs)[1].offset, 2U);
    EXPECT_EQ((*jobs)[1].count, 1U);
  };
  ASSERT_TRUE(advance());
  EXPECT_EQ(slurm_.calls(FakeCall::submit), 2U);
  EXPECT_EQ(slurm_.calls(FakeCall::release), 1U);
}

TEST_F(Advance, DoesNothingMoreWhenCalledAgain) {
  create({{"a", 2}, {"b", 2, {{"a", each}}}});
  ASSERT_TRUE(advance());
  effects_seen_.clear();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(advance());
  EXPECT_THAT(effects_seen_, ElementsAre());
  EXPECT_EQ(run_all(), 4U);
  const auto done = advance();
  ASSERT_TRUE(done);
  EXPECT_TRUE(done->over);
  EXPECT_EQ(done->status.state, "succeeded");
  EXPECT_THAT(effects_seen_, ElementsAre());
}

TEST_F(Advance, DoesNotAskTheQueueWhenEverythingIsRecorded) {
  create({{"a"}});
  ASSERT_TRUE(advance());
  run_all();
  const std::size_t before = slurm_.calls(FakeCall::jobs);
  ASSERT_TRUE(advance());
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), before);
}

TEST_F(Advance, AsksTheQueueOnceWhateverTheSize) {
  create({{"a", 7}, {"b", 7, {{"a", each}}}}, 2);
  ASSERT_TRUE(advance());
  const std::size_t before = slurm_.calls(FakeCall::jobs);
  ASSERT_TRUE(advance());
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), before + 1);
}

// ---- where something is in the way --------------------------------------------------------------

TEST_F(Advance, GoesOnWhenTheControllerIsBack) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  slurm_.expect(FakeCall::submit, FakeFault::none);
  slurm_.expect(FakeCall::submit, FakeFault::away);
  EXPECT_EQ(advance_error(),
            "cannot submit stage 'b': the controller does not answer: Unable to contact slurm "
            "controller (connect failure)");
  EXPECT_EQ(records(journal::kind::submit_failed).at(0).text("what"), "nothing");
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->submitted, 1U);
  EXPECT_EQ(run_all(), 2U);
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(Advance, AnAnswerThatWasLostIsSettledAtOnce) {
  create({{"a"}});
  slurm_.expect(FakeCall::submit, FakeFault::lost_after);
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->adopted, 1U);
  EXPECT_EQ(done->submitted, 0U);
  EXPECT_TRUE(records(journal::kind::submitted).at(0).flag("adopted"));
  EXPECT_EQ(paused_.count(), 0);
  EXPECT_EQ(run_all(), 1U);
}

TEST_F(Advance, ARequestThatNeverArrivedIsSentUnderANewName) {
  create({{"a"}});
  slurm_.expect(FakeCall::submit, FakeFault::lost_before);
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(records(journal::kind::submit_failed).at(0).text("what"), "unseen");
  const auto intents = records(journal::kind::submit_intended);
  ASSERT_EQ(intents.size(), 2U);
  EXPECT_NE(intents[0].text("nonce"), intents[1].text("nonce"));
  EXPECT_EQ(paused_, std::chrono::milliseconds{2000});  // three looks, a second between two
}

TEST_F(Advance, GivesUpAfterTwoRequestsWithoutAnAnswer) {
  create({{"a"}});
  for (int i = 0; i < 2; ++i) slurm_.expect(FakeCall::submit, FakeFault::lost_before);
  const std::string error = advance_error();
  const auto unsent = records(journal::kind::submit_failed);
  ASSERT_EQ(unsent.size(), 2U);
  EXPECT_EQ(error,
            "cannot submit stage 'a': 2 requests were not answered, and no job came of them (the "
            "last: " +
                unsent.back().text("reason") + "); try again when Slurm answers");
  ASSERT_TRUE(advance());
  EXPECT_EQ(jobs_of("a").size(), 1U);
}

TEST_F(Advance, NothingIsSentTwiceWhereNobodyCanSay) {
  create({{"a"}});
  slurm_.expect(FakeCall::submit, FakeFault::lost_after);
  for (int i = 0; i < 3; ++i) slurm_.expect(FakeCall::jobs, FakeFault::away);
  EXPECT_EQ(advance_error(),
            "nobody knows whether Slurm took stage 'a' (it is not known whether it was done: "
            "Socket timed out on send/recv operation), and the queue cannot be asked: the "
            "controller does not answer: Unable to contact slurm controller (connect failure); "
            "nothing is sent twice, 'foz advance' settles it");
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->adopted, 1U);
  EXPECT_EQ(jobs_of("a").size(), 1U);
}

TEST_F(Advance, ALateJobIsCancelledBeforeAnythingIsReleased) {
  create({{"a"}});
  slurm_.expect(FakeCall::submit, FakeFault::lost_before);
  effects_.probe = [this](std::string_view effect) {
    if (effect != "before write jobs") return;
    auto late = cluster_.request(jobs_of("a").at(0));  // the first request turns up after all
    late.name =
        "a@brave-tide-4f2a.0." + records(journal::kind::submit_intended).at(0).text("nonce");
    ASSERT_TRUE(cluster_.submit(late));
  };
  ASSERT_TRUE(advance());
  const auto jobs = jobs_of("a");
  ASSERT_EQ(jobs.size(), 2U);
  EXPECT_EQ(cluster_.state({jobs[1], {}}), slurm::State::cancelled);
  EXPECT_EQ(records(journal::kind::note).at(0).text("text"),
            "job 2 ('" + cluster_.request(jobs[1]).name +
                "') is not the job of its part: it is cancelled");
  EXPECT_EQ(run_all(), 1U);
}

TEST_F(Advance, ARefusalUndoesTheRun) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  slurm_.expect(FakeCall::submit, FakeFault::none);
  slurm_.expect(FakeCall::submit, FakeFault::refused);
  const auto done = advance();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(),
            (Error{Code::refused,
                   "cannot submit stage 'b': Slurm said no: Access/permission denied; the job that "
                   "had been sent is cancelled, nothing has run"}));
  EXPECT_EQ(status().state, "failed");
  EXPECT_EQ(run_all(), 0U);
  const auto again = advance();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->submitted, 0U);
  EXPECT_TRUE(again->over);
  EXPECT_EQ(slurm_.calls(FakeCall::submit), 2U);
}

TEST_F(Advance, AReleaseThatWasNotDoneIsDoneAgain) {
  for (const FakeFault fault : {FakeFault::lost_before, FakeFault::lost_after, FakeFault::away}) {
    fs::remove_all(run_folder());
    create({{"a"}});
    slurm_.expect(FakeCall::release, fault);
    EXPECT_THAT(advance_error(), testing::StartsWith("cannot release stage 'a': "));
    ASSERT_TRUE(advance());
    EXPECT_EQ(records(journal::kind::released).size(), 1U);
    EXPECT_EQ(run_all(), 1U);
  }
}

TEST_F(Advance, AJobThatIsGoneDoesNotKeepOthersFromTheirRelease) {
  create({{"a", 4}}, 2);
  bool is_gone = false;
  effects_.probe = [&](std::string_view effect) {
    if (effect != "before release" || is_gone) return;
    is_gone = true;
    const JobId first = jobs_of("a").at(0);
    cluster_.cancel({{first, ""}});
    cluster_.purge(first);
  };
  const auto done = advance();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_TRUE(is_gone);
  EXPECT_EQ(run_all(), 2U);
}

/// A foz that stands still (a suspended process) is taken over; what it had on its way to Slurm
/// when it wakes up is a job that nothing releases, and that the next one cancels.
TEST_F(Advance, ThatStandsStillIsTakenOverAndDoesNoHarmWhenItWakes) {
  create({{"a"}});
  Effects others = effects_;
  others.probe = {};
  std::string other;
  effects_.probe = [&](std::string_view effect) {
    if (effect != "before submit" || !other.empty()) return;
    const auto done = run::advance(folder(), slurm_, clock_, others);
    other = done ? "went ahead" : done.error().message;
  };
  EXPECT_EQ(advance_error(), "another foz has taken over this run; it goes on there");
  EXPECT_EQ(other, "went ahead");
  EXPECT_EQ(jobs_of("a").size(), 2U);
  EXPECT_EQ(run_all(), 1U);
  effects_.probe = {};
  ASSERT_TRUE(advance());
  for (const slurm::JobRow& row : cluster_.rows()) EXPECT_TRUE(slurm::is_final(row.state));
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(Advance, RecordsWhatSlurmSaidOfAnEnd) {
  create({{"a"}, {"b", 1, {{"a", success}}}});
  ASSERT_TRUE(advance());
  const slurm::FakeTask task = cluster_.startable().at(0);
  cluster_.start(task);
  tell(Told::started("a", 0, task.job.value));
  cluster_.finish(task, {slurm::State::node_fail, 0, 0});
  clock_.time += 60'000;
  ASSERT_TRUE(advance());
  cluster_.purge_ended();
  ASSERT_TRUE(advance());
  const RunStatus end = status();
  EXPECT_EQ(end.state, "failed");
  EXPECT_EQ(end.stages[0].known.at(0).cls, "node_fail");
  EXPECT_EQ(end.stages[1].known.at(0).sentence, "it needs 'a', and a failed");
}

TEST_F(Advance, ReleasesPartnersThatTheirKeepersLeft) {
  keepers_see_to_partners_ = false;
  create({{"a", 3}, {"b", 3, {{"a", each}}}});
  ASSERT_TRUE(advance());
  run_all([](const std::string& stage, std::uint64_t index) {
    return stage == "a" && index == 1 ? "failed" : "succeeded";
  });
  const auto done = advance();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->released, 1U);
  EXPECT_EQ(done->cancelled, 1U);
  EXPECT_EQ(run_all(), 2U);
  ASSERT_TRUE(advance());
  EXPECT_EQ(counts_text(status().stages[1]), "2 succeeded, 1 dependency_failed");
  EXPECT_EQ(status().state, "failed");
}

TEST_F(Advance, ForgetsReleasesThatHaveBeenSeenTo) {
  keepers_see_to_partners_ = false;
  create({{"a", 2}, {"b", 2, {{"a", each}}}});
  ASSERT_TRUE(advance());
  run_all();
  const fs::path file = folder().pending_release("b", TaskIndex{1});
  ASSERT_TRUE(write_file(file, "", Durability::cached));
  ASSERT_TRUE(advance());
  EXPECT_FALSE(fs::exists(file));
  EXPECT_EQ(run_all(), 2U);
}

TEST_F(Advance, SaysWhatIsWrongWithTheFolder) {
  create({{"a"}});
  ASSERT_TRUE(write_file(folder().plan(), "{", Durability::cached));
  EXPECT_THAT(advance_error(),
              testing::StartsWith("cannot read '" + run_folder() + "/plan.json': "));
  fs::remove(folder().plan());
  EXPECT_EQ(advance_error(),
            "cannot open '" + run_folder() + "/plan.json': No such file or directory");
}

}  // namespace
}  // namespace foz::run
