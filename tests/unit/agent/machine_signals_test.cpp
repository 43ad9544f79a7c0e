#include <gmock/gmock.h>
#include <signal.h>

#include <string>
#include <vector>

#include "tests/unit/agent/machine_driver.h"

namespace foz::agent {
namespace {

using failure::Class;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(Machine, TermStopsTheWorldThenAsksWhy) {
  Driver d;
  d.running();
  EXPECT_THAT(d.feed(event::Signalled{SIGTERM}),
              ElementsAre(one(action::Note{"told to end by SIGTERM"}),
                          one(action::StopWorld{1, k_grace, Teller::outside}),
                          one(action::SetTimer{Timer::stop, 1, k_grace + k_stop_margin})));
  EXPECT_THAT(d.feed(event::Signalled{SIGTERM}), IsEmpty());
  d.end_rank(0, SIGTERM);
  EXPECT_THAT(d.clear(),
              ElementsAre(one(action::RecordStepEnded{0, 1, "stopped", std::nullopt, ""}),
                          one(action::AskReason{})));
  EXPECT_THAT(d.feed(event::Reason{Outcome::failed, Class::timeout, "it reached its time limit"}),
              ElementsAre(one(failed(Class::timeout, "it reached its time limit", 1))));
}

TEST(Machine, ARankThatDiesOfSlurmsTermBeforeTheKeeperHearsItIsNoFailure) {
  Driver d;
  d.running();
  d.end_rank(0, SIGTERM);
  d.feed(event::Signalled{SIGTERM});
  EXPECT_THAT(d.clear().back(), one(action::AskReason{}));
}

TEST(Machine, AFailureThatWasThereBeforeTheSignalKeepsItsReason) {
  Driver d;
  d.running();
  d.end_rank(0, exited(7));
  d.time_up(Timer::settle);
  d.feed(event::Signalled{SIGTERM});
  EXPECT_EQ(std::get<action::Finish>(d.clear().back()).exit_code, 7);
}

struct BeforeAWorld {
  std::string name;
  std::vector<Event> events;
};
class MachineToldEarly : public testing::TestWithParam<BeforeAWorld> {};
TEST_P(MachineToldEarly, LeavesAtOnce) {
  Driver d;
  for (const Event& event : GetParam().events) d.feed(event);
  EXPECT_THAT(d.feed(event::Signalled{SIGINT}),
              ElementsAre(one(action::Note{"told to end by SIGINT"}), one(action::AskReason{})));
  EXPECT_THAT(d.feed(event::NodeUp{NodeIndex{0}}), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(
    Phases, MachineToldEarly,
    testing::Values(BeforeAWorld{"Gate", {event::Begin{}}},
                    BeforeAWorld{"Connecting", {event::Begin{}, event::GateOpened{}}},
                    BeforeAWorld{"Preparing",
                                 {event::Begin{}, event::GateOpened{}, event::NodeUp{}}},
                    BeforeAWorld{"Arranging",
                                 {event::Begin{}, event::GateOpened{}, event::NodeUp{},
                                  event::NodePrepared{}}}),
    [](auto& one) { return one.param.name; });

TEST(Machine, ASuccessThatIsBeingCheckedIsNotTakenBackByATerm) {
  Driver d;
  d.running();
  d.end_rank(0, 0);
  d.clear();
  d.feed(event::Signalled{SIGTERM});
  EXPECT_THAT(d.feed(event::OutputsFound{}),
              ElementsAre(one(action::Finish{Outcome::succeeded, std::nullopt, "", 0})));
}

TEST(Machine, ForwardsOtherSignalsOnlyToARunningWorld) {
  Driver d;
  d.connected();
  EXPECT_THAT(d.feed(event::Signalled{SIGUSR1}),
              ElementsAre(one(action::Note{"SIGUSR1 came while no rank was running"})));
  d.arranged();
  EXPECT_THAT(d.feed(event::Signalled{SIGUSR1}), ElementsAre(one(action::Forward{SIGUSR1})));
}

}  // namespace
}  // namespace foz::agent
