// Who is believed of one task, row by row of the order in judge_task.h; agreement and disagreement.
#include "core/run/judge_task.h"

#include "tests/unit/run/sights.h"

namespace foz::run {
namespace {

using slurm::State;

class JudgeTask : public testing::Test {
 protected:
  plan::Plan one_ = make_plan({{"a"}});
  plan::Plan two_ = make_plan({{"a"}, {"b", 1, {{"a", task::EdgeKind::success}}}});
  plan::Plan pair_ = make_plan({{"a", 2}, {"b", 2, {{"a", task::EdgeKind::each}}}});

  /// One task, job 7, released.
  [[nodiscard]] Sights sent() const {
    return Sights().sent(one_, "a", 7).tell({Told::released("a")});
  }
  [[nodiscard]] Sights started(std::uint32_t attempt = 1) const {
    return sent().tell({Told::started("a", 0, 7, attempt)});
  }
  [[nodiscard]] std::string said(const Sights& sights) const {
    return line_of(judge(one_, sights.seen).stages.at(0).known.at(0));
  }
  [[nodiscard]] std::string said(const Sights& sights, State state,
                                 const std::string& reason = "") const {
    return said(Sights(sights).queue({row_of(7, state, reason)}));
  }
  [[nodiscard]] std::string said_of_child(const Sights& sights) const {
    return line_of(judge(two_, sights.seen).stages.at(1).known.at(0));
  }
  /// a is job 7, b job 8, a is released.
  [[nodiscard]] Sights both_sent() const {
    return Sights().sent(two_, "a", 7).sent(two_, "b", 8).tell({Told::released("a")});
  }
};

/// In waves every part is held until its wave is sent, a child's too.
TEST_F(JudgeTask, SaysHeldOfWhatFozHoldsWhereTheQueueIsSilent) {
  plan::Plan waves = make_plan({{"a"}, {"b", 1, {{"a", task::EdgeKind::success}}}});
  const auto said_of_b = [](const plan::Plan& plan) {
    return line_of(
        judge(plan, Sights().sent(plan, "a", 7).sent(plan, "b", 8).seen).stages.at(1).known.at(0));
  };
  EXPECT_EQ(said_of_b(waves), "waiting (journal)");
  waves.waves = plan::Waves{6, {}, ""};
  EXPECT_EQ(said_of_b(waves), "held 'held until its wave is sent' (journal)");
}

// ---- 1: the keeper's record of the end ----------------------------------------------------------

TEST_F(JudgeTask, BelievesTheKeepersEndWhateverSlurmSays) {
  const auto ended = started().tell({Told::ended("a", 0, "succeeded")});
  EXPECT_EQ(said(ended), "succeeded (journal)");
  for (const State state : {State::running, State::completing, State::completed, State::failed,
                            State::cancelled, State::node_fail, State::timeout, State::unknown}) {
    EXPECT_EQ(said(ended, state), "succeeded (journal)") << slurm::state_name(state);
  }
  EXPECT_EQ(said(Sights(ended).queue({})), "succeeded (journal)");
  EXPECT_EQ(said(Sights(ended).silent_queue()), "succeeded (journal)");
}

TEST_F(JudgeTask, SaysEveryKindOfEndWithItsClass) {
  const auto ended = [this](const std::string& outcome, const std::string& cls,
                            const std::string& sentence) {
    return said(started().tell({Told::ended("a", 0, outcome, cls, sentence)}));
  };
  EXPECT_EQ(ended("failed", "oom", "rank 0 ran out of memory"),
            "failed oom 'rank 0 ran out of memory' (journal)");
  EXPECT_EQ(ended("cancelled", "cancelled", "told to end"),
            "cancelled cancelled 'told to end' (journal)");
  EXPECT_EQ(ended("dependency_failed", "dependency_failed", "it needs 'x'"),
            "dependency_failed dependency_failed 'it needs 'x'' (journal)");
  EXPECT_EQ(ended("exploded", "", ""),
            "unknown 'its keeper recorded the end 'exploded', which this foz does not know' "
            "(journal)");
}

TEST_F(JudgeTask, SaysWhereSlurmStartsWhatHasEndedAgain) {
  auto again = row_of(7, State::pending, "BeginTime");
  again.restarts = 1;
  const auto ended = started().tell({Told::ended("a", 0, "succeeded")});
  EXPECT_EQ(said(Sights(ended).queue({again})), "succeeded (journal and queue disagree)");
  again.restarts = 0;  // asked before it started
  EXPECT_EQ(said(Sights(ended).queue({again})), "succeeded (journal)");
}

TEST_F(JudgeTask, TakesTheNewestAttemptWhateverTheOrderOfTheRecords) {
  const journal::Record first = Told::ended("a", 0, "interrupted", "node_fail", "gone", 1);
  const journal::Record second = Told::ended("a", 0, "succeeded", "", "", 2);
  const auto base = sent().tell({Told::started("a", 0, 7, 2), Told::started("a", 0, 7, 1)});
  EXPECT_EQ(said(Sights(base).tell({first, second})), "succeeded (journal)");
  EXPECT_EQ(said(Sights(base).tell({second, first})), "succeeded (journal)");
}

TEST_F(JudgeTask, AnEarlierAttemptsEndIsNoEnd) {
  const auto again = started().tell(
      {Told::ended("a", 0, "failed", "oom", "too big", 1), Told::started("a", 0, 7, 2)});
  EXPECT_EQ(said(again), "running (journal)");
  auto running = row_of(7, State::running);
  running.restarts = 1;
  EXPECT_EQ(said(Sights(again).queue({running})), "running (queue)");
}

TEST_F(JudgeTask, AnInterruptedAttemptIsNotOver) {
  const auto cut = started().tell({Told::ended("a", 0, "interrupted", "preempted", "")});
  EXPECT_EQ(said(cut), "queued 'waits to start again' (journal)");
  auto waits = row_of(7, State::pending, "BeginTime");
  waits.restarts = 1;
  EXPECT_EQ(said(Sights(cut).queue({waits})), "queued 'waits to start again (BeginTime)' (queue)");
  EXPECT_EQ(said(Sights(cut).queue({})),
            "unknown 'Slurm no longer knows job 7, its keeper recorded no end, and there is no "
            "accounting to ask' ()");
}

// ---- 2: a row that lives ------------------------------------------------------------------------

TEST_F(JudgeTask, IsRunningInEveryLivingState) {
  for (const State state : {State::configuring, State::running, State::suspended, State::completing,
                            State::stopped, State::signaling, State::stage_out, State::resizing}) {
    EXPECT_EQ(said(started(), state), "running (queue)") << slurm::state_name(state);
    EXPECT_EQ(said(sent(), state), "running (queue)") << slurm::state_name(state);
  }
}

TEST_F(JudgeTask, PendingIsQueuedOrWaitsForItsParents) {
  EXPECT_EQ(said(sent(), State::pending, "Resources"), "queued (queue)");
  EXPECT_EQ(said(sent(), State::pending, "Priority"), "queued (queue)");
  EXPECT_EQ(said(sent(), State::pending, "None"), "queued (queue)");
  EXPECT_EQ(said(sent(), State::pending, "Dependency"), "waiting (queue)");
  EXPECT_EQ(said(sent(), State::requeued, "Resources"), "queued (queue)");
  EXPECT_EQ(said(sent(), State::pending, "DependencyNeverSatisfied"),
            "dependency_failed dependency_failed 'Slurm says that its dependency can never be "
            "satisfied' (queue)");
}

TEST_F(JudgeTask, TellsWhoHoldsIt) {
  const auto unreleased = Sights().sent(one_, "a", 7);
  EXPECT_EQ(said(unreleased, State::pending, "JobHeldUser"),
            "held 'held until every stage is sent' (queue)");
  EXPECT_EQ(said(sent(), State::pending, "JobHeldUser"),
            "held 'held (JobHeldUser); 'scontrol release' lets it go' (queue)");
  EXPECT_EQ(said(sent(), State::pending, "JobHeldAdmin"),
            "held 'held (JobHeldAdmin); 'scontrol release' lets it go' (queue)");
  EXPECT_EQ(said(started(), State::requeue_hold, "JobHeldUser"),
            "held 'held (JobHeldUser); 'scontrol release' lets it go' (queue)");
  EXPECT_EQ(said(started(), State::special_exit),
            "held 'held (SPECIAL_EXIT); 'scontrol release' lets it go' (queue)");
  EXPECT_EQ(said(started(), State::resv_del_hold),
            "held 'held (RESV_DEL_HOLD); 'scontrol release' lets it go' (queue)");
}

TEST_F(JudgeTask, ALaunchThatFailedIsHeldWithItsNode) {
  auto row = row_of(7, State::pending, "launch_failed_requeued_held");
  EXPECT_EQ(said(Sights(sent()).queue({row})),
            "held launch_failed 'Slurm could not launch it and holds it; 'scontrol release' lets "
            "it try again' (queue)");
  row.nodes = "n3";
  EXPECT_EQ(said(Sights(sent()).queue({row})),
            "held launch_failed 'Slurm could not launch it on n3 and holds it; 'scontrol release' "
            "lets it try again' (queue)");
}

TEST_F(JudgeTask, WordsItDoesNotKnowAreUnknown) {
  EXPECT_EQ(said(sent(), State::revoked),
            "unknown 'Slurm says REVOKED: another cluster took it' (queue)");
  auto odd = row_of(7, State::unknown);
  odd.state_text = "POWER_UP_NODE";
  EXPECT_EQ(said(Sights(sent()).queue({odd})), "unknown 'Slurm says POWER_UP_NODE' (queue)");
}

TEST_F(JudgeTask, AnAnswerFromBeforeTheNewestStartIsLeftAside) {
  EXPECT_EQ(said(started(), State::pending, "Resources"), "running (journal)");
  const auto second = started().tell({Told::started("a", 0, 7, 2)});
  EXPECT_EQ(said(second, State::node_fail), "running (journal)");
  EXPECT_EQ(said(second, State::running), "running (journal)");
}

// ---- 3 to 5: foz, parents, recorded losses ------------------------------------------------------

TEST_F(JudgeTask, WhatFozCancelledIsCancelledUnlessItLives) {
  const auto cancelled = sent().tell({record_of(journal::kind::cancelled, {{"stage", text("")}})});
  EXPECT_EQ(said(cancelled), "cancelled cancelled 'cancelled by foz' (journal)");
  EXPECT_EQ(said(Sights(cancelled).queue({})), "cancelled cancelled 'cancelled by foz' (journal)");
  EXPECT_EQ(said(cancelled, State::cancelled), "cancelled cancelled 'cancelled by foz' (journal)");
  EXPECT_EQ(said(cancelled, State::completing), "running (queue)");
}

TEST_F(JudgeTask, WhatWasCancelledBeforeItWasSentSaysWhy) {
  const auto cancelled = record_of(journal::kind::cancelled, {{"stage", text("")}});
  const auto intended = record_of(
      journal::kind::cancel_intended,
      {{"stage", text("")}, {"reason", text("cancelled by foz cancel")}, {"by", text("user")}});
  EXPECT_EQ(said(Sights().tell({intended, cancelled})),
            "cancelled cancelled 'never sent: cancelled by foz cancel' (journal)");
  EXPECT_EQ(said(Sights().tell({cancelled})),  // its intent was lost with a damaged journal
            "cancelled cancelled 'cancelled by foz' (journal)");
  const auto refused =
      Sights().tell({Told::intended("a", 0, "n7"),
                     record_of(journal::kind::submit_failed, {{"stage", text("a")},
                                                              {"part", number(0)},
                                                              {"nonce", text("n7")},
                                                              {"what", text("refused")},
                                                              {"reason", text("no such account")}}),
                     cancelled});
  EXPECT_EQ(said(refused), "failed launch_failed 'no such account' (journal)");
  EXPECT_EQ(said_of_child(refused), "cancelled cancelled 'never sent: no such account' (journal)");
}

TEST_F(JudgeTask, AParentsEndForbidsWhatHasNotStarted) {
  const auto failed = both_sent().tell(
      {Told::started("a", 0, 7), Told::ended("a", 0, "failed", "user_error", "no")});
  const std::string forbidden =
      "dependency_failed dependency_failed 'it needs 'a', and a failed' (journal)";
  EXPECT_EQ(said_of_child(failed), forbidden);
  EXPECT_EQ(said_of_child(Sights(failed).queue({})), forbidden);
  EXPECT_EQ(said_of_child(Sights(failed).queue({row_of(8, State::pending, "Dependency")})),
            forbidden);
  EXPECT_EQ(said_of_child(Sights(failed).queue({row_of(8, State::cancelled)})), forbidden);
  EXPECT_EQ(said_of_child(Sights(failed).queue({row_of(8, State::running)})), "running (queue)");
}

TEST_F(JudgeTask, SaysHowTheParentEnded) {
  const auto child_of = [this](const std::string& outcome) {
    return said_of_child(
        both_sent().tell({Told::started("a", 0, 7), Told::ended("a", 0, outcome, "x", "y")}));
  };
  EXPECT_EQ(child_of("cancelled"),
            "dependency_failed dependency_failed 'it needs 'a', and a was cancelled' (journal)");
  EXPECT_EQ(child_of("dependency_failed"),
            "dependency_failed dependency_failed 'it needs 'a', and a could not start' (journal)");
  EXPECT_EQ(child_of("succeeded"), "waiting (journal)");
}

TEST_F(JudgeTask, APartnersEndForbidsItsOwnPartnerAlone) {
  const auto seen = Sights()
                        .sent(pair_, "a", 7)
                        .sent(pair_, "b", 8)
                        .tell({Told::released("a"), Told::started("a", 1, 101),
                               Told::ended("a", 1, "failed", "oom", "no")});
  const RunStatus status = judge(pair_, seen.seen);
  EXPECT_EQ(lines_of(status.stages[1]),
            (std::vector<std::string>{
                "0 waiting (journal)",
                "1 dependency_failed dependency_failed 'it needs 'a', and a.1 failed' (journal)"}));
}

TEST_F(JudgeTask, BelievesWhatWasRecordedOfALoss) {
  const auto lost =
      record_of(journal::kind::task_lost, {{"stage", text("a")},
                                           {"index", number(0)},
                                           {"last", number(0)},
                                           {"attempt", number(1)},
                                           {"class", text("node_fail")},
                                           {"sentence", text("Slurm says NODE_FAIL")}});
  const std::string said_so = "failed node_fail 'Slurm says NODE_FAIL' (journal)";
  EXPECT_EQ(said(started().tell({lost})), said_so);
  EXPECT_EQ(said(started().tell({lost}).queue({})), said_so);
  EXPECT_EQ(said(started().tell({lost}), State::completed), said_so);
  EXPECT_EQ(said(started(2).tell({lost})), "running (journal)");  // it started again since
  EXPECT_EQ(said(started().tell({lost, Told::ended("a", 0, "succeeded")})), "succeeded (journal)");
}

TEST_F(JudgeTask, AnEndOnRecordStaysWhateverBecomesOfTheParents) {
  const auto lost = record_of(journal::kind::task_lost,
                              {{"stage", text("b")},
                               {"index", number(0)},
                               {"last", number(0)},
                               {"attempt", number(0)},
                               {"class", text("cancelled")},
                               {"sentence", text("Slurm says CANCELLED, before it had started")}});
  const std::string said_so =
      "cancelled cancelled 'Slurm says CANCELLED, before it had started' (journal)";
  EXPECT_EQ(said_of_child(started().tell({lost})), said_so);
  EXPECT_EQ(said_of_child(started().tell({lost, Told::ended("a", 0, "failed")})), said_so);
}

// ---- 6: Slurm's word on an end ------------------------------------------------------------------

struct SlurmEnd {
  State state;
  std::string started, unstarted;
};

TEST_F(JudgeTask, AnEndThatOnlySlurmKnowsIsNeverASuccess) {
  const auto both = [](State state, const std::string& cls) {
    const std::string words(slurm::state_name(state));
    return SlurmEnd{
        state,
        "failed " + cls + " 'Slurm says " + words + ", and its keeper recorded no end' (queue)",
        "failed " + cls + " 'Slurm says " + words + ", and its keeper recorded no start' (queue)"};
  };
  for (const SlurmEnd& one :
       {both(State::timeout, "timeout"), both(State::deadline, "timeout"),
        both(State::node_fail, "node_fail"), both(State::boot_fail, "node_fail"),
        both(State::preempted, "preempted"), both(State::out_of_memory, "oom"),
        both(State::launch_failed, "launch_failed")}) {
    EXPECT_EQ(said(started(), one.state), one.started);
    EXPECT_EQ(said(sent(), one.state), one.unstarted);
  }
  for (const State state : {State::completed, State::failed}) {
    const std::string words(slurm::state_name(state));
    EXPECT_EQ(said(started(), state),
              "failed lost 'Slurm says " + words + ", and its keeper recorded no end' (queue)");
    EXPECT_EQ(said(sent(), state), "failed launch_failed 'Slurm says " + words +
                                       ", and its keeper recorded no start' (queue)");
  }
}

TEST_F(JudgeTask, ACancelledJobIsCancelled) {
  EXPECT_EQ(said(sent(), State::cancelled),
            "cancelled cancelled 'Slurm says CANCELLED, before it had started' (queue)");
  EXPECT_EQ(said(started(), State::cancelled),
            "cancelled cancelled 'Slurm says CANCELLED, and its keeper recorded no end' (queue)");
  EXPECT_EQ(said(sent(), State::cancelled, "DependencyNeverSatisfied"),
            "dependency_failed dependency_failed 'Slurm cancelled it: its dependency could never "
            "be satisfied' (queue)");
}

TEST_F(JudgeTask, WaitsALittleForTheRecordOfAnEnd) {
  auto row = row_of(7, State::completed);
  const std::string on_its_way =
      "unknown 'Slurm says COMPLETED, and its keeper's record may still be on its way' (queue)";
  for (const UnixMillis age : {UnixMillis{0}, k_record_grace - 1}) {
    row.end_time = k_now - age;
    EXPECT_EQ(said(started().queue({row})), on_its_way);
  }
  const std::string lost =
      "failed lost 'Slurm says COMPLETED, and its keeper recorded no end' (queue)";
  for (const UnixMillis end : {k_now - k_record_grace, k_now + 1, UnixMillis{0}}) {
    row.end_time = end;  // a time to come, or none: it cannot be waited for
    EXPECT_EQ(said(started().queue({row})), lost);
  }
}

TEST_F(JudgeTask, AccountingSpeaksOfWhatTheQueueForgot) {
  const auto forgotten = started().queue({});
  EXPECT_EQ(said(Sights(forgotten).history({past_of(7, State::out_of_memory)})),
            "failed oom 'Slurm says OUT_OF_MEMORY, and its keeper recorded no end' (accounting)");
  EXPECT_EQ(said(Sights(forgotten).history(
                {past_of(7, State::node_fail), past_of(7, State::timeout, 1)})),
            "failed timeout 'Slurm says TIMEOUT, and its keeper recorded no end' (accounting)");
}

// ---- 7 and 8: silence ---------------------------------------------------------------------------

TEST_F(JudgeTask, WithoutAQueueWhatWasDoneLastIsSaid) {
  EXPECT_EQ(said(Sights()), "waiting 'not sent yet' (journal)");
  EXPECT_EQ(said(Sights().sent(one_, "a", 7)), "held 'held until every stage is sent' (journal)");
  EXPECT_EQ(said(Sights()
                     .sent(one_, "a", 7)
                     .tell({record_of(journal::kind::release_intended,
                                      {{"stage", text("a")}, {"part", number(0)}})})),
            "queued (journal)");
  EXPECT_EQ(said(sent()), "queued (journal)");
  EXPECT_EQ(said(started()), "running (journal)");
  EXPECT_EQ(said(started().silent_queue()), "running (journal)");
  EXPECT_EQ(said_of_child(both_sent()), "waiting (journal)");
}

TEST_F(JudgeTask, WhatNobodyKnowsIsUnknownWithTheReason) {
  const std::string start =
      "unknown 'Slurm no longer knows job 7, its keeper recorded no start, and ";
  EXPECT_EQ(said(sent().queue({})), start + "there is no accounting to ask' ()");
  EXPECT_EQ(said(sent().queue({}).history({})), start + "accounting has no record of it' ()");
  EXPECT_EQ(said(sent().queue({}).history({past_of(7, State::running)})),
            start + "accounting says RUNNING' ()");
  Sights silent = sent().queue({});
  silent.seen.history_error = "slurmdbd is down";
  EXPECT_EQ(said(silent), start + "accounting did not answer (slurmdbd is down)' ()");
  EXPECT_EQ(said(started().queue({})),
            "unknown 'Slurm no longer knows job 7, its keeper recorded no end, and there is no "
            "accounting to ask' ()");
}

TEST_F(JudgeTask, WhatWasNeverSentIsToldApart) {
  const auto failed = [](const std::string& what, const std::string& reason) {
    return record_of(journal::kind::submit_failed, {{"stage", text("a")},
                                                    {"part", number(0)},
                                                    {"nonce", text("n7")},
                                                    {"what", what},
                                                    {"reason", reason}});
  };
  EXPECT_EQ(said(Sights().tell({Told::intended("a", 0, "n7"), failed("nothing", "away")})),
            "waiting 'not sent yet' (journal)");
  EXPECT_EQ(
      said(Sights().tell({Told::intended("a", 0, "n7"), failed("refused", "no such account")})),
      "failed launch_failed 'no such account' (journal)");
  EXPECT_EQ(said(Sights().tell({record_of(
                journal::kind::cancel_intended,
                {{"stage", text("")}, {"reason", text("too late")}, {"by", text("user")}})})),
            "cancelled cancelled 'never sent: too late' (journal)");
}

TEST_F(JudgeTask, ARefusalElsewhereEndsWhatWasNotSent) {
  const auto seen = Sights().tell(
      {Told::intended("a", 0, "n7"),
       record_of(journal::kind::submit_failed, {{"stage", text("a")},
                                                {"part", number(0)},
                                                {"nonce", text("n7")},
                                                {"what", text("refused")},
                                                {"reason", text("no such account")}})});
  EXPECT_EQ(said_of_child(seen),
            "dependency_failed dependency_failed 'it needs 'a', and a failed' (journal)");
}

// ---- whose row it is ----------------------------------------------------------------------------

TEST_F(JudgeTask, ARowOfAnotherNameUnderTheSameIdIsAnotherJob) {
  auto row = row_of(7, State::running);
  row.name = "somebody-elses";
  EXPECT_EQ(said(sent().queue({row})),
            "unknown 'Slurm no longer knows job 7, its keeper recorded no start, and there is no "
            "accounting to ask' ()");
  row.name = "a@brave-tide-4f2a.0.n7";
  EXPECT_EQ(said(sent().queue({row})), "running (queue)");
}

}  // namespace
}  // namespace foz::run
