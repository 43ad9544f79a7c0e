#include "core/agent/machine.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <string>
#include <vector>

#include "tests/unit/agent/machine_driver.h"

namespace foz::agent {
namespace {

using failure::Class;
using failure::ProcessEnd;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Machine, WalksASingleTaskFromBeginToSuccess) {
  Driver d;
  EXPECT_THAT(d.feed(event::Begin{}), ElementsAre(one(action::AskGate{})));
  EXPECT_THAT(d.feed(event::GateOpened{}),
              ElementsAre(one(action::Connect{}),
                          one(action::SetTimer{Timer::connect, 0, k_connect_limit})));
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{0}}), ElementsAre(one(action::Prepare{})));
  EXPECT_THAT(d.feed(event::NodePrepared{NodeIndex{0}}),
              ElementsAre(one(action::ArrangeWorld{1, 0, 1})));
  d.arranged();
  EXPECT_EQ(d.state().phase, Phase::running);
  EXPECT_THAT(d.feed(event::RankRunning{1, 0}), ElementsAre(one(action::RecordWorldUp{0, 1, 1})));
  EXPECT_THAT(d.end_rank(0, 0),
              ElementsAre(one(action::StopWorld{1, k_grace}),
                          one(action::SetTimer{Timer::stop, 1, k_grace + k_stop_margin})));
  EXPECT_THAT(d.clear(),
              ElementsAre(one(action::RecordStepEnded{0, 1, "succeeded", std::nullopt, ""}),
                          one(action::CheckOutputs{})));
  EXPECT_THAT(d.feed(event::OutputsFound{}),
              ElementsAre(one(action::Finish{Outcome::succeeded, std::nullopt, "", 0})));
  EXPECT_EQ(d.state().phase, Phase::done);
}

TEST(Machine, EndsAsDependencyFailedWhenTheGateIsClosed) {
  Driver d;
  d.feed(event::Begin{});
  EXPECT_THAT(d.feed(event::GateClosed{"train.3 ended as failed"}),
              ElementsAre(one(action::Finish{Outcome::dependency_failed, Class::dependency_failed,
                                             "train.3 ended as failed", 1})));
}

TEST(Machine, WaitsForEveryNodeBeforeItPrepares) {
  Driver d({{"", false}}, 3);
  d.feed_all(event::Begin{}, event::GateOpened{});
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{2}}), IsEmpty());
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{0}}), IsEmpty());
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{0}}), IsEmpty());  // said twice
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{1}}), ElementsAre(one(action::Prepare{})));
  EXPECT_THAT(d.feed(event::NodePrepared{NodeIndex{1}}), IsEmpty());
}

TEST(Machine, NamesHowManyNodesNeverCame) {
  Driver d({{"", false}}, 4);
  d.feed_all(event::Begin{}, event::GateOpened{}, event::NodeUp{NodeIndex{0}},
             event::NodeUp{NodeIndex{3}});
  EXPECT_THAT(d.feed(event::TimeUp{Timer::connect, 0}),
              ElementsAre(one(
                  failed(Class::launch_failed, "2 of 4 nodes did not answer within 120 s", 1))));
}

TEST(Machine, ALateConnectTimerMeansNothing) {
  Driver d;
  d.running();
  EXPECT_THAT(d.feed(event::TimeUp{Timer::connect, 0}), IsEmpty());
}

TEST(Machine, AnUnfitNodeEndsTheTask) {
  Driver d;
  d.feed_all(event::Begin{}, event::GateOpened{}, event::NodeUp{NodeIndex{0}});
  EXPECT_THAT(d.feed(event::NodeUnfit{NodeIndex{0}, Class::launch_failed,
                                      "on n1: setup line 1 'false' ended with status 1"}),
              ElementsAre(one(failed(Class::launch_failed,
                                     "on n1: setup line 1 'false' ended with status 1", 1))));
}

TEST(Machine, AnImpossibleWorldIsThePluginsFailure) {
  Driver d;
  d.connected();
  EXPECT_THAT(d.feed(event::WorldImpossible{1, Class::plugin_error, "plugin 'spark': no script"}),
              ElementsAre(one(step_failed(0, 1, Class::plugin_error, "plugin 'spark': no script")),
                          one(failed(Class::plugin_error, "plugin 'spark': no script", 1))));
}

TEST(Machine, LetsTheCauseComeInBeforeItStopsTheOthers) {
  Driver d({{"", false}}, 2);
  d.running();
  EXPECT_THAT(d.end_rank(0, exited(1)),
              ElementsAre(one(action::SetTimer{Timer::settle, 1, k_settle_time})));
  ProcessEnd killed = d.end_of(1, SIGKILL);
  killed.oom_killed = true;
  EXPECT_THAT(d.feed(event::RankEnded{1, 1, killed, {}}), IsEmpty());
  EXPECT_THAT(d.time_up(Timer::settle),
              ElementsAre(one(action::StopWorld{1, k_grace}),
                          one(action::SetTimer{Timer::stop, 1, k_grace + k_stop_margin})));
  d.clear(0);
  const std::string sentence =
      "rank 1 on n2 went over its memory limit: the kernel killed a process of it, and it was "
      "killed by signal 9 (SIGKILL)";
  EXPECT_THAT(d.clear(1), ElementsAre(one(step_failed(0, 1, Class::oom, sentence)),
                                      one(failed(Class::oom, sentence, 137))));
}

TEST(Machine, KeepsTheExitCodeOfTheCulprit) {
  Driver d;
  d.running();
  d.end_rank(0, exited(42));
  d.time_up(Timer::settle);
  EXPECT_THAT(
      d.clear(),
      ElementsAre(
          one(step_failed(0, 1, Class::user_error, "rank 0 on n1 ended with exit status 42")),
          one(failed(Class::user_error, "rank 0 on n1 ended with exit status 42", 42))));
}

TEST(Machine, ARankThatCannotStartIsALaunchFailure) {
  Driver d({{"", false}}, 2);
  d.connected().arranged();
  d.feed(event::RankRunning{1, 0});
  d.feed(event::RankNotStarted{
      1, 1, "rank 1 on n2 could not be started: program 'pythn' is not on PATH"});
  d.end_rank(0, exited(1));  // an echo
  d.time_up(Timer::settle);
  d.clear(0);
  EXPECT_THAT(d.clear(1).back(),
              one(failed(Class::launch_failed,
                         "rank 1 on n2 could not be started: program 'pythn' is not on PATH", 1)));
}

TEST(Machine, RestartsTheWorldWhenAPortWasTaken) {
  Driver d;
  d.running();
  for (std::uint32_t start = 1; start <= k_port_restarts; ++start) {
    ProcessEnd end = d.end_of(0, exited(1));
    end.bind_failure = true;
    d.feed(event::RankEnded{d.state().world, 0, end, {}});
    d.time_up(Timer::settle);
    EXPECT_THAT(d.clear(),
                ElementsAre(one(action::RecordStepEnded{
                                0, start, "restarted", Class::launch_failed,
                                "rank 0 on n1 found its port taken and ended with exit status 1"}),
                            one(action::ArrangeWorld{start + 1, 0, start + 1})));
    d.arranged();
    d.feed(event::RankRunning{d.state().world, 0});
  }
  ProcessEnd end = d.end_of(0, exited(1));
  end.bind_failure = true;
  d.feed(event::RankEnded{d.state().world, 0, end, {}});
  d.time_up(Timer::settle);
  EXPECT_EQ(std::get<action::Finish>(d.clear().back()).cls, Class::launch_failed);
}

TEST(Machine, IgnoresReportsOfAnOlderWorld) {
  Driver d;
  d.running();
  ProcessEnd end = d.end_of(0, exited(1));
  end.bind_failure = true;
  d.feed(event::RankEnded{1, 0, end, {}});
  d.time_up(Timer::settle);
  d.clear();
  d.arranged();
  ASSERT_EQ(d.state().world, 2U);
  EXPECT_THAT(d.feed(event::RankEnded{1, 0, d.end_of(0, exited(9)), {}}), IsEmpty());
  EXPECT_THAT(d.feed(event::NodeClear{1, NodeIndex{0}}), IsEmpty());
  EXPECT_THAT(d.feed(event::TimeUp{Timer::settle, 1}), IsEmpty());
  EXPECT_THAT(d.feed(event::WorldArranged{1, {}, {}, k_grace}), IsEmpty());
}

TEST(Machine, StartsRolesInOrderAndStopsHelpersAtTheEnd) {
  Driver d;
  d.connected();
  const std::vector<RoleView> roles = {{"driver", {1}, false, true, false, {}},
                                       {"master", {}, true, false, false, {}}};
  const std::vector<RankView> ranks = {{0, NodeIndex{0}, RankPhase::waiting},
                                       {1, NodeIndex{0}, RankPhase::waiting}};
  EXPECT_THAT(d.feed(event::WorldArranged{1, roles, ranks, k_grace}),
              ElementsAre(one(action::RecordStepStarted{0, 1, 2}), one(action::StartRole{1, 1})));
  EXPECT_THAT(d.feed(event::RankRunning{1, 1}), IsEmpty());
  EXPECT_THAT(d.feed(event::RankReady{1, 1}), ElementsAre(one(action::StartRole{1, 0})));
  EXPECT_THAT(d.feed(event::RankRunning{1, 0}), ElementsAre(one(action::RecordWorldUp{0, 1, 2})));
  EXPECT_THAT(d.end_rank(0, 0),
              ElementsAre(one(action::StopWorld{1, k_grace}),
                          one(action::SetTimer{Timer::stop, 1, k_grace + k_stop_margin})));
  ProcessEnd master = d.end_of(1, SIGTERM);
  master.ended_by_us = true;
  d.feed(event::RankEnded{1, 1, master, {}});
  EXPECT_THAT(d.clear(),
              ElementsAre(one(action::RecordStepEnded{0, 1, "succeeded", std::nullopt, ""}),
                          one(action::CheckOutputs{})));
}

TEST(Machine, AHelperThatDiesFailsTheStep) {
  Driver d;
  d.connected();
  d.feed(event::WorldArranged{
      1,
      {{"driver", {1}, false, true, false, {}}, {"master", {}, true, false, false, {}}},
      {{0, NodeIndex{0}, RankPhase::waiting}, {1, NodeIndex{0}, RankPhase::waiting}},
      k_grace});
  d.feed(event::RankRunning{1, 1});
  d.end_rank(1, exited(1));
  EXPECT_EQ(d.state().phase, Phase::settling);
}

TEST(Machine, ARoleThatIsNotReadyInTimeFailsTheStepWithThatReason) {
  Driver d;
  d.connected();
  d.feed(event::WorldArranged{1,
                              {{"master", {}, true, true, false, {}}},
                              {{0, NodeIndex{0}, RankPhase::waiting}},
                              k_grace});
  d.feed(event::RankRunning{1, 0});
  d.feed(event::RankNotReady{
      1, 0, "rank master.0 on n1 was not ready: port 'rpc' (7077) did not listen within 120 s"});
  d.time_up(Timer::settle);
  EXPECT_EQ(
      std::get<action::Finish>(d.clear().back()),
      failed(Class::launch_failed,
             "rank master.0 on n1 was not ready: port 'rpc' (7077) did not listen within 120 s",
             1));
}

TEST(Machine, ARankThatEndsWellBeforeItWasReadyIsALaunchFailure) {
  Driver d;
  d.connected();
  d.feed(event::WorldArranged{1,
                              {{"master", {}, true, true, false, {}}},
                              {{0, NodeIndex{0}, RankPhase::waiting}},
                              k_grace});
  d.feed(event::RankRunning{1, 0});
  ProcessEnd end = d.end_of(0, 0);
  end.role = "master";
  d.feed(event::RankEnded{1, 0, end, {}});
  d.time_up(Timer::settle);
  EXPECT_EQ(std::get<action::Finish>(d.clear().back()),
            failed(Class::launch_failed, "rank master.0 on n1 ended before it was ready", 1));
}

TEST(Machine, ABrokenPromiseIsAFailureThoughTheExitWasGood) {
  Driver d;
  d.running();
  d.feed(event::RankEnded{1, 0, d.end_of(0, 0), "the world had 1 worker, not 2"});
  d.time_up(Timer::settle);
  EXPECT_EQ(std::get<action::Finish>(d.clear().back()),
            failed(Class::world_size, "the world had 1 worker, not 2", 1));
}

TEST(Machine, GoesOnToTheNextStep) {
  Driver d({{"0", false}, {"1", false}});
  d.running();
  d.end_rank(0, 0);
  EXPECT_THAT(d.clear(),
              ElementsAre(one(action::RecordStepEnded{0, 1, "succeeded", std::nullopt, ""}),
                          one(action::ArrangeWorld{2, 1, 1})));
}

TEST(Machine, AStepThatMayFailDoesNotEndTheTask) {
  Driver d({{"0", true}, {"1", false}});
  d.running();
  d.end_rank(0, exited(3));
  d.time_up(Timer::settle);
  EXPECT_THAT(d.clear(), ElementsAre(one(step_failed(0, 1, Class::user_error,
                                                     "rank 0 on n1 ended with exit status 3")),
                                     one(action::ArrangeWorld{2, 1, 1})));
}

TEST(Machine, TheEndOfATaskNamesTheStepThatFailed) {
  Driver d({{"0", true}, {"1", false}});
  d.running();
  d.end_rank(0, 0);
  d.clear();
  d.arranged().feed(event::RankRunning{2, 0});
  d.end_rank(0, exited(3));
  d.time_up(Timer::settle);
  const std::string sentence = "rank 0 on n1 ended with exit status 3";
  EXPECT_THAT(d.clear(), ElementsAre(one(step_failed(1, 1, Class::user_error, sentence)),
                                     one(failed(Class::user_error, "step 1, " + sentence, 3))));
}

TEST(Machine, MissingOutputsFailAStepThatEndedWell) {
  Driver d;
  d.running();
  d.end_rank(0, 0);
  d.clear();
  EXPECT_THAT(
      d.feed(event::OutputsMissing{"output 'table' ('x') is not there"}),
      ElementsAre(one(failed(Class::output_missing, "output 'table' ('x') is not there", 1))));
}

TEST(Machine, ALostNodeIsTheCauseAndItsRanksAreGone) {
  Driver d({{"", false}}, 2);
  d.running();
  EXPECT_THAT(d.feed(event::NodeLost{NodeIndex{1}, "node n2 was lost"}),
              ElementsAre(one(action::SetTimer{Timer::settle, 1, k_settle_time})));
  d.end_rank(0, exited(1));
  d.time_up(Timer::settle);
  EXPECT_THAT(d.clear(0), ElementsAre(one(step_failed(0, 1, Class::node_fail, "node n2 was lost")),
                                      one(failed(Class::node_fail, "node n2 was lost", 1))));
}

TEST(Machine, NodesThatAreLostWhileStoppingAreNotWaitedFor) {
  Driver d({{"", false}}, 2);
  d.running();
  d.end_rank(0, exited(1));
  d.time_up(Timer::settle);
  d.clear(0);
  EXPECT_EQ(
      std::get<action::Finish>(d.feed(event::NodeLost{NodeIndex{1}, "node n2 was lost"}).back())
          .sentence,
      "rank 0 on n1 ended with exit status 1");
}

TEST(Machine, ANodeThatNeverSaysClearIsNotWaitedForForEver) {
  Driver d;
  d.running();
  d.end_rank(0, 0);
  EXPECT_THAT(
      d.time_up(Timer::stop),
      ElementsAre(one(action::Note{"a node did not say in time that nothing is left of the step"}),
                  one(action::RecordStepEnded{0, 1, "succeeded", std::nullopt, ""}),
                  one(action::CheckOutputs{})));
}

/// Every event in every phase: nothing may abort, and a finished task stays finished.
TEST(Machine, TakesAnyEventAtAnyTime) {
  const std::vector<Event> events = {
      event::Begin{},
      event::GateOpened{},
      event::GateClosed{"x"},
      event::NodeUp{},
      event::NodePrepared{},
      event::NodeUnfit{NodeIndex{0}, Class::storage, "x"},
      event::NodeLost{NodeIndex{0}, "x"},
      event::WorldArranged{
          1, {{"r", {}, false, true, false, {}}}, {{0, NodeIndex{0}, RankPhase::waiting}}, k_grace},
      event::WorldImpossible{1, Class::plugin_error, "x"},
      event::RankRunning{1, 0},
      event::RankNotStarted{1, 0, "x"},
      event::RankReady{1, 0},
      event::RankNotReady{1, 0, "x"},
      event::RankEnded{1, 0, {}, {}},
      event::RankEnded{1, 0, {"", 0, "n1", exited(1)}, {}},
      event::NodeClear{1, NodeIndex{0}},
      event::TimeUp{Timer::connect, 0},
      event::TimeUp{Timer::settle, 1},
      event::TimeUp{Timer::stop, 1},
      event::Signalled{SIGTERM},
      event::Signalled{SIGUSR2},
      event::Reason{Outcome::cancelled, Class::cancelled, "x"},
      event::OutputsFound{},
      event::OutputsMissing{"x"}};
  std::uint64_t seed = 1;
  for (int walk = 0; walk < 20'000; ++walk) {
    State state = make_state({{"0", walk % 2 == 0}, {"1", false}}, 1);
    int finished = 0;
    for (int i = 0; i < 40; ++i) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      const bool was_done = state.phase == Phase::done;
      auto [next, actions] = step(std::move(state), events[(seed >> 33U) % events.size()]);
      state = std::move(next);
      for (const Action& action : actions)
        finished += std::holds_alternative<action::Finish>(action) ? 1 : 0;
      ASSERT_TRUE(!was_done || state.phase == Phase::done);
    }
    ASSERT_LE(finished, 1) << "walk " << walk;
  }
}

}  // namespace
}  // namespace foz::agent
