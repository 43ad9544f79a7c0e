// What is told of stages and runs: groups, split arrays, rests, the state of the whole.
#include "tests/support/folders.h"
#include "tests/unit/run/sights.h"

namespace foz::run {
namespace {

using slurm::State;
using Lines = std::vector<std::string>;

class Judge : public testing::Test {
 protected:
  [[nodiscard]] Sights sent(const plan::Plan& plan) const {
    Sights sights;
    std::uint32_t job = 10;
    for (const plan::StagePlan& stage : plan.stages) {
      for (std::uint32_t part = 0; part < stage.tasks.parts.size(); ++part) {
        sights.sent(plan, stage.name, job, part);
        if (stage.is_root) sights.tell({Told::released(stage.name, part)});
        job += 10;
      }
    }
    return sights;
  }
};

TEST(TaskStates, EveryOneStandsInTheManual) {
  const auto page = read_file(test::source_folder() / "docs/reference/states.md");
  ASSERT_TRUE(page);
  for (int state = 0; state <= static_cast<int>(TaskState::unknown); ++state) {
    const std::string name(state_name(static_cast<TaskState>(state)));
    EXPECT_THAT(*page, testing::HasSubstr("\n| `" + name + "` | "));
  }
}

TEST_F(Judge, GroupsWhatIsAlikeAndNamesWhatIsNot) {
  const auto plan = make_plan({{"a", 10}});
  const auto seen =
      sent(plan)
          .tell({Told::started("a", 4, 104), Told::ended("a", 4, "succeeded")})
          .queue({rest_of(10, "0-3,6-9", "Resources"), element_of(10, 4, State::completed),
                  element_of(10, 5, State::running)});
  const RunStatus status = judge(plan, seen.seen);
  EXPECT_EQ(lines_of(status.stages[0]), (Lines{"0-3 queued (queue)", "4 succeeded (journal)",
                                               "5 running (queue)", "6-9 queued (queue)"}));
  EXPECT_EQ(counts_text(status.stages[0]), "8 queued, 1 running, 1 succeeded");
  EXPECT_EQ(status.stages[0].waits_for, Lines{"Resources"});
  EXPECT_EQ(status.state, "running");
  EXPECT_TRUE(status.queue_answered && status.queue_asked && !status.is_over);
}

TEST_F(Judge, KnowsTheElementsOfEachPartOfASplitArray) {
  const auto plan = make_plan({{"a", 7}}, "/w/.foz/runs/brave-tide-4f2a", 3);  // 3 + 3 + 1
  const auto seen =
      sent(plan).queue({rest_of(10, "0-2", "Priority"), rest_of(20, "1-2", "Resources"),
                        element_of(20, 0, State::running), element_of(30, 0, State::configuring)});
  const RunStatus status = judge(plan, seen.seen);
  EXPECT_EQ(lines_of(status.stages[0]), (Lines{"0-2 queued (queue)", "3 running (queue)",
                                               "4-5 queued (queue)", "6 running (queue)"}));
  EXPECT_EQ(status.stages[0].known.at(3).job.value, 120U);
  EXPECT_EQ(status.stages[0].waits_for, (Lines{"Priority", "Resources"}));
}

TEST_F(Judge, IndicesThatTheArrayDoesNotHaveAreLeftAside) {
  const auto plan = make_plan({{"a", 2}});
  const auto seen =
      sent(plan).queue({rest_of(10, "0-5", "Resources"), element_of(10, 7, State::running)});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]), Lines{"0-1 queued (queue)"});
}

TEST_F(Judge, AnUnreadableRestIsARemark) {
  const auto plan = make_plan({{"a", 2}});
  const auto status = judge(plan, sent(plan).queue({rest_of(10, "0-x", "Resources")}).seen);
  ASSERT_EQ(status.remarks.size(), 1U);
  EXPECT_THAT(status.remarks[0],
              testing::StartsWith("Slurm's list of pending elements is not readable: "));
  EXPECT_EQ(status.state, "unknown");
}

/// Cancelled before they were split off, elements leave one row with the array's id, or none.
TEST_F(Judge, TheRowOfACancelledRestSpeaksForWhatHasNoneOfItsOwn) {
  const auto plan = make_plan({{"a", 4}});
  auto rest = row_of(10, State::cancelled);
  const auto seen = sent(plan)
                        .tell({Told::started("a", 1, 111), Told::ended("a", 1, "succeeded")})
                        .queue({rest, element_of(10, 1, State::completed)});
  const std::string cancelled =
      " cancelled cancelled 'Slurm says CANCELLED, before it had started' (queue)";
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]),
            (Lines{"0" + cancelled, "1 succeeded (journal)", "2-3" + cancelled}));
}

TEST_F(Judge, ACancelledRestSaysNothingOfWhatHadStarted) {
  const auto plan = make_plan({{"a", 2}});
  const auto seen =
      sent(plan).tell({Told::started("a", 1, 111)}).queue({row_of(10, State::cancelled)});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0])[1],
            "1 unknown 'Slurm no longer knows job 10_1, its keeper recorded no end, and there is "
            "no accounting to ask' ()");
}

/// Slurm forgets elements one by one, each behind its end.
TEST_F(Judge, ElementsThatAreMissingBesideOthersAreLost) {
  const auto plan = make_plan({{"a", 4}});
  const std::string lost =
      " failed lost 'Slurm knows others of its array and no longer this one, and its keeper "
      "recorded no ";
  const Lines lines = {"0-1" + lost +
                           "start: it was cancelled while it waited, or it ended unseen' "
                           "(queue)",
                       "2 queued (queue)", "3" + lost + "end' (queue)"};
  auto seen = sent(plan).tell({Told::started("a", 3, 113)}).queue({rest_of(10, "2", "Resources")});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]), lines);
  seen.history({});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]), lines);
}

TEST_F(Judge, MissingElementsAreUnknownWhereAccountingMaySayMore) {
  const auto plan = make_plan({{"a", 2}});
  auto seen = sent(plan).queue({element_of(10, 1, State::completed)});
  seen.seen.history_error = "slurmdbd is down";
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0])[0],
            "0 unknown 'Slurm no longer knows job 10_0, its keeper recorded no start, and "
            "accounting did not answer (slurmdbd is down)' ()");
}

TEST_F(Judge, NothingIsMissingFromAListThatCannotBeRead) {
  const auto plan = make_plan({{"a", 4}});
  const auto seen =
      sent(plan).queue({element_of(10, 1, State::running), rest_of(10, "0,...", "Resources")});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0])[0],
            "0 unknown 'Slurm no longer knows job 10_0, its keeper recorded no start, and there is "
            "no accounting to ask' ()");
}

TEST_F(Judge, SaysWhatToDoWhereNobodyWillSayMore) {
  const auto plan = make_plan({{"a", 2}});
  const auto seen = sent(plan).queue({});
  EXPECT_THAT(judge(plan, seen.seen).remarks,
              testing::ElementsAre(
                  "of what is unknown nobody will say more: where this is the Slurm that the run "
                  "was sent to, 'foz cancel' ends the run, and what has ended stays what it is"));
}

TEST_F(Judge, AccountingNamesElementsThatNeverRanInOneRow) {
  const auto plan = make_plan({{"a", 3}});
  auto rest = past_of(10, State::cancelled);
  rest.pending_indices = "0-1";
  auto one = past_of(12, State::failed);
  one.array_id = JobId{10};
  one.index = ArrayIndex{2};
  const auto seen = sent(plan).tell({Told::started("a", 2, 12)}).queue({}).history({rest, one});
  EXPECT_EQ(
      lines_of(judge(plan, seen.seen).stages[0]),
      (Lines{"0-1 cancelled cancelled 'Slurm says CANCELLED, before it had started' (accounting)",
             "2 failed lost 'Slurm says FAILED, and its keeper recorded no end' (accounting)"}));
}

TEST_F(Judge, NamesSlurmsOutputWhereATaskLeftNoLog) {
  const auto plan = make_plan({{"a", 2}});
  const auto seen = sent(plan)
                        .tell({Told::started("a", 1, 111)})
                        .queue({rest_of(10, "0", "Resources"), element_of(10, 1, State::failed)});
  EXPECT_EQ(judge(plan, seen.seen).stages[0].known.at(1).log, "logs/a/slurm-10_1.out");
}

TEST_F(Judge, NamesNoOutputOfWhatNeverStarted) {
  const auto plan = make_plan({{"a", 3}, {"b", 3, {{"a", task::EdgeKind::each}}}});
  auto record = Told::ended("b", 2, "dependency_failed", "dependency_failed", "a.2 failed");
  const auto seen =
      sent(plan)
          .tell({Told::started("a", 0, 111), record})
          .queue({element_of(10, 0, State::cancelled), element_of(10, 1, State::cancelled),
                  element_of(10, 2, State::failed)});
  const RunStatus status = judge(plan, seen.seen);
  EXPECT_EQ(status.stages[0].known.at(0).log, "logs/a/slurm-10_0.out");
  EXPECT_EQ(status.stages[0].known.at(1).log, "");
  EXPECT_EQ(status.stages[0].known.at(2).log, "logs/a/slurm-10_2.out");
  for (const auto& [index, task] : status.stages[1].known) EXPECT_EQ(task.log, "") << index;
}

TEST_F(Judge, TellsAlikeWhatFozCancelEndedWaitingOrRunning) {
  const auto plan = make_plan({{"a", 4}});
  auto intended = record_of(
      journal::kind::cancel_intended,
      {{"stage", text("")}, {"reason", text("cancelled by foz cancel")}, {"by", text("user")}});
  auto before = Told::ended("a", 0, "cancelled", "cancelled", "it was cancelled");
  auto behind = Told::ended("a", 1, "cancelled", "cancelled", "it was cancelled");
  before.time = intended.time - 1;
  behind.time = intended.time + 1;
  const auto seen =
      sent(plan).tell({Told::started("a", 0, 111), before, Told::started("a", 1, 112), behind,
                       intended, record_of(journal::kind::cancelled, {{"stage", text("")}})});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]),
            (Lines{"0 cancelled cancelled 'it was cancelled' (journal)",
                   "1 cancelled cancelled 'cancelled by foz cancel' (journal)",
                   "2-3 cancelled cancelled 'cancelled by foz cancel' (journal)"}));
}

// ---- the whole run ------------------------------------------------------------------------------

TEST_F(Judge, TheRunIsSubmittingWaitingRunningAndOver) {
  const auto plan = make_plan({{"a"}, {"b", 1, {{"a", task::EdgeKind::success}}}});
  const auto state = [&plan](const Sights& sights) { return judge(plan, sights.seen).state; };
  EXPECT_EQ(state(Sights()), "submitting");
  EXPECT_EQ(state(Sights().sent(plan, "a", 10)), "submitting");
  EXPECT_EQ(state(sent(plan)), "waiting");
  auto running = sent(plan).tell({Told::started("a", 0, 10)});
  EXPECT_EQ(state(running), "running");
  auto half = running.tell({Told::ended("a", 0, "succeeded")});
  EXPECT_EQ(state(half), "running");
  auto over = half.tell({Told::started("b", 0, 20), Told::ended("b", 0, "succeeded")});
  EXPECT_EQ(state(over), "succeeded");
  EXPECT_TRUE(judge(plan, over.seen).is_over);
}

TEST_F(Judge, ARunIsCancelledByItsUserAndFailedOtherwise) {
  const auto plan = make_plan({{"a"}});
  const auto cancelled = [&plan](const std::string& by) {
    Sights sights;
    sights.tell({record_of(journal::kind::cancel_intended,
                           {{"stage", text("")}, {"reason", text("enough")}, {"by", by}}),
                 record_of(journal::kind::cancelled, {{"stage", text("")}})});
    return judge(plan, sights.seen).state;
  };
  EXPECT_EQ(cancelled("user"), "cancelled");
  EXPECT_EQ(cancelled("foz"), "failed");
}

TEST_F(Judge, ARunOfWhichNobodyKnowsAnythingIsUnknown) {
  const auto plan = make_plan({{"a"}, {"b"}});
  const auto seen =
      sent(plan).tell({Told::started("a", 0, 10), Told::ended("a", 0, "succeeded")}).queue({});
  const RunStatus status = judge(plan, seen.seen);
  EXPECT_EQ(status.state, "unknown");
  EXPECT_FALSE(status.is_over);
}

TEST_F(Judge, RemarksSayWhatWasNotLearned) {
  const auto plan = make_plan({{"a"}});
  Sights seen = sent(plan).silent_queue("the controller did not answer");
  seen.seen.damage.push_back({"/w/journal/n1.jsonl", 812, "checksum differs"});
  const RunStatus status = judge(plan, seen.seen);
  EXPECT_EQ(status.remarks, (Lines{"the queue is not known: the controller did not answer",
                                   "journal 'n1.jsonl' at byte 812: checksum differs"}));
  EXPECT_TRUE(status.queue_asked);
  EXPECT_FALSE(status.queue_answered);
}

TEST_F(Judge, RemarksSayWhichLogsAreNotWhole) {
  const auto plan = make_plan({{"a", 3}});
  const auto lost = [](std::uint64_t index) {
    return record_of(journal::kind::log_lost, {{"stage", text("a")},
                                               {"index", number(index)},
                                               {"sentence", text("6 bytes of log 'x' were lost")}});
  };
  EXPECT_EQ(judge(plan, sent(plan).tell({lost(0)}).seen).remarks.at(0),
            "6 bytes of log 'x' were lost");
  EXPECT_EQ(judge(plan, sent(plan).tell({lost(0), lost(1), lost(2)}).seen).remarks.at(0),
            "6 bytes of log 'x' were lost, and so 2 logs more");
}

TEST_F(Judge, RemarksSayThatACancellationWasNotCarriedOut) {
  const auto plan = make_plan({{"a"}});
  auto intended =
      record_of(journal::kind::cancel_intended, {{"stage", text("")}, {"by", text("user")}});
  auto seen = sent(plan);
  intended.time = seen.seen.now - 1'000;
  EXPECT_TRUE(judge(plan, Sights(seen).tell({intended}).seen).remarks.empty());
  intended.time = seen.seen.now - 10'000;
  EXPECT_THAT(judge(plan, seen.tell({intended}).seen).remarks,
              testing::ElementsAre(testing::HasSubstr("it is to be cancelled")));
}

TEST_F(Judge, RecordsOfWhatThePlanDoesNotHaveAreLeftAside) {
  const auto plan = make_plan({{"a"}});
  const auto seen = Sights().tell(
      {Told::submitted("x", 0, "n1", 3), Told::submitted("a", 9, "n1", 3), Told::started("a", 5, 3),
       Told::ended("x", 0, "succeeded"), Told::released("a", 7),
       record_of(journal::kind::task_lost,
                 {{"stage", text("a")}, {"index", number(9)}, {"last", number(12)}}),
       record_of("some_day", {{"stage", text("a")}})});
  EXPECT_EQ(lines_of(judge(plan, seen.seen).stages[0]),
            Lines{"0 waiting 'not sent yet' (journal)"});
}

/// The queue forgets it in minutes.
TEST_F(Judge, WhenATaskEndedThatSlurmToldOfIsInTheRecord) {
  const auto plan = make_plan({{"a"}});
  auto lost = record_of(journal::kind::task_lost, {{"stage", text("a")},
                                                   {"index", number(0)},
                                                   {"last", number(0)},
                                                   {"class", text("cancelled")},
                                                   {"sentence", text("gone")},
                                                   {"ended", number(5'000)}});
  const RunStatus status = judge(plan, sent(plan).tell({lost}).queue({}).seen);
  EXPECT_TRUE(status.is_over);
  EXPECT_EQ(status.stages[0].known.at(0).ended, 5'000);
  EXPECT_EQ(status.stages[0].ended, 5'000);
  EXPECT_EQ(status.ended, 5'000);
}

TEST_F(Judge, TheCountsOfAStageAlwaysAddUp) {
  const auto plan = make_plan({{"a", 100}}, "/w/.foz/runs/brave-tide-4f2a", 30);
  const auto seen = sent(plan)
                        .tell({Told::started("a", 99, 50)})
                        .queue({rest_of(10, "0-9", "Resources"), element_of(20, 3, State::failed),
                                element_of(40, 9, State::running)});
  const RunStatus status = judge(plan, seen.seen);
  std::uint64_t sum = 0, told = status.stages[0].known.size();
  for (const auto& [state, count] : status.stages[0].counts) sum += count;
  for (const TaskGroup& group : status.stages[0].groups) told += group.last - group.first + 1;
  EXPECT_EQ(sum, 100U);
  EXPECT_EQ(told, 100U);
}

}  // namespace
}  // namespace foz::run
