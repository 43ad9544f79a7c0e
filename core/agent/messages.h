/// What keeper and node agents say to each other. Values only; how they travel is a Channel's
/// business (on one node as they are, else as lines: wire.h).
///
///   keeper to nodes   Prepare · ReservePorts · TakeWorld · StartRole · StopWorld · Forward
///   node to keeper    Hello · Prepared · Unfit · Ports · Running · NotStarted · Ready · NotReady ·
///                     Ended · Clear · Signalled · Noted · LogLost; Lost is said by the channel in
///                     its place
///
/// Orders may come twice. Reports of a world carry its number, so that stale ones are known.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/agent/machine.h"
#include "core/agent/world.h"
#include "core/failure/failure.h"
#include "plugins/api/api.h"

namespace foz::agent {

namespace order {
struct Prepare {};
struct ReservePorts {
  WorldId world = 0;
  std::uint32_t count = 0;
};
/// What the next StartRole orders are about; what was reserved for this world is bound to its
/// slots.
struct TakeWorld {
  std::shared_ptr<const WorldPlan> plan;
};
struct StartRole {
  WorldId world = 0;
  std::size_t role = 0;
};
struct StopWorld {
  WorldId world = 0;
  milliseconds grace{0};
  Teller teller = Teller::agent;
};
struct Forward {
  int signal = 0;
};
}  // namespace order
using Order = std::variant<order::Prepare, order::ReservePorts, order::TakeWorld, order::StartRole,
                           order::StopWorld, order::Forward>;

namespace report {
struct Hello {
  plugin::Node node;
};
struct Prepared {};
struct Unfit {
  failure::Class cls;
  std::string sentence;
};
struct Ports {
  WorldId world = 0;
  std::vector<std::uint16_t> ports;
  std::string error;
};
struct Running {
  WorldId world = 0;
  std::size_t slot = 0;
};
struct NotStarted {
  WorldId world = 0;
  std::size_t slot = 0;
  std::string sentence;
};
/// `slots`: usually one; every rank of a role where one probe speaks for all.
struct Ready {
  WorldId world = 0;
  std::vector<std::size_t> slots;
};
struct NotReady {
  WorldId world = 0;
  std::size_t slot = 0;
  std::string sentence;
};
struct Ended {
  WorldId world = 0;
  std::size_t slot = 0;
  failure::ProcessEnd end;
  std::string broken_promise;
};
struct Clear {
  WorldId world = 0;
};
struct Signalled {
  int number = 0;
};
struct Noted {
  std::string text;
};
/// A part of a rank's log could not be written.
struct LogLost {
  std::string sentence;
};
struct Lost {
  std::string sentence;
};
}  // namespace report
using Report =
    std::variant<report::Hello, report::Prepared, report::Unfit, report::Ports, report::Running,
                 report::NotStarted, report::Ready, report::NotReady, report::Ended, report::Clear,
                 report::Signalled, report::Noted, report::LogLost, report::Lost>;

}  // namespace foz::agent
