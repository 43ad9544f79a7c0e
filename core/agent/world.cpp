#include "core/agent/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"

namespace foz::agent {

namespace {

/// Of each node: for every level of its switch path, when that switch first appeared.
std::vector<std::vector<std::size_t>> appearance_keys(const std::vector<std::string>& paths) {
  std::map<std::string, std::size_t, std::less<>> first_seen;
  std::vector<std::vector<std::size_t>> keys;
  for (const std::string& path : paths) {
    std::vector<std::size_t>& key = keys.emplace_back();
    for (std::size_t dot = path.find('.'); dot != path.npos; dot = path.find('.', dot + 1))
      key.push_back(first_seen.try_emplace(path.substr(0, dot), first_seen.size()).first->second);
  }
  return keys;
}

const plugin::Role* find_role(const plugin::Shape& shape, std::string_view name) {
  const auto found = std::find_if(shape.roles.begin(), shape.roles.end(),
                                  [name](auto& role) { return role.name == name; });
  return found == shape.roles.end() ? nullptr : &*found;
}

/// What the ranks of one node have in common.
struct NodeTally {
  std::uint32_t cpus_left = 0;  ///< after those who say how many they take
  std::uint32_t sharers = 0;    ///< ranks that do not say
  std::uint32_t gpu_ranks = 0;
  std::uint32_t gpu_ranks_seen = 0;
};

std::vector<NodeTally> tally_nodes(const plugin::Shape& shape,
                                   const plugin::LaunchRequest& request) {
  std::vector<NodeTally> tallies(request.nodes.size());
  for (std::size_t i = 0; i < tallies.size(); ++i) tallies[i].cpus_left = request.nodes[i].cpus;
  for (const plugin::RankSlot& slot : request.ranks) {
    const plugin::Role* role = find_role(shape, slot.role);
    NodeTally& tally = tallies.at(slot.node);
    if (role != nullptr && role->cpus > 0) {
      tally.cpus_left -= std::min(tally.cpus_left, role->cpus);
    } else {
      ++tally.sharers;
    }
    if (role == nullptr || role->sees_gpus) ++tally.gpu_ranks;
  }
  return tallies;
}

std::size_t find_launch(const plugin::Launch& launch, std::string_view role) {
  const auto found = std::find_if(launch.roles.begin(), launch.roles.end(),
                                  [role](auto& one) { return one.role == role; });
  return static_cast<std::size_t>(found - launch.roles.begin());
}

/// Whether every role can start at some time: roles that wait for each other never do.
bool has_circle(const std::vector<RoleView>& roles) {
  std::vector<bool> started(roles.size(), false);
  for (std::size_t round = 0; round < roles.size(); ++round)
    for (std::size_t i = 0; i < roles.size(); ++i)
      started[i] = started[i] || std::all_of(roles[i].after.begin(), roles[i].after.end(),
                                             [&](auto before) { return started[before]; });
  return std::find(started.begin(), started.end(), false) != started.end();
}

Result<RoleView> view_of_role(const plugin::Launch& launch, const plugin::RoleLaunch& role) {
  RoleView view{role.role, {}, role.ready.has_value(), true, false, {}};
  view.decides = launch.ends_with.empty() || launch.ends_with == role.role;
  for (const std::string& before : role.after) {
    const std::size_t index = find_launch(launch, before);
    if (index == launch.roles.size())
      return fail(Code::invalid,
                  fmt::format("role '{}' waits for '{}', which is no role", role.role, before));
    view.after.push_back(index);
  }
  return view;
}

}  // namespace

std::vector<std::size_t> order_by_switch(const std::vector<std::string>& switch_paths) {
  const auto keys = appearance_keys(switch_paths);
  std::vector<std::size_t> order(switch_paths.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return keys[a] < keys[b]; });
  return order;
}

plugin::Shape plain_shape(const task::Step& step, const task::Geometry& geometry) {
  plugin::Role role;
  role.name = k_plain_role;
  role.where =
      step.place == task::StepPlace::first_node ? plugin::Where::first : plugin::Where::all;
  const bool is_for_ranks = step.place == task::StepPlace::ranks;
  role.per_node = is_for_ranks ? std::max(1U, geometry.ranks_per_node) : 1;
  role.cpus = is_for_ranks ? geometry.cpus_per_rank : 0;
  return {{role}, {}};
}

plugin::Launch plain_launch(const task::Step& step, const std::string& script_file) {
  plugin::RoleLaunch role;
  role.role = k_plain_role;
  if (const auto* shell = std::get_if<task::ShellCommand>(&step.command)) {
    role.argv = {"bash", "--noprofile", "--norc", "-eo", "pipefail"};
    if (script_file.empty()) {
      role.argv.insert(role.argv.end(), {"-c", plugin::literal(shell->script), "run"});
    } else {
      role.argv.push_back(plugin::literal(script_file));
    }
  } else if (const auto* command = std::get_if<task::ArgvCommand>(&step.command)) {
    role.argv = command->argv;
  }
  plugin::Launch launch;
  launch.roles.push_back(std::move(role));
  return launch;
}

std::vector<Share> share_out(const plugin::Shape& shape, const plugin::LaunchRequest& request) {
  std::vector<NodeTally> tallies = tally_nodes(shape, request);
  std::vector<Share> shares;
  for (const plugin::RankSlot& slot : request.ranks) {
    const plugin::Role* role = find_role(shape, slot.role);
    NodeTally& tally = tallies.at(slot.node);
    Share& share = shares.emplace_back();
    share.cpus = role != nullptr && role->cpus > 0
                     ? role->cpus
                     : std::max(1U, tally.cpus_left / std::max(1U, tally.sharers));
    if (role != nullptr && !role->sees_gpus) {
      share.gpus.view = GpuShare::View::none;
    } else {
      const auto gpus = static_cast<std::uint32_t>(request.nodes[slot.node].gpus.size());
      share.gpus = share_gpus(gpus, tally.gpu_ranks_seen++, tally.gpu_ranks);
    }
  }
  return shares;
}

std::vector<std::uint32_t> count_ports(const plugin::LaunchRequest& request) {
  std::vector<std::uint32_t> counts(request.nodes.size(), 0);
  for (const plugin::RankSlot& slot : request.ranks)
    counts.at(slot.node) += static_cast<std::uint32_t>(slot.ports.size());
  return counts;
}

void assign_ports(plugin::LaunchRequest& request,
                  const std::vector<std::vector<std::uint16_t>>& ports) {
  std::vector<std::size_t> used(ports.size(), 0);
  for (plugin::RankSlot& slot : request.ranks)
    for (auto& [name, number] : slot.ports) number = ports.at(slot.node).at(used[slot.node]++);
}

Result<event::WorldArranged> view_of(const WorldPlan& plan) {
  event::WorldArranged view{plan.world, {}, {}, std::chrono::seconds(plan.launch.stop_grace_s)};
  for (const plugin::RoleLaunch& role : plan.launch.roles) {
    FOZ_TRY(RoleView one, view_of_role(plan.launch, role));
    view.roles.push_back(std::move(one));
  }
  if (has_circle(view.roles))
    return fail(Code::invalid, "its roles wait for each other in a circle");
  if (!plan.launch.ends_with.empty() &&
      find_launch(plan.launch, plan.launch.ends_with) == plan.launch.roles.size())
    return fail(Code::invalid,
                fmt::format("the step ends with '{}', which is no role", plan.launch.ends_with));
  for (const plugin::RankSlot& slot : plan.request.ranks) {
    const std::size_t role = find_launch(plan.launch, slot.role);
    if (role == view.roles.size())
      return fail(Code::invalid, fmt::format("nothing is said of how role '{}' starts", slot.role));
    view.ranks.push_back({role, plan.channel_nodes.at(slot.node), RankPhase::waiting});
  }
  return view;
}

std::string log_name(const TaskPlan& task, const WorldPlan& world, std::size_t slot) {
  std::string name = fmt::format("{}.{}", task.identity.name, task.identity.attempt.value);
  if (!world.step.empty()) name += ".s" + world.step;
  const plugin::RankSlot& rank = world.request.ranks.at(slot);
  if (world.request.ranks.size() > 1) name += fmt::format(".{}.{}", rank.role, rank.role_rank);
  return name + ".log";
}

std::string rank_dir(const TaskPlan& task, const WorldPlan& world, std::size_t slot) {
  const plugin::RankSlot& rank = world.request.ranks.at(slot);
  return fmt::format("{}/{}.{}/{}.{}", task.task_dir, world.step.empty() ? "0" : world.step,
                     world.request.start, rank.role, rank.role_rank);
}

std::string rank_title(const WorldPlan& world, std::size_t slot) {
  const plugin::RankSlot& rank = world.request.ranks.at(slot);
  const std::string& node = world.request.nodes.at(rank.node).name;
  if (rank.role == k_plain_role) return fmt::format("rank {} on {}", rank.role_rank, node);
  return fmt::format("rank {}.{} on {}", rank.role, rank.role_rank, node);
}

}  // namespace foz::agent
