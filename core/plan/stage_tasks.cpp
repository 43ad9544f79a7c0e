#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"
#include "core/plugin/check_with.h"

namespace foz::plan {

namespace {

const StagePlan* find_plan(const std::vector<StagePlan>& stages, std::string_view name) {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const StagePlan& s) { return s.name == name; });
  return found == stages.end() ? nullptr : &*found;
}

/// An absolute template: relative paths are below the workflow's folder. One that begins with a
/// reference is as its value says.
std::string absolute(const std::string& path, const Context& context) {
  return fs::path(path).is_absolute() || path.starts_with("${{")
             ? path
             : plugin::literal(context.workdir) + "/" + path;
}

std::string workdir_of(const spec::Stage& stage, const Context& context, const PlanValues& values) {
  if (!stage.workdir) return plugin::literal(context.workdir);
  return absolute(values.fill(stage.workdir->value), context);
}

task::Geometry geometry_of(const spec::Resources& resources) {
  task::Geometry geometry;
  if (resources.nodes) std::tie(geometry.nodes_min, geometry.nodes_max) = resources.nodes->value;
  const auto number = [](const auto& field) { return field ? field->value : 0U; };
  geometry.ranks_per_node = number(resources.ranks_per_node);
  geometry.cpus_per_rank = number(resources.cpus_per_rank);
  geometry.cpus_per_node = number(resources.cpus_per_node);
  geometry.gpus_per_node = number(resources.gpus_per_node);
  if (resources.memory && resources.memory->value.kind == spec::MemoryKind::per_node)
    geometry.memory_per_node_mib = to_mebibytes(resources.memory->value.bytes);
  if (resources.time) geometry.time_limit = resources.time->value;
  return geometry;
}

/// Ranks on the fullest node, where a plugin says so.
std::uint32_t ranks_on_a_node(const plugin::Shape& shape) {
  std::uint32_t ranks = 0;
  for (const plugin::Role& role : shape.roles)
    ranks += role.total == 0 ? role.per_node : role.total;
  return ranks;
}

plugin::StageResources asked(const task::Geometry& geometry) {
  return {geometry.nodes_min,     geometry.nodes_max,     geometry.ranks_per_node,
          geometry.cpus_per_node, geometry.gpus_per_node, geometry.memory_per_node_mib};
}

/// A plugin's command, and how many ranks it may start on a node (0: it is not known).
struct PluginUse {
  task::PluginCommand command;
  std::uint32_t ranks = 0;
};

/// The plugin of a step; null, and an error, where there is none.
const plugin::Plugin* find_plugin(const spec::StepSpec& step, const Context& context,
                                  Diagnostics& diagnostics) {
  const auto lookup = context.find_plugin(step.uses->value);
  if (lookup) return *lookup;
  diagnostics.error(step.uses->where, lookup.error().message,
                    "'foz plugin list' shows the plugins that are found");
  return nullptr;
}

/// `with:` checked and filled. nullopt after errors: what the plugin would say then is an echo.
std::optional<plugin::Value> check_parameters(const spec::StepSpec& step,
                                              const plugin::Plugin& plugin,
                                              const PlanValues& values, Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  const auto fill = [&](const std::string& text) { return values.fill(text); };
  const plugin::Value with =
      plugin::check_with(plugin.describe(), plugin::map_texts(step.with, fill), step.with_where,
                         step.uses->where, diagnostics);
  if (errors != diagnostics.error_count()) return std::nullopt;
  return plugin::map_texts(with, fill);
}

/// Checks `with:` and asks the plugin for its shape.
PluginUse use_plugin(const spec::Stage& stage, const spec::StepSpec& step,
                     const task::Geometry& geometry, const Context& context,
                     const PlanValues& values, Diagnostics& diagnostics) {
  PluginUse use{{step.uses->value, {}}};
  const plugin::Plugin* found = find_plugin(step, context, diagnostics);
  if (found == nullptr) return use;
  auto with = check_parameters(step, *found, values, diagnostics);
  if (!with) return use;
  use.command.with = std::move(*with);
  const auto answer = found->shape({use.command.with, asked(geometry)});
  if (const auto* refusal = std::get_if<std::string>(&answer)) {
    diagnostics.error(step.uses->where, "plugin '" + use.command.plugin + "' refuses: " + *refusal);
    return use;
  }
  const auto& shape = std::get<plugin::Shape>(answer);
  for (const std::string& warning : shape.warnings) diagnostics.warning(step.uses->where, warning);
  for (const auto& [name, where] : step.with_where)
    if (const plugin::Value* value = step.with.find(name))
      check_endpoints(*value, shape, where, diagnostics);
  if (stage.steps.size() == 1)
    for (const auto& [name, value] : stage.env)
      check_endpoints(value.value, shape, value.where, diagnostics);
  use.ranks = ranks_on_a_node(shape);
  return use;
}

task::ArgvCommand argv_command(const spec::StepSpec& step, const PlanValues& values) {
  task::ArgvCommand command;
  for (const auto& word : *step.argv) command.argv.push_back(values.fill(word.value));
  return command;
}

/// The commands in order. Where CPUs are asked for by the rank, the node must have them for the
/// step with the most ranks.
void add_steps(task::StageTasks& tasks, const spec::Stage& stage, const Context& context,
               const PlanValues& values, Diagnostics& diagnostics) {
  std::uint32_t ranks = std::max(1U, tasks.geometry.ranks_per_node);
  for (const spec::StepSpec& step : stage.steps) {
    task::Step out;
    out.name = stage.steps.size() == 1 ? "" : std::to_string(tasks.steps.size());
    out.place = step.place;
    out.may_fail = step.may_fail;
    if (step.uses) {
      PluginUse use = use_plugin(stage, step, tasks.geometry, context, values, diagnostics);
      ranks = std::max(ranks, use.ranks);
      out.command = std::move(use.command);
    } else if (step.argv) {
      out.command = argv_command(step, values);
    } else {
      out.command = task::ShellCommand{step.shell ? step.shell->value : ""};
    }
    tasks.steps.push_back(std::move(out));
  }
  task::Geometry& geometry = tasks.geometry;
  if (geometry.cpus_per_node == 0) geometry.cpus_per_node = ranks * geometry.cpus_per_rank;
}

task::Parent make_parent(const spec::Need& need, const std::vector<StagePlan>& above) {
  task::Parent parent;
  parent.stage = need.stage.value;
  parent.kind = need.kind;
  parent.percent = need.percent;
  const StagePlan* plan = find_plan(above, parent.stage);
  FOZ_ASSERT(plan != nullptr);  // the reader has checked needs, and the order is topological
  parent.tasks = plan->tasks.tasks;
  parent.matrix = plan->tasks.matrix;
  parent.workdir = plan->tasks.workdir;
  parent.outputs = plan->tasks.outputs;
  return parent;
}

/// An `each` child takes its parent's matrix; otherwise the stage's own.
task::MatrixRule matrix_of(const spec::Stage& stage, const std::vector<task::Parent>& parents) {
  for (const task::Parent& parent : parents)
    if (parent.kind == task::EdgeKind::each) return parent.matrix;
  return stage.matrix ? stage.matrix->value : task::MatrixRule{};
}

std::uint64_t count_tasks(const spec::Stage& stage, const task::MatrixRule& rule,
                          Diagnostics& diagnostics) {
  const auto matrix = task::Matrix::make(rule);
  if (matrix) return matrix->size();
  diagnostics.error(stage.matrix ? stage.matrix->where : stage.name.where, matrix.error().message);
  return 1;
}

/// The site's variables, then those of the fabric that the stage asks for.
std::vector<std::pair<std::string, std::string>> site_environment(const spec::Stage& stage,
                                                                  const site::Site& site) {
  std::vector<std::pair<std::string, std::string>> env;
  const auto add = [&](const auto& variables) {
    for (const auto& [name, value] : variables) env.emplace_back(name, plugin::literal(value));
  };
  add(site.env);
  for (const site::Fabric& fabric : site.fabrics)
    if (stage.resources.fabric && stage.resources.fabric->value == fabric.name) add(fabric.env);
  return env;
}

}  // namespace

void check_parameters(const spec::Stage& stage, const Context& context, const PlanValues& values,
                      Diagnostics& diagnostics) {
  for (const spec::StepSpec& step : stage.steps) {
    if (!step.uses) continue;
    if (const plugin::Plugin* found = find_plugin(step, context, diagnostics))
      (void)check_parameters(step, *found, values, diagnostics);
  }
}

task::StageTasks make_stage_tasks(const spec::Workflow& workflow, const spec::Stage& stage,
                                  const std::vector<StagePlan>& above, const Context& context,
                                  const PlanValues& values, Diagnostics& diagnostics) {
  task::StageTasks tasks;
  tasks.workflow = workflow.name.value;
  tasks.run_id = context.run_id;
  tasks.stage = stage.name.value;
  for (const spec::Need& need : stage.needs) tasks.parents.push_back(make_parent(need, above));
  tasks.matrix = matrix_of(stage, tasks.parents);
  tasks.tasks = count_tasks(stage, tasks.matrix, diagnostics);
  tasks.geometry = geometry_of(stage.resources);
  add_steps(tasks, stage, context, values, diagnostics);
  tasks.env = site_environment(stage, context.site);
  for (const auto& [name, value] : stage.env)
    tasks.env.emplace_back(name.value, values.fill(value.value));
  tasks.setup = context.site.setup;
  for (const auto& line : stage.setup) tasks.setup.push_back(line.value);
  tasks.workdir = workdir_of(stage, context, values);
  if (stage.umask) tasks.umask = stage.umask->value;
  for (const auto& [name, value] : stage.limits) tasks.limits.values[name] = value.value;
  for (const auto& output : stage.outputs)
    tasks.outputs.push_back({output.name.value, values.fill(output.path.value)});
  tasks.outputs_wait = context.site.outputs_wait;
  if (context.facts) tasks.kill_wait = Seconds(context.facts->kill_wait_s);
  tasks.scratch = context.site.scratch;
  tasks.address_form = context.site.address_form;
  tasks.mpi_kind = context.site.mpi_kind;
  for (const auto& word : stage.slurm.srun_args) tasks.srun_args.push_back(word.value);
  return tasks;
}

}  // namespace foz::plan
