/// Makes one world: ranks placed on the nodes that answered, ports reserved on them, the plugin
/// asked for the launch. Effects through the channel and the plugin only; the answer is an event
/// for the machine.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/agent/channel.h"
#include "core/agent/references.h"
#include "core/agent/world.h"
#include "core/journal/run_folder.h"
#include "core/task/stage.h"
#include "plugins/api/api.h"

namespace foz::agent {

class Arranger {
 public:
  struct Context {
    const task::StageTasks& stage;
    const References& references;
    const journal::RunFolder& folder;
    const TaskPlan& task;
  };
  using Done = std::function<void(Event)>;

  Arranger(Context context, Channel& channel) : context_(context), channel_(channel) {}

  /// `nodes` by their index in the channel. `done` may be called before this returns. A new call
  /// forgets an older one.
  void arrange(const action::ArrangeWorld& world, const std::vector<plugin::Node>& nodes,
               Done done);
  void take(NodeIndex node, const report::Ports& ports);

 private:
  [[nodiscard]] const task::Step& step() const { return context_.stage.steps.at(wanted_.step); }
  [[nodiscard]] Result<void> lay_out(const std::vector<plugin::Node>& nodes);
  [[nodiscard]] Result<plugin::Shape> shape_of_step();
  [[nodiscard]] Result<void> ask_plugin();
  [[nodiscard]] Result<plugin::Launch> plain();
  [[nodiscard]] Result<const plugin::Plugin*> load(const std::string& name);
  [[nodiscard]] Result<plugin::Value> fill_with(const plugin::Plugin& plugin,
                                                const plugin::Value& with) const;
  void ask_for_ports();
  void complete();
  void refuse(const Error& error, failure::Class cls);

  Context context_;
  Channel& channel_;
  Done done_;
  action::ArrangeWorld wanted_{};
  std::shared_ptr<WorldPlan> plan_;
  std::vector<std::vector<std::uint16_t>> ports_;  ///< by node of the request
  std::size_t ports_awaited_ = 0;
  std::map<std::string, std::unique_ptr<plugin::Plugin>> plugins_;
  std::map<std::size_t, std::string> states_;  ///< by step: what the plugin gave back last time
};

}  // namespace foz::agent
