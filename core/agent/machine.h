/// The keeper's state machine. Pure: every decision inside a job is step(State, Event) ->
/// {State, Actions}; effects live in keeper.cpp. It knows nothing of processes, files, clocks,
/// Slurm or plugins; it sees nodes by their place in the channel and ranks by their slot in the
/// world.
///
///   fresh ─Begin─▶ gate ─opened─▶ connecting ─every node up─▶ preparing ─every node prepared─┐
///                   │ closed           │ time up, node lost        │ unfit, node lost        │
///                   │ or impossible    │                           │                         │
///                   ▼                  └─────────────┬─────────────┘                         │
///          done:dependency_failed                    ▼                                       │
///                     done:failed (launch_failed, node_fail, plugin_error ...)               │
///                                                                                            │
///      ┌─────────────────────────────────────────────────────────────────────────────────────┘
///      ▼
///   arranging ─WorldArranged─▶ running ─every deciding rank ended well──────────▶ stopping
///                                 │ a rank failed, could not start, was not ready,   ▲
///                                 │ a node was lost                                  │
///                                 └───▶ settling (echoes and causes come in) ─time up┘
///
///   stopping ─every node clear─▶ on_world_down:
///                                  ended well         next step (arranging) or checking
///                                  a port was taken   arranging again, with new ports
///                                  step may fail      next step or checking
///                                  told to end        leaving
///                                  else               done:failed
///   checking ─outputs found─▶ done:succeeded;  missing ─▶ done:failed (output_missing)
///   told to end (TERM, INT) in any phase: the world is stopped first, then
///   leaving ─Reason─▶ done:cancelled, done:failed (timeout, preempted) or done:interrupted
///
/// An action may be carried out twice without harm, and an event of an older world is ignored.
/// Policies, spares and checkpoints are further events (checkpoint due, complete, limit near, node
/// health) and actions (ask for a checkpoint, requeue, swap a node); on_world_down() is the one
/// place where a failure becomes a restart, a requeue or an end.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/agent/teller.h"
#include "core/base/ids.h"
#include "core/failure/failure.h"

namespace foz::agent {

using std::chrono::milliseconds;

/// A world is one start of one step; each has a number of its own within the attempt, from 1.
using WorldId = std::uint32_t;

/// How a task's attempt ends. `interrupted`: Slurm will start it again; nothing final is said.
enum class Outcome { succeeded, failed, cancelled, dependency_failed, interrupted };
/// The journal's word.
[[nodiscard]] std::string_view outcome_name(Outcome outcome);

enum class Phase {
  fresh,
  gate,
  connecting,
  preparing,
  arranging,
  running,
  settling,
  stopping,
  checking,
  leaving,
  done,
};

/// What the machine must know of a step.
struct StepView {
  std::string name;
  bool may_fail = false;
};

enum class RankPhase { waiting, running, ready, ended };

/// What the machine must know of a role of the current world.
struct RoleView {
  std::string name;
  std::vector<std::size_t> after;  ///< roles that must be ready before this one starts
  bool probed = false;             ///< a rank is ready only when a report says so, not when it runs
  bool decides = true;  ///< the step ends when every rank of the deciding roles has ended
  bool asked = false;   ///< its ranks were told to start
  std::array<std::uint32_t, 4> reached{};  ///< ranks that have come as far as each RankPhase
};

struct RankView {
  std::size_t role = 0;
  NodeIndex node;
  RankPhase phase = RankPhase::waiting;
};

enum class Timer { connect, settle, stop };

/// Everything that decides. Comparable, so that a test can say "nothing changed".
struct State {
  Phase phase = Phase::fresh;
  std::vector<StepView> steps;
  std::uint32_t nodes = 1;
  milliseconds stop_grace{30'000};  ///< of the current world
  milliseconds told_grace{20'000};  ///< the most that is given when Slurm tells the job to end

  std::vector<bool> node_up;  ///< said hello and is not lost
  std::vector<bool> node_prepared;
  std::vector<bool> node_clear;  ///< nothing of the world being stopped is left there

  std::size_t step = 0;
  std::uint32_t start = 0;  ///< of the step, from 1
  WorldId world = 0;
  std::uint32_t port_restarts = 0;  ///< of the step
  std::vector<RoleView> roles;
  std::vector<RankView> ranks;
  bool was_up = false;  ///< every rank of this world was running at one time

  bool told_to_end = false;               ///< TERM or INT came
  bool ended_well = false;                ///< why this world is being stopped
  std::vector<failure::ProcessEnd> ends;  ///< of this world, in order of arrival
  std::optional<failure::Verdict> cause;  ///< what no process's end says: not started, node lost
};

namespace event {
struct Begin {};
struct GateOpened {};
struct GateClosed {
  std::string sentence;
};
struct NodeUp {
  NodeIndex node;
};
struct NodePrepared {
  NodeIndex node;
};
struct NodeUnfit {
  NodeIndex node;
  failure::Class cls;
  std::string sentence;
};
struct NodeLost {
  NodeIndex node;
  std::string sentence;
};
struct WorldArranged {
  WorldId world;
  std::vector<RoleView> roles;
  std::vector<RankView> ranks;
  milliseconds stop_grace;
};
struct WorldImpossible {
  WorldId world;
  failure::Class cls;
  std::string sentence;
};
struct RankRunning {
  WorldId world;
  std::size_t slot;
};
struct RankNotStarted {
  WorldId world;
  std::size_t slot;
  std::string sentence;
};
struct RankReady {
  WorldId world;
  std::size_t slot;
};
struct RankNotReady {
  WorldId world;
  std::size_t slot;
  std::string sentence;
};
/// `broken_promise`: it ended with 0, but the plugin's proof does not hold; the sentence, else
/// empty.
struct RankEnded {
  WorldId world;
  std::size_t slot;
  failure::ProcessEnd end;
  std::string broken_promise;
};
struct NodeClear {
  WorldId world;
  NodeIndex node;
};
struct TimeUp {
  Timer timer;
  WorldId world;
};
/// A signal to the keeper (or the notice that a node's agent got one).
struct Signalled {
  int number;
};
/// Why we were told to end, as far as Slurm says.
struct Reason {
  Outcome outcome;
  failure::Class cls;
  std::string sentence;
};
struct OutputsFound {};
struct OutputsMissing {
  std::string sentence;
};
}  // namespace event

using Event = std::variant<event::Begin, event::GateOpened, event::GateClosed, event::NodeUp,
                           event::NodePrepared, event::NodeUnfit, event::NodeLost,
                           event::WorldArranged, event::WorldImpossible, event::RankRunning,
                           event::RankNotStarted, event::RankReady, event::RankNotReady,
                           event::RankEnded, event::NodeClear, event::TimeUp, event::Signalled,
                           event::Reason, event::OutputsFound, event::OutputsMissing>;

namespace action {
struct AskGate {
  bool operator==(const AskGate&) const = default;
};
struct Connect {
  bool operator==(const Connect&) const = default;
};
/// The setup on every node; each answers NodePrepared or NodeUnfit.
struct Prepare {
  bool operator==(const Prepare&) const = default;
};
/// Make the outputs' folders, place the ranks, reserve ports, ask the plugin; the answer is
/// WorldArranged or WorldImpossible.
struct ArrangeWorld {
  WorldId world;
  std::size_t step;
  std::uint32_t start;
  bool operator==(const ArrangeWorld&) const = default;
};
struct StartRole {
  WorldId world;
  std::size_t role;
  bool operator==(const StartRole&) const = default;
};
/// TERM to what hears it, unless it was sent to all from outside, KILL after the grace to the rest
/// and to everything below; each node answers NodeClear.
struct StopWorld {
  WorldId world;
  milliseconds grace;
  Teller teller = Teller::agent;
  bool operator==(const StopWorld&) const = default;
};
struct Forward {
  int signal;
  bool operator==(const Forward&) const = default;
};
struct SetTimer {
  Timer timer;
  WorldId world;
  milliseconds after;
  bool operator==(const SetTimer&) const = default;
};
struct AskReason {
  bool operator==(const AskReason&) const = default;
};
struct CheckOutputs {
  bool operator==(const CheckOutputs&) const = default;
};
struct RecordStepStarted {
  std::size_t step;
  std::uint32_t start;
  std::size_t ranks;
  bool operator==(const RecordStepStarted&) const = default;
};
struct RecordWorldUp {
  std::size_t step;
  std::uint32_t start;
  std::size_t ranks;
  bool operator==(const RecordWorldUp&) const = default;
};
/// `status`: "succeeded", "failed", "restarted" or "stopped".
struct RecordStepEnded {
  std::size_t step;
  std::uint32_t start;
  std::string status;
  std::optional<failure::Class> cls;
  std::string sentence;
  bool operator==(const RecordStepEnded&) const = default;
};
struct Note {
  std::string text;
  bool operator==(const Note&) const = default;
};
/// The end of the attempt. `exit_code`: of the culprit where it is known (128 + n for a signal),
/// else 0 or 1.
struct Finish {
  Outcome outcome;
  std::optional<failure::Class> cls;
  std::string sentence;
  int exit_code;
  bool operator==(const Finish&) const = default;
};
}  // namespace action

using Action =
    std::variant<action::AskGate, action::Connect, action::Prepare, action::ArrangeWorld,
                 action::StartRole, action::StopWorld, action::Forward, action::SetTimer,
                 action::AskReason, action::CheckOutputs, action::RecordStepStarted,
                 action::RecordWorldUp, action::RecordStepEnded, action::Note, action::Finish>;
using Actions = std::vector<Action>;

inline constexpr milliseconds k_connect_limit{120'000};
inline constexpr milliseconds k_settle_time{100};  ///< for the cause to come in behind its echoes
inline constexpr milliseconds k_stop_margin{
    30'000};  ///< beyond the grace, for a node to say that it is clear
inline constexpr std::uint32_t k_port_restarts = 5;

struct Transition {
  State state;
  Actions actions;
};

[[nodiscard]] State make_state(std::vector<StepView> steps, std::uint32_t nodes);
[[nodiscard]] Transition step(State state, const Event& event);

}  // namespace foz::agent
