#include "core/agent/arranger.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/plugin/check_with.h"
#include "core/plugin/load.h"
#include "core/plugin/placement.h"

namespace foz::agent {

namespace {

std::string make_nonce() {
  return fmt::format("{:016x}{:016x}", random_bits(), random_bits());
}

plugin::StageResources resources_of(const task::Geometry& geometry, std::uint32_t nodes) {
  return {nodes,
          nodes,
          geometry.ranks_per_node,
          geometry.cpus_per_node,
          geometry.gpus_per_node,
          geometry.memory_per_node_mib};
}

bool mentions_scratch(const plugin::Launch& launch, const TaskPlan& task) {
  static constexpr std::string_view k_scratch = "node.scratch";
  const auto mentions = [](const std::string& text) { return text.find(k_scratch) != text.npos; };
  const auto& argv = launch.roles.front().argv;
  return std::any_of(argv.begin(), argv.end(), mentions) ||
         std::any_of(task.env.begin(), task.env.end(),
                     [&](auto& one) { return mentions(one.second); });
}

}  // namespace

void Arranger::arrange(const action::ArrangeWorld& world, const std::vector<plugin::Node>& nodes,
                       Done done) {
  wanted_ = world;
  done_ = std::move(done);
  plan_ = std::make_shared<WorldPlan>();
  plan_->world = world.world;
  plan_->step = step().name;
  if (const auto laid_out = lay_out(nodes); !laid_out)
    return refuse(laid_out.error(), failure::Class::plugin_error);
  ask_for_ports();
}

Result<void> Arranger::lay_out(const std::vector<plugin::Node>& nodes) {
  plugin::LaunchRequest& request = plan_->request;
  std::vector<std::string> paths;
  for (const plugin::Node& node : nodes) paths.push_back(node.switch_path);
  for (const std::size_t index : order_by_switch(paths)) {
    request.nodes.push_back(nodes[index]);
    plan_->channel_nodes.push_back(NodeIndex{static_cast<std::uint32_t>(index)});
  }
  FOZ_TRY(const plugin::Shape shape, shape_of_step());
  FOZ_TRY(plugin::Placement placement,
          plugin::place(shape, static_cast<std::uint32_t>(request.nodes.size())));
  request.ranks = std::move(placement.slots);
  request.world_size = placement.world_size;
  request.attempt = context_.task.identity.attempt.value;
  request.start = wanted_.start;
  request.task_dir = context_.task.task_dir;
  request.nonce = make_nonce();
  plan_->shares = share_out(shape, request);
  return {};
}

Result<plugin::Shape> Arranger::shape_of_step() {
  const auto* command = std::get_if<task::PluginCommand>(&step().command);
  if (command == nullptr) return plain_shape(step(), context_.stage.geometry);
  FOZ_TRY(const plugin::Plugin* plugin, load(command->plugin));
  const plugin::Description description = plugin->describe();
  if (description.spawner != plugin::Spawner::agent)
    return fail(Code::invalid,
                fmt::format("plugin '{}' wants its ranks started by PMIx, which is not yet built",
                            command->plugin));
  plan_->terminate = description.terminate;
  plan_->last_words = description.last_words;
  plan_->exit_codes = description.exit_codes;
  plan_->needs_scratch = true;
  FOZ_TRY(plan_->request.with, fill_with(*plugin, command->with));
  const auto nodes = static_cast<std::uint32_t>(plan_->request.nodes.size());
  auto answer = plugin->shape({plan_->request.with, resources_of(context_.stage.geometry, nodes)});
  if (const auto* refusal = std::get_if<std::string>(&answer))
    return fail(Code::invalid, fmt::format("plugin '{}': {}", command->plugin, *refusal));
  return std::get<plugin::Shape>(std::move(answer));
}

Result<const plugin::Plugin*> Arranger::load(const std::string& name) {
  const auto known = plugins_.find(name);
  if (known != plugins_.end()) return known->second.get();
  FOZ_TRY(auto loaded, plugin::load_pinned(context_.folder.plugin(name)));
  return plugins_.emplace(name, std::move(loaded)).first->second.get();
}

Result<plugin::Value> Arranger::fill_with(const plugin::Plugin& plugin,
                                          const plugin::Value& with) const {
  plugin::Value filled = plugin::map_texts(
      with, [this](const std::string& text) { return context_.references.fill(text); });
  FOZ_CHECK(plugin::check_filled(plugin.describe(), filled));
  return filled;
}

// ---- ports --------------------------------------------------------------------------------------

void Arranger::ask_for_ports() {
  const auto counts = count_ports(plan_->request);
  ports_.assign(counts.size(), {});
  ports_awaited_ = static_cast<std::size_t>(
      std::count_if(counts.begin(), counts.end(), [](auto count) { return count > 0; }));
  if (ports_awaited_ == 0) return complete();
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0)
      channel_.send(order::ReservePorts{wanted_.world, counts[i]}, plan_->channel_nodes[i]);
}

void Arranger::take(NodeIndex node, const report::Ports& ports) {
  if (!done_ || ports.world != wanted_.world) return;
  if (!ports.error.empty())
    return refuse({Code::unavailable, ports.error}, failure::Class::launch_failed);
  const auto found = std::find(plan_->channel_nodes.begin(), plan_->channel_nodes.end(), node);
  if (found == plan_->channel_nodes.end() || ports_awaited_ == 0) return;
  ports_[static_cast<std::size_t>(found - plan_->channel_nodes.begin())] = ports.ports;
  if (--ports_awaited_ > 0) return;
  assign_ports(plan_->request, ports_);
  complete();
}

// ---- the launch ---------------------------------------------------------------------------------

void Arranger::complete() {
  if (const auto asked = ask_plugin(); !asked)
    return refuse(asked.error(), failure::Class::plugin_error);
  auto view = view_of(*plan_);
  if (!view) return refuse(view.error(), failure::Class::plugin_error);
  channel_.send(order::TakeWorld{plan_});
  std::exchange(done_, nullptr)(std::move(*view));
}

Result<void> Arranger::ask_plugin() {
  const auto* command = std::get_if<task::PluginCommand>(&step().command);
  if (command == nullptr) {
    FOZ_TRY(plan_->launch, plain());
    plan_->needs_scratch = mentions_scratch(plan_->launch, context_.task);
    return {};
  }
  FOZ_TRY(const plugin::Plugin* plugin, load(command->plugin));
  FOZ_CHECK(make_directories(context_.task.task_dir));
  plan_->request.plugin_dir = context_.folder.plugin(command->plugin).native();
  plan_->request.state = states_[wanted_.step];
  auto answer = plugin->launch(plan_->request);
  if (const auto* refusal = std::get_if<std::string>(&answer))
    return fail(Code::invalid, fmt::format("plugin '{}': {}", command->plugin, *refusal));
  plan_->launch = std::get<plugin::Launch>(std::move(answer));
  states_[wanted_.step] = plan_->launch.state;
  return {};
}

Result<plugin::Launch> Arranger::plain() {
  std::string script_file;
  const auto* shell = std::get_if<task::ShellCommand>(&step().command);
  if (shell != nullptr && shell->script.size() > k_max_inline_script) {
    script_file = fmt::format("{}/script.{}.sh", context_.task.task_dir, wanted_.step);
    FOZ_CHECK(make_directories(context_.task.task_dir));
    FOZ_CHECK(write_file(script_file, shell->script, Durability::cached));
  }
  plugin::Launch launch = plain_launch(step(), script_file);
  for (std::string& word : launch.roles.front().argv) word = context_.references.fill(word);
  return launch;
}

void Arranger::refuse(const Error& error, failure::Class cls) {
  if (!done_) return;
  std::exchange(done_, nullptr)(event::WorldImpossible{wanted_.world, cls, error.message});
}

}  // namespace foz::agent
