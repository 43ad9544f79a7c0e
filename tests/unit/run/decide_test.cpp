#include "tests/unit/run/moment.h"

namespace foz::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<StageWords> k_join = {{"train", 3}, {"join", 1, {{"train", EdgeKind::success}}}};
const std::vector<StageWords> k_partners = {{"train", 4},
                                            {"evaluate", 4, {{"train", EdgeKind::each}}}};

// ---- sending -----------------------------------------------------------------------------------

TEST(Decide, NewRunIsSentInOrderAndThenLetGo) {
  EXPECT_THAT(Moment({{"train", 7}, {"join", 1, {{"train", EdgeKind::success}}}}, 3).actions(),
              ElementsAre("submit train.0", "submit train.1", "submit train.2", "submit join.0",
                          "record jobs", "release stage train"));
}

TEST(Decide, OnlyWhatIsMissingIsSent) {
  EXPECT_THAT(Moment(k_join).sent("train", 0, 12).actions(),
              ElementsAre("submit join.0", "record jobs", "release stage train"));
}

TEST(Decide, RequestThatDidNothingIsMadeAgain) {
  for (const char* what : {"nothing", "unseen"}) {
    EXPECT_THAT(Moment({{"train"}})
                    .told(Told::intended("train", 0, "aa"))
                    .told(record_of(journal::kind::submit_failed, {{"stage", text("train")},
                                                                   {"part", number(0)},
                                                                   {"nonce", text("aa")},
                                                                   {"what", text(what)}}))
                    .actions(),
                ElementsAre("submit train.0", "record jobs", "release stage train"));
  }
}

TEST(Decide, IntentAloneIsSettled) {
  EXPECT_THAT(Moment({{"train"}}).told(Told::intended("train", 0, "aa")).actions(),
              ElementsAre("settle train.0 aa", "record jobs", "release stage train"));
}

TEST(Decide, IntentWhoseJobTheQueueShowsIsAdopted) {
  slurm::JobRow row = Moment::row_of(12, State::pending, "JobHeldUser");
  row.name = Moment::name_of("train", "aa");
  EXPECT_THAT(Moment({{"train"}}).told(Told::intended("train", 0, "aa")).row(row).actions(),
              ElementsAre("adopt train.0 aa job 12", "record jobs", "release stage train"));
  row.array_id = JobId{12};
  row.id = JobId{19};
  row.index = ArrayIndex{1};
  EXPECT_THAT(Moment({{"train", 3}}).told(Told::intended("train", 0, "aa")).row(row).actions(),
              ElementsAre("adopt train.0 aa job 12", "record jobs", "release stage train"));
}

TEST(Decide, IntentOfWhichAKeeperSpeaksIsAdopted) {
  EXPECT_THAT(Moment({{"train", 3}})
                  .told(Told::intended("train", 0, "aa"))
                  .told(record_of(journal::kind::task_started, {{"stage", text("train")},
                                                                {"index", number(2)},
                                                                {"attempt", number(1)},
                                                                {"job", number(15)},
                                                                {"array_job", number(12)}}))
                  .actions(),
              ElementsAre("adopt train.0 aa job 12", "record jobs", "release stage train"));
}

TEST(Decide, JobsFileIsWrittenAgainWhereItDiffers) {
  EXPECT_THAT(Moment({{"train"}}).sent_and_released("train", 12).without_jobs_json().actions(),
              ElementsAre("record jobs"));
}

// ---- nothing to do -----------------------------------------------------------------------------

TEST(Decide, NothingWhileSlurmAndKeepersGoOnAlone) {
  Moment going(k_join);
  going.sent_and_released("train", 12).sent("join", 0, 13);
  EXPECT_THAT(going.actions(), IsEmpty());  // the queue is silent
  going.pending_rest(12, "0-2", "Priority").row(13, State::pending, "Dependency");
  EXPECT_THAT(going.actions(), IsEmpty());
  going.ended("train", 0, "succeeded");
  EXPECT_THAT(going.actions(), IsEmpty());
}

TEST(Decide, NothingWhenAllIsOver) {
  Moment over(k_join);
  over.sent_and_released("train", 12).sent("join", 0, 13).ended("join", 0, "succeeded");
  for (const std::uint64_t index : {0U, 1U, 2U}) over.ended("train", index, "succeeded");
  EXPECT_THAT(over.actions(), IsEmpty());
  EXPECT_THAT(over.queue_answers().actions(), IsEmpty());
}

TEST(Decide, NothingForAHoldThatIsSomebodyElses) {
  EXPECT_THAT(Moment({{"train"}})
                  .sent_and_released("train", 12)
                  .row(12, State::pending, "JobHeldUser")
                  .actions(),
              IsEmpty());
}

TEST(Decide, NothingForWhatNobodyKnows) {
  EXPECT_THAT(Moment({{"train"}}).sent_and_released("train", 12).queue_answers().actions(),
              IsEmpty());
}

// ---- releasing ---------------------------------------------------------------------------------

TEST(Decide, RootsThatWereNotRecordedAsReleasedAreReleasedAgain) {
  EXPECT_THAT(Moment({{"a"}, {"b"}}).sent_and_released("a", 12).sent("b", 0, 13).actions(),
              ElementsAre("release stage b"));
  EXPECT_THAT(Moment({{"a"}})
                  .sent("a", 0, 12)
                  .told(record_of(journal::kind::release_intended,
                                  {{"stage", text("a")}, {"part", number(0)}}))
                  .actions(),
              ElementsAre("release stage a"));
}

TEST(Decide, RootThatIsOverNeedsNoRelease) {
  EXPECT_THAT(Moment({{"a"}}).sent("a", 0, 12).ended("a", 0, "succeeded").actions(), IsEmpty());
}

// ---- cancelling --------------------------------------------------------------------------------

journal::Record cancel_intended(const std::string& stage) {
  return record_of(
      journal::kind::cancel_intended,
      {{"stage", stage}, {"reason", text("cancelled by foz cancel")}, {"by", text("user")}});
}
journal::Record cancelled(const std::string& stage) {
  return record_of(journal::kind::cancelled, {{"stage", stage}});
}

TEST(Decide, CancellationThatWasBegunIsFinishedAndNothingElse) {
  EXPECT_THAT(Moment(k_join).sent("train", 0, 12).told(cancel_intended("")).actions(),
              ElementsAre("cancel run '': cancelled by foz cancel"));
  EXPECT_THAT(Moment(k_join).sent("train", 0, 12).told(cancel_intended("join")).actions(),
              ElementsAre("cancel run 'join': "));
}

TEST(Decide, CancelledRunIsLeftAlone) {
  EXPECT_THAT(Moment(k_join)
                  .sent("train", 0, 12)
                  .told(cancel_intended(""))
                  .told(cancelled(""))
                  .queue_answers()
                  .actions(),
              IsEmpty());
}

TEST(Decide, JobThatTurnsUpInACancelledRunIsCancelled) {
  slurm::JobRow row = Moment::row_of(20, State::pending, "JobHeldUser");
  row.name = Moment::name_of("train", "late");
  EXPECT_THAT(Moment(k_join)
                  .sent("train", 0, 12)
                  .told(cancel_intended(""))
                  .told(cancelled(""))
                  .row(row)
                  .actions(),
              ElementsAre("cancel orphan 20 " + row.name));
}

TEST(Decide, CancelledStageIsNotSentAndTheOthersGoOn) {
  EXPECT_THAT(Moment({{"a"}, {"b"}}).told(cancel_intended("b")).told(cancelled("b")).actions(),
              ElementsAre("submit a.0", "record jobs", "release stage a"));
}

TEST(Decide, RefusedSubmissionIsUndone) {
  Moment refused(k_join);
  refused.sent("train", 0, 12)
      .told(record_of(journal::kind::submit_failed, {{"stage", text("join")},
                                                     {"part", number(0)},
                                                     {"nonce", text("bb")},
                                                     {"what", text("refused")},
                                                     {"reason", text("no such account")}}));
  EXPECT_THAT(refused.actions(), ElementsAre("cancel run '': no such account"));
  EXPECT_THAT(refused.told(cancelled("")).actions(), IsEmpty());
}

TEST(Decide, JobsOfThisRunThatAreOfNoPartAreCancelledOnce) {
  Moment moment({{"train", 3}});
  moment.sent_and_released("train", 12).pending_rest(12, "0-2", "Priority");
  const auto stranger = [](std::uint32_t job, State state, const std::string& name) {
    slurm::JobRow row = Moment::row_of(job, state, "JobHeldUser");
    row.name = name;
    return row;
  };
  const std::string orphan = Moment::name_of("train", "lost");
  moment.row(stranger(20, State::pending, orphan));
  moment.row(stranger(21, State::completed, orphan));
  moment.row(stranger(22, State::pending, "train@other-run-0000.0.lost"));
  moment.row(stranger(23, State::pending, "users own job"));
  slurm::JobRow element = stranger(31, State::running, orphan);
  element.array_id = JobId{30};
  element.index = ArrayIndex{1};
  moment.row(element);
  element.id = JobId{32};
  element.index = ArrayIndex{2};
  moment.row(element);
  EXPECT_THAT(moment.actions(),
              ElementsAre("cancel orphan 20 " + orphan, "cancel orphan 30 " + orphan));
}

TEST(Decide, JobThatHasThePartsIdAndAnotherNameIsNotTheParts) {
  slurm::JobRow row = Moment::row_of(12, State::running);
  row.name = "somebody else's";
  EXPECT_THAT(Moment({{"train"}}).sent_and_released("train", 12).row(row).actions(), IsEmpty());
}

// ---- waves -------------------------------------------------------------------------------------

/// A run in waves that is over, with advance jobs in every state.
Moment ended_in_waves() {
  Moment moment({{"train"}});
  moment.in_waves().sent_and_released("train", 12).ended("train", 0, "succeeded");
  return moment.advance_job(20, State::running)
      .advance_job(21, State::pending, "Priority")
      .advance_job(22, State::pending, "Dependency")
      .advance_job(23, State::completed);
}

TEST(Decide, AdvanceJobsThatWaitAreCancelledWhenTheRunIsOver) {
  EXPECT_THAT(ended_in_waves().actions(),
              ElementsAre("cancel advance job 21", "cancel advance job 22"));
  Moment given_up({{"train"}});
  given_up.in_waves().told(cancel_intended("")).told(cancelled(""));
  EXPECT_THAT(given_up.advance_job(21, State::pending).actions(),
              ElementsAre("cancel advance job 21"));
}

TEST(Decide, AdvanceJobsAreLeftAloneWhileTheRunGoesOn) {
  Moment moment({{"train"}});
  moment.in_waves().sent_and_released("train", 12).row(12, State::running);
  EXPECT_THAT(moment.advance_job(21, State::pending).actions(), IsEmpty());
}

/// Its first part has ended; the second one is for an advance job.
Moment between_waves() {
  Moment moment({{"train", 4}}, 2);
  moment.in_waves().sent_and_released("train", 12);
  for (const std::uint64_t index : {0U, 1U}) moment.ended("train", index, "succeeded");
  return moment.queue_answers();
}

TEST(Stalled, AnAdvanceJobThatSlurmIsToLetGoIsWaitedFor) {
  EXPECT_THAT(between_waves().advance_job(21, State::pending, "Dependency").remarks(), IsEmpty());
  for (const State hold : {State::requeue_hold, State::special_exit}) {
    EXPECT_THAT(between_waves().advance_job(21, hold).remarks(),
                ElementsAre("2 tasks are not sent, and no job waits to send on: "
                            "'foz advance' does it"));
  }
}

TEST(Decide, NothingIsSentBesideAJobWhoseElementsCannotBeRead) {
  slurm::JobRow stranger = Moment::row_of(30, State::pending);
  stranger.name = Moment::name_of("train", "0ff1");
  stranger.pending_indices = "0-3,...";
  EXPECT_THAT(between_waves().actions(),
              ElementsAre("submit train.1", "advance job", "record jobs", "release stage train"));
  EXPECT_THAT(between_waves().row(stranger).actions(),
              ElementsAre("advance job", "cancel orphan 30 train@brave-tide-4f2a.0.0ff1"));
}

/// The keeper that would have cancelled them was lost with its node.
TEST(Stalled, PartnersThatNobodyLivesToSeeToAreToldOf) {
  Moment moment({{"features"},
                 {"train", 2, {{"features", EdgeKind::success}}},
                 {"evaluate", 2, {{"train", EdgeKind::each}}}});
  moment.sent_and_released("features", 12).sent("train", 0, 13).sent("evaluate", 0, 14);
  moment.told(Told::started("features", 0, 12)).row(12, State::node_fail);
  moment.pending_rest(14, "0-1", "JobHeldUser");
  Moment ending = moment;
  EXPECT_THAT(moment.remarks(),
              ElementsAre("2 tasks are held, and nobody lets go of what may start or cancels what "
                          "never can: 'foz advance' does it"));
  EXPECT_THAT(moment.actions(), testing::Contains("cancel evaluate 14 []"));
  EXPECT_THAT(ending.row(99, State::running).remarks(), testing::SizeIs(1));  // somebody else's
}

// ---- ends that only Slurm knows ----------------------------------------------------------------

TEST(Decide, EndsThatOnlySlurmKnowsAreRecordedInRanges) {
  Moment moment({{"train", 5}});
  moment.sent_and_released("train", 12).ended("train", 2, "succeeded");
  for (const std::uint32_t index : {0U, 1U, 4U}) moment.row(12, State::timeout, "", index);
  moment.row(12, State::completed, "", 2).row(12, State::node_fail, "", 3);
  const auto lost = [](const std::string& which, const std::string& cls, const std::string& word) {
    return "lost train " + which + " attempt 0 " + cls + ": Slurm says " + word +
           ", and its keeper recorded no start";
  };
  EXPECT_THAT(moment.actions(),
              ElementsAre(lost("0-1", "timeout", "TIMEOUT"), lost("3-3", "node_fail", "NODE_FAIL"),
                          lost("4-4", "timeout", "TIMEOUT")));
}

TEST(Decide, EndOfAnAttemptIsRecordedWithItsNumber) {
  EXPECT_THAT(
      Moment({{"train"}})
          .sent_and_released("train", 12)
          .told(Told::started("train", 0, 12))
          .row(12, State::node_fail)
          .actions(),
      ElementsAre("lost train 0-0 attempt 1 node_fail: Slurm says NODE_FAIL, and its keeper "
                  "recorded no end"));
}

TEST(Decide, WhatCanNeverStartAndIsGoneIsRecorded) {
  Moment moment(k_join);
  moment.sent_and_released("train", 12).sent("join", 0, 13);
  for (const std::uint64_t index : {0U, 1U, 2U}) {
    moment.ended("train", index, index == 1 ? "failed" : "succeeded");
  }
  EXPECT_THAT(moment.actions(), IsEmpty());  // the queue was not asked
  const std::string sentence =
      "lost join 0-0 attempt 0 dependency_failed: it needs 'train', and train.1 failed";
  EXPECT_THAT(moment.queue_answers().actions(), ElementsAre(sentence));
  EXPECT_THAT(moment.row(13, State::cancelled, "Dependency").actions(), ElementsAre(sentence));
}

// ---- partners ----------------------------------------------------------------------------------

Moment partners() {
  Moment moment(k_partners);
  moment.sent_and_released("train", 12).sent("evaluate", 0, 13);
  return moment;
}

TEST(Decide, PartnersThatTheirKeepersLeftAreReleased) {
  Moment moment = partners();
  moment.ended("train", 0, "succeeded").ended("train", 2, "succeeded");
  moment.row(12, State::completed, "", 0).row(12, State::completing, "", 2);
  moment.row(12, State::running, "", 1).pending_rest(12, "3", "Resources");
  moment.pending_rest(13, "0-3", "JobHeldUser");
  EXPECT_THAT(moment.actions(), ElementsAre("release evaluate 13 [0,2]"));
}

TEST(Decide, PartnersAreLeftToKeepersThatLive) {
  Moment moment = partners();
  moment.ended("train", 0, "succeeded").row(12, State::running, "", 0);
  moment.pending_rest(12, "1-3", "Resources").pending_rest(13, "0-3", "JobHeldUser");
  EXPECT_THAT(moment.actions(), IsEmpty());
  moment.pending_release("evaluate", 0);  // that keeper has asked for it
  EXPECT_THAT(moment.actions(), ElementsAre("release evaluate 13 [0]", "forget evaluate 0"));
}

TEST(Decide, PartnerThatHasRunIsNotReleased) {
  Moment moment = partners();
  moment.ended("train", 0, "succeeded").row(12, State::completed, "", 0);
  moment.told(Told::started("evaluate", 0, 13));
  slurm::JobRow held = Moment::row_of(13, State::pending, "JobHeldUser");
  held.array_id = held.id;
  held.index = ArrayIndex{0};
  held.restarts = 1;
  moment.row(held).pending_rest(12, "1-3", "Resources").pending_rest(13, "1-3", "JobHeldUser");
  EXPECT_THAT(moment.actions(), IsEmpty());
}

TEST(Decide, PartnersOfFailedParentsAreCancelled) {
  Moment moment = partners();
  moment.ended("train", 1, "failed").row(12, State::failed, "", 1);
  moment.pending_rest(12, "0,2-3", "Resources").pending_rest(13, "0-3", "JobHeldUser");
  EXPECT_THAT(moment.actions(), ElementsAre("cancel evaluate 13 [1]"));
}

TEST(Decide, AllOfAJobIsCancelledAsOne) {
  Moment moment = partners();
  for (const std::uint32_t index : {0U, 1U, 2U, 3U}) {
    moment.ended("train", index, "failed").row(12, State::failed, "", index);
  }
  moment.pending_rest(13, "0-3", "JobHeldUser");
  EXPECT_THAT(moment.actions(), ElementsAre("cancel evaluate 13 []"));
}

TEST(Decide, WhatSlurmHoldsForADependencyThatCannotBeIsCancelled) {
  Moment moment(k_join);
  moment.sent_and_released("train", 12).sent("join", 0, 13);
  moment.pending_rest(12, "1-2", "Resources").ended("train", 0, "failed");
  moment.row(12, State::failed, "", 0);
  EXPECT_THAT(Moment(moment).row(13, State::pending, "Dependency").actions(), IsEmpty());
  EXPECT_THAT(Moment(moment).row(13, State::pending, "DependencyNeverSatisfied").actions(),
              ElementsAre("cancel join 13 []"));
}

TEST(Decide, ReleasesThatAreSeenToAreForgotten) {
  Moment moment = partners();
  for (const std::uint64_t index : {0U, 1U, 2U, 3U}) moment.pending_release("evaluate", index);
  moment.pending_release("evaluate", 77).pending_release("nobody", 0);
  moment.ended("train", 0, "succeeded").ended("evaluate", 0, "succeeded");  // over
  moment.told(Told::started("evaluate", 1, 13));                            // started
  EXPECT_THAT(moment.actions(), ElementsAre("forget evaluate 0", "forget evaluate 1"));
  moment.row(13, State::running, "", 1).row(13, State::pending, "JobHeldUser", 3);
  moment.row(13, State::pending, "Priority", 2);  // free
  EXPECT_THAT(moment.actions(),
              ElementsAre("forget evaluate 0", "forget evaluate 1", "forget evaluate 2"));
}

}  // namespace
}  // namespace foz::run
