/// Feeds events to the keeper's machine, for the tests that look at what it asks for.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/agent/machine.h"

namespace foz::agent {

inline constexpr milliseconds k_grace{5'000};
constexpr int exited(int code) {
  return code << 8;
}

/// Drives the machine and keeps what it asked for last.
class Driver {
 public:
  explicit Driver(std::vector<StepView> steps = {{"", false}}, std::uint32_t nodes = 1)
      : state_(make_state(std::move(steps), nodes)) {}

  const Actions& feed(const Event& event) {
    auto [state, actions] = step(std::move(state_), event);
    state_ = std::move(state);
    actions_ = std::move(actions);
    return actions_;
  }
  template <class... Events>
  const Actions& feed_all(const Events&... events) {
    (feed(events), ...);
    return actions_;
  }

  /// To the first world's arrangement.
  Driver& connected() {
    feed_all(event::Begin{}, event::GateOpened{});
    for (std::uint32_t i = 0; i < state_.nodes; ++i) feed(event::NodeUp{NodeIndex{i}});
    for (std::uint32_t i = 0; i < state_.nodes; ++i) feed(event::NodePrepared{NodeIndex{i}});
    return *this;
  }
  /// One rank of one role on each node, asked to start.
  Driver& arranged() {
    std::vector<RankView> ranks;
    for (std::uint32_t i = 0; i < state_.nodes; ++i)
      ranks.push_back({0, NodeIndex{i}, RankPhase::waiting});
    feed(
        event::WorldArranged{state_.world, {{"rank", {}, false, true, false, {}}}, ranks, k_grace});
    return *this;
  }
  Driver& running() {
    connected().arranged();
    for (std::size_t i = 0; i < state_.ranks.size(); ++i) feed(event::RankRunning{state_.world, i});
    return *this;
  }
  const Actions& end_rank(std::size_t slot, int wait_status) {
    return feed(event::RankEnded{state_.world, slot, end_of(slot, wait_status), {}});
  }
  const Actions& clear(std::uint32_t node = 0) {
    return feed(event::NodeClear{state_.world, NodeIndex{node}});
  }
  const Actions& time_up(Timer timer) { return feed(event::TimeUp{timer, state_.world}); }

  failure::ProcessEnd end_of(std::size_t slot, int wait_status) {
    failure::ProcessEnd end;
    end.role_rank = static_cast<unsigned>(slot);
    end.node = "n" + std::to_string(slot + 1);
    end.wait_status = wait_status;
    end.order = order_++;
    return end;
  }
  [[nodiscard]] const State& state() const { return state_; }

 private:
  State state_;
  Actions actions_;
  long order_ = 0;
};

template <class A>
Action one(A a) {
  return Action(std::move(a));
}

inline action::Finish failed(failure::Class cls, std::string sentence, int code) {
  return {Outcome::failed, cls, std::move(sentence), code};
}
inline action::RecordStepEnded step_failed(std::size_t step, std::uint32_t start,
                                           failure::Class cls, std::string sentence) {
  return {step, start, "failed", cls, std::move(sentence)};
}

}  // namespace foz::agent
