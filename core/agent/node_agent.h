/// The agent on one node: carries out the keeper's orders and reports what happens. Knows its own
/// ranks only, and decides nothing about the task. Runs in a process of its own (`foz-agent node`)
/// or, for a task of one node, inside the keeper.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/loop.h"
#include "core/agent/messages.h"
#include "core/agent/ports.h"
#include "core/agent/probe.h"
#include "core/agent/rank.h"
#include "core/agent/reaper.h"
#include "core/agent/setup.h"
#include "core/agent/stopper.h"
#include "core/agent/witness.h"
#include "core/base/spawn.h"
#include "core/plugin/expand.h"

namespace foz::agent {

class NodeAgent {
 public:
  using Hear = std::function<void(Report)>;
  struct Options {
    NodeIndex index;          ///< of this node in the channel
    Environment environment;  ///< the job's
    std::string program;      ///< this program's path, for setup
  };

  /// Takes over the reaper's on_reaped().
  NodeAgent(Loop& loop, Reaper& reaper, Options options, Hear hear);
  ~NodeAgent();

  /// Hello.
  void greet(TaskPlan task);
  void take(const Order& order);

  /// The keeper is gone, or the task over: ends all that runs here, removes the scratch folder, and
  /// calls `done`.
  void leave(milliseconds grace, std::function<void()> done);

 private:
  void on(const order::Prepare&);
  void on(const order::ReservePorts& ports);
  void on(const order::TakeWorld& world);
  void on(const order::StartRole& role);
  void on(const order::StopWorld& stop);
  void on(const order::Forward& forward);

  void set_up(Environment environment);
  void start_rank(std::size_t slot);
  void release_ports(std::size_t slot);
  [[nodiscard]] Rank::Events events_of(std::size_t slot, const std::string& title);
  void on_running(std::size_t slot);
  void on_ended(std::size_t slot, failure::ProcessEnd end, std::string broken_promise);
  void start_role_probe(std::size_t role);
  void start_probe(const plugin::Readiness& wanted, std::size_t asked,
                   std::vector<std::size_t> speaks_for);
  [[nodiscard]] std::vector<std::size_t> slots_of(std::string_view role) const;
  [[nodiscard]] bool is_here(std::size_t slot) const;
  [[nodiscard]] bool is_current(WorldId world) const { return world_ && world_->world == world; }
  void stop_world();
  [[nodiscard]] std::vector<pid_t> living_ranks() const;
  void close_world(const std::vector<std::string>& left);
  void make_scratch();
  void remove_scratch();

  Loop& loop_;
  Reaper& reaper_;
  Options options_;
  Hear hear_;
  TaskPlan task_;
  plugin::Node node_;
  std::unique_ptr<Setup> setup_;
  std::optional<Environment> base_;  ///< once prepared
  PortHolder ports_;
  WorldId ports_of_ = 0;
  std::shared_ptr<const WorldPlan> world_;
  std::optional<plugin::Expander> expander_;
  std::map<std::size_t, std::unique_ptr<Rank>> ranks_;    ///< of the world, by slot
  std::map<std::size_t, std::unique_ptr<Probe>> probes_;  ///< by the first slot they speak for
  bool has_scratch_ = false;
  bool is_stopping_ = false;
  milliseconds stop_grace_{0};
  Loop::Handle patience_;  ///< with the witness
  Witness witness_;
  Stopper stopper_;
};

}  // namespace foz::agent
