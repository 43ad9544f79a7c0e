#include "core/agent/rank_start.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/task/template.h"
#include "core/task/variables.h"

namespace foz::agent {

namespace {

bool is_for_ranks(const std::string& text) {
  const auto references = task::find_references(text);
  return references && !references->empty();
}

void set_rank_variables(Environment& environment, const WorldPlan& world, std::size_t slot) {
  const plugin::RankSlot& rank = world.request.ranks[slot];
  set_variables(
      environment,
      {{std::string(task::variable::k_rank), std::to_string(rank.rank)},
       {std::string(task::variable::k_local_rank), std::to_string(rank.local_rank)},
       {std::string(task::variable::k_world_size), std::to_string(world.request.world_size)}});
}

/// The stage's variables that a rank has a value of its own of; still templates.
Variables rank_variables(const TaskPlan& task) {
  Variables variables;
  for (const auto& variable : task.env)
    if (is_for_ranks(variable.second)) variables.push_back(variable);
  return variables;
}

}  // namespace

Variables node_variables(const TaskPlan& task) {
  Variables variables;
  for (const auto& [name, text] : task.env) {
    if (is_for_ranks(text)) continue;
    if (auto value = task::finish(text, [](auto) { return std::nullopt; }))
      variables.emplace_back(name, std::move(*value));
  }
  return variables;
}

Result<RankStart> make_rank_start(const TaskPlan& task, const WorldPlan& world,
                                  const plugin::Expander& expander, std::size_t slot,
                                  const Environment& base) {
  const std::string folder = rank_dir(task, world, slot);
  FOZ_TRY(plugin::RankCommand command, expander.expand(slot, folder, rank_variables(task)));
  const Share& share = world.shares.at(slot);
  Environment environment = base;
  narrow_gpus(environment, share.gpus);
  set_rank_variables(environment, world, slot);
  set_variables(environment, command.own_env);
  unset_variables(environment, command.unset);
  set_variables(environment, command.env);
  set_if_unset(environment, "OMP_NUM_THREADS", std::to_string(share.cpus));
  set_variable(environment, "PWD", task.workdir);

  const plugin::RankSlot& rank = world.request.ranks[slot];
  RankStart start;
  start.slot = slot;
  start.title = rank_title(world, slot);
  start.role = rank.role == k_plain_role ? "" : rank.role;
  start.role_rank = rank.role_rank;
  start.node = world.request.nodes[rank.node].name;
  start.spawn.argv = std::move(command.argv);
  start.spawn.environment = std::move(environment);
  start.spawn.workdir = task.workdir;
  start.spawn.umask = task.umask;
  start.spawn.limits = task.limits;
  start.spawn.terminate = world.terminate;
  start.folders = std::move(command.folders);
  start.files = std::move(command.files);
  start.log = task.log_dir + "/" + log_name(task, world, slot);
  if (world.request.start > 1)
    start.separator = fmt::format("--- foz: start {} ---", world.request.start);
  start.ready = std::move(command.ready);
  start.proof = std::move(command.proof);
  start.last_words = world.last_words;
  start.exit_codes = world.exit_codes;
  return start;
}

}  // namespace foz::agent
