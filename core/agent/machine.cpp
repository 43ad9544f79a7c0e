#include "core/agent/machine.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>

#include "core/agent/machine_questions.h"
#include "core/base/result.h"

namespace foz::agent {

namespace {

using failure::Class;
using failure::Verdict;

bool is_told(int signal) {
  return signal == SIGTERM || signal == SIGINT;
}

std::string signal_name(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
}

int exit_code_of(int wait_status) {
  if (WIFEXITED(wait_status)) return WEXITSTATUS(wait_status);
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : 1;
}

/// One transition: changes the state it was given and collects what is to be done.
class Stepper {
 public:
  explicit Stepper(State state) : s_(std::move(state)) {}

  Transition end() { return {std::move(s_), std::move(actions_)}; }

  // ---- before any world -------------------------------------------------------------------------

  void on(const event::Begin&) {
    if (s_.phase != Phase::fresh) return;
    s_.phase = Phase::gate;
    act(action::AskGate{});
  }

  void on(const event::GateOpened&) {
    if (s_.phase != Phase::gate) return;
    s_.phase = Phase::connecting;
    act(action::Connect{});
    act(action::SetTimer{Timer::connect, 0, k_connect_limit});
  }

  void on(const event::GateClosed& e) {
    if (s_.phase != Phase::gate) return;
    finish(Outcome::dependency_failed, Class::dependency_failed, e.sentence, 1);
  }

  void on(const event::NodeUp& e) {
    if (s_.phase != Phase::connecting) return;
    s_.node_up.at(e.node.value) = true;
    if (!all(s_.node_up)) return;
    s_.phase = Phase::preparing;
    act(action::Prepare{});
  }

  void on(const event::NodePrepared& e) {
    if (s_.phase != Phase::preparing) return;
    s_.node_prepared.at(e.node.value) = true;
    if (all(s_.node_prepared)) arrange();
  }

  void on(const event::NodeUnfit& e) {
    if (is_before_worlds(s_)) finish(Outcome::failed, e.cls, e.sentence, 1);
  }

  void on(const event::NodeLost& e) {
    s_.node_up.at(e.node.value) = false;
    if (is_before_worlds(s_) || s_.phase == Phase::arranging) {
      const auto cls = s_.phase == Phase::connecting ? Class::launch_failed : Class::node_fail;
      finish(Outcome::failed, cls, e.sentence, 1);
    } else if (has_world(s_)) {
      lose_ranks_of(e);
    }
  }

  // ---- a world starts ---------------------------------------------------------------------------

  void on(const event::WorldArranged& e) {
    if (s_.phase != Phase::arranging || e.world != s_.world) return;
    s_.roles = e.roles;
    s_.ranks = e.ranks;
    for (const RankView& rank : s_.ranks) ++s_.roles.at(rank.role).reached[0];
    s_.stop_grace = e.stop_grace;
    s_.phase = Phase::running;
    act(action::RecordStepStarted{s_.step, s_.start, s_.ranks.size()});
    start_roles();
  }

  void on(const event::WorldImpossible& e) {
    if (s_.phase != Phase::arranging || e.world != s_.world) return;
    fail_step(Verdict{e.cls, e.sentence, 0}, 1);
  }

  void on(const event::RankRunning& e) {
    if (!is_current(s_, e.world, e.slot)) return;
    RankView& rank = s_.ranks.at(e.slot);
    if (rank.phase != RankPhase::waiting) return;
    bring_to(rank, s_.roles[rank.role].probed ? RankPhase::running : RankPhase::ready);
    after_progress();
  }

  void on(const event::RankReady& e) {
    if (!is_current(s_, e.world, e.slot)) return;
    RankView& rank = s_.ranks.at(e.slot);
    if (rank.phase >= RankPhase::ready) return;
    bring_to(rank, RankPhase::ready);
    after_progress();
  }

  // ---- a world ends -----------------------------------------------------------------------------

  void on(const event::RankNotStarted& e) {
    if (!is_current(s_, e.world, e.slot) || !mark_ended(e.slot)) return;
    set_cause(Class::launch_failed, e.sentence);
    fail_world();
  }

  void on(const event::RankNotReady& e) {
    if (!is_current(s_, e.world, e.slot) || s_.ranks.at(e.slot).phase != RankPhase::running) return;
    set_cause(Class::launch_failed, e.sentence);
    fail_world();
  }

  void on(const event::RankEnded& e) {
    if (!is_current(s_, e.world, e.slot)) return;
    const bool was_ready = s_.ranks.at(e.slot).phase == RankPhase::ready;
    if (!mark_ended(e.slot)) return;
    s_.ends.push_back(e.end);
    if (e.end.wait_status != 0) return fail_world();
    if (!e.broken_promise.empty()) return break_promise(e);
    if (!was_ready && s_.roles[s_.ranks[e.slot].role].probed) return end_unready(e);
    after_progress();
  }

  void on(const event::NodeClear& e) {
    if (s_.phase != Phase::stopping || e.world != s_.world) return;
    s_.node_clear.at(e.node.value) = true;
    if (is_clear(s_)) on_world_down();
  }

  void on(const event::TimeUp& e) {
    if (e.timer == Timer::connect && s_.phase == Phase::connecting) {
      finish(Outcome::failed, Class::launch_failed, missing_nodes(s_), 1);
    } else if (e.timer == Timer::settle && s_.phase == Phase::settling && e.world == s_.world) {
      stop_world(s_.stop_grace);
    } else if (e.timer == Timer::stop && s_.phase == Phase::stopping && e.world == s_.world) {
      act(action::Note{"a node did not say in time that nothing is left of the step"});
      on_world_down();
    }
  }

  // ---- told to end, and the end -----------------------------------------------------------------

  void on(const event::Signalled& e) {
    if (!is_told(e.number)) return forward(e.number);
    if (s_.told_to_end || s_.phase == Phase::done) return;
    // A world that failed by itself long before the signal came keeps its own reason.
    const bool failed_before = s_.phase == Phase::stopping && !s_.ended_well;
    s_.told_to_end = !failed_before;
    act(action::Note{fmt::format("told to end by {}", signal_name(e.number))});
    if (has_world(s_)) {
      stop_world(std::min(s_.stop_grace, s_.told_grace),
                 e.number == SIGTERM ? Teller::outside : Teller::agent);
    } else if (s_.phase < Phase::running) {
      leave();
    }
  }

  void on(const event::Reason& e) {
    if (s_.phase == Phase::leaving) finish(e.outcome, e.cls, e.sentence, 1);
  }

  void on(const event::OutputsFound&) {
    if (s_.phase == Phase::checking) finish(Outcome::succeeded, std::nullopt, {}, 0);
  }

  void on(const event::OutputsMissing& e) {
    if (s_.phase != Phase::checking) return;
    finish(Outcome::failed, Class::output_missing, e.sentence, 1);
  }

 private:
  template <class A>
  void act(A a) {
    actions_.emplace_back(std::move(a));
  }

  // ---- a world ----------------------------------------------------------------------------------

  void arrange() {
    s_.phase = Phase::arranging;
    ++s_.world;
    ++s_.start;
    s_.roles.clear();
    s_.ranks.clear();
    s_.ends.clear();
    s_.cause.reset();
    s_.was_up = s_.ended_well = false;
    act(action::ArrangeWorld{s_.world, s_.step, s_.start});
  }

  void start_roles() {
    for (std::size_t i = 0; i < s_.roles.size(); ++i) {
      RoleView& role = s_.roles[i];
      if (role.asked) continue;
      if (!std::all_of(role.after.begin(), role.after.end(),
                       [&](auto before) { return every_rank(s_.roles[before], RankPhase::ready); }))
        continue;
      role.asked = true;
      act(action::StartRole{s_.world, i});
    }
  }

  void after_progress() {
    if (s_.phase != Phase::running) return;
    if (!s_.was_up && is_up(s_)) {
      s_.was_up = true;
      act(action::RecordWorldUp{s_.step, s_.start, s_.ranks.size()});
    }
    if (is_over(s_)) {
      s_.ended_well = true;
      stop_world(s_.stop_grace);
    } else {
      start_roles();
    }
  }

  /// Phases only go up; the role's counts go with them.
  void bring_to(RankView& rank, RankPhase phase) {
    for (auto at = static_cast<std::size_t>(rank.phase); at < static_cast<std::size_t>(phase); ++at)
      ++s_.roles[rank.role].reached[at + 1];
    rank.phase = phase;
  }

  /// False when it had ended before.
  bool mark_ended(std::size_t slot) {
    RankView& rank = s_.ranks.at(slot);
    if (rank.phase == RankPhase::ended) return false;
    bring_to(rank, RankPhase::ended);
    return true;
  }

  void set_cause(Class cls, const std::string& sentence) {
    if (s_.phase == Phase::stopping || s_.cause) return;
    s_.cause = Verdict{cls, sentence, 0};
  }

  void lose_ranks_of(const event::NodeLost& e) {
    bool had_ranks = false;
    for (std::size_t slot = 0; slot < s_.ranks.size(); ++slot)
      if (s_.ranks[slot].node == e.node) had_ranks = mark_ended(slot) || had_ranks;
    const bool knows_better =
        std::any_of(s_.ends.begin(), s_.ends.end(), [](auto& end) { return end.oom_killed; });
    if (had_ranks && !knows_better) set_cause(Class::node_fail, e.sentence);
    if (had_ranks) fail_world();
    if (s_.phase == Phase::stopping && is_clear(s_)) on_world_down();
  }

  void break_promise(const event::RankEnded& e) {
    set_cause(Class::world_size, e.broken_promise);
    fail_world();
  }

  void end_unready(const event::RankEnded& e) {
    set_cause(Class::launch_failed, fmt::format("rank {}.{} on {} ended before it was ready",
                                                e.end.role, e.end.role_rank, e.end.node));
    fail_world();
  }

  /// The first sign of a failure. Others may be on their way, and the cause need not come first.
  void fail_world() {
    if (s_.phase != Phase::running) return;
    s_.phase = Phase::settling;
    act(action::SetTimer{Timer::settle, s_.world, k_settle_time});
  }

  void stop_world(milliseconds grace, Teller teller = Teller::agent) {
    if (s_.phase != Phase::stopping) s_.node_clear.assign(s_.nodes, false);
    s_.phase = Phase::stopping;
    act(action::StopWorld{s_.world, grace, teller});
    act(action::SetTimer{Timer::stop, s_.world, grace + k_stop_margin});
    if (is_clear(s_)) on_world_down();
  }

  void on_world_down() {
    if (s_.ended_well) {
      act(action::RecordStepEnded{s_.step, s_.start, "succeeded", std::nullopt, {}});
      return next_step();
    }
    if (s_.told_to_end) {
      act(action::RecordStepEnded{s_.step, s_.start, "stopped", std::nullopt, {}});
      return leave();
    }
    if (port_was_taken(s_) && s_.port_restarts < k_port_restarts && all(s_.node_up))
      return restart_with_new_ports();
    if (s_.cause) return fail_step(*s_.cause, 1);
    if (s_.ends.empty()) return fail_step({Class::lost, "no rank's end is known", 0}, 1);
    const Verdict verdict = failure::judge(s_.ends);
    fail_step(verdict, exit_code_of(s_.ends[verdict.culprit].wait_status));
  }

  void restart_with_new_ports() {
    const Verdict verdict = failure::judge(s_.ends);
    act(action::RecordStepEnded{s_.step, s_.start, "restarted", verdict.cls, verdict.sentence});
    ++s_.port_restarts;
    arrange();
  }

  void fail_step(const Verdict& verdict, int exit_code) {
    act(action::RecordStepEnded{s_.step, s_.start, "failed", verdict.cls, verdict.sentence});
    if (s_.steps[s_.step].may_fail && all(s_.node_up)) return next_step();
    finish(Outcome::failed, verdict.cls, of_step(verdict.sentence), exit_code == 0 ? 1 : exit_code);
  }

  /// Of several steps, counted from 0, it is said which.
  [[nodiscard]] std::string of_step(const std::string& sentence) const {
    return s_.steps.size() == 1 ? sentence : fmt::format("step {}, {}", s_.step, sentence);
  }

  void next_step() {
    if (s_.step + 1 == s_.steps.size()) {
      s_.phase = Phase::checking;
      return act(action::CheckOutputs{});
    }
    if (s_.told_to_end) return leave();
    ++s_.step;
    s_.start = s_.port_restarts = 0;
    arrange();
  }

  void forward(int number) {
    if (s_.phase == Phase::running) return act(action::Forward{number});
    act(action::Note{fmt::format("{} came while no rank was running", signal_name(number))});
  }

  void leave() {
    s_.phase = Phase::leaving;
    act(action::AskReason{});
  }

  void finish(Outcome outcome, std::optional<Class> cls, const std::string& sentence,
              int exit_code) {
    s_.phase = Phase::done;
    act(action::Finish{outcome, cls, sentence, exit_code});
  }

  State s_;
  Actions actions_;
};

}  // namespace

Transition step(State state, const Event& event) {
  Stepper stepper(std::move(state));
  std::visit([&stepper](const auto& e) { stepper.on(e); }, event);
  return stepper.end();
}

}  // namespace foz::agent
