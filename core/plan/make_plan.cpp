#include <algorithm>
#include <set>

#include "core/plan/builder.h"
#include "core/task/template.h"

namespace foz::plan {

namespace {

constexpr std::uint32_t k_default_max_array_size = 1001;  // Slurm's own default

StagePlan* find_stage(std::vector<StagePlan>& stages, std::string_view name) {
  const auto found = std::find_if(stages.begin(), stages.end(),
                                  [&](const StagePlan& s) { return s.name == name; });
  return found == stages.end() ? nullptr : &*found;
}

DependencyKind dependency_kind(const spec::Need& need, const site::Site& site) {
  switch (need.kind) {
    case task::EdgeKind::success:
      return DependencyKind::afterok;
    case task::EdgeKind::each:
      return site.release_from_nodes == site::ReleaseFromNodes::allowed
                 ? DependencyKind::held_partner
                 : DependencyKind::aftercorr;
    case task::EdgeKind::finished:
    case task::EdgeKind::percent:
      return DependencyKind::afterany;
  }
  return DependencyKind::afterok;
}

std::uint32_t max_array_size(const Context& context) {
  return context.facts ? context.facts->max_array_size : k_default_max_array_size;
}

/// With arrays off every task is a job of its own; more than a few hundred of those is a mistake,
/// not a plan.
constexpr std::uint64_t k_most_single_jobs = 1000;

void split_stage(const spec::Stage& spec, StagePlan& stage, const Context& context,
                 Diagnostics& diagnostics) {
  const std::uint32_t limit = max_array_size(context);
  if (limit <= 1 && stage.tasks.tasks > k_most_single_jobs) {
    diagnostics.error(
        spec.matrix ? spec.matrix->where : spec.name.where,
        "stage '" + stage.name + "' has " + std::to_string(stage.tasks.tasks) +
            " tasks, and this cluster has job arrays turned off (MaxArraySize)",
        "at most " + std::to_string(k_most_single_jobs) + " single jobs are sent for one stage");
    return;
  }
  stage.tasks.is_array = limit > 1 && (stage.tasks.tasks > 1 || !stage.tasks.matrix.axes.empty());
  stage.tasks.parts = split_parts(stage.tasks.tasks, limit);
}

StagePlan make_stage(const spec::Workflow& workflow, const spec::Stage& spec,
                     std::vector<StagePlan>& above, const Context& context,
                     const PlanValues& values, Diagnostics& diagnostics) {
  const auto scope = diagnostics.in("in stage '" + spec.name.value + "'");
  StagePlan stage;
  stage.name = spec.name.value;
  stage.tasks = make_stage_tasks(workflow, spec, above, context, values, diagnostics);
  stage.at_most = spec.at_most ? spec.at_most->value : 0;
  stage.is_root = spec.needs.empty();
  split_stage(spec, stage, context, diagnostics);
  stage.request = make_request(spec, stage.tasks, context, stage.notes, diagnostics);
  stage.tasks.geometry.cpus_per_node = stage.request.cpus_per_task;
  if (context.facts) check_against_cluster(spec, stage.request, *context.facts, diagnostics);
  for (const spec::Need& need : spec.needs) {
    stage.dependencies.push_back({need.stage.value, dependency_kind(need, context.site)});
    StagePlan* parent = find_stage(above, need.stage.value);
    if (parent != nullptr && need.kind == task::EdgeKind::each)
      parent->tasks.each_children.push_back({stage.name});
  }
  return stage;
}

bool has_held_partner(const StagePlan& stage) {
  return std::any_of(stage.dependencies.begin(), stage.dependencies.end(),
                     [](const Dependency& d) { return d.kind == DependencyKind::held_partner; });
}

void count(Plan& plan) {
  std::set<std::string> plugins;
  constexpr std::uint32_t k_run_files = 5;  // plan, workflow, jobs, agent, journal
  plan.files = k_run_files;
  for (const StagePlan& stage : plan.stages) {
    const auto parts = static_cast<std::uint32_t>(stage.tasks.parts.size());
    plan.tasks += stage.tasks.tasks;
    plan.submit_rpcs += parts;
    plan.files += 2;
    if (stage.is_root) plan.release_rpcs += parts;
    if (has_held_partner(stage)) plan.release_rpcs += static_cast<std::uint32_t>(stage.tasks.tasks);
    for (const task::Step& step : stage.tasks.steps)
      if (const auto* command = std::get_if<task::PluginCommand>(&step.command))
        plugins.insert(command->plugin);
  }
  plan.plugins.assign(plugins.begin(), plugins.end());
}

}  // namespace

PlanValues::PlanValues(const spec::Workflow& workflow, const Context& context) {
  for (const spec::Param& param : workflow.params)
    if (param.value) values_["params." + param.name.value] = *param.value;
  values_["run.id"] = context.run_id;
  values_["run.dir"] = context.run_folder;
  values_["run.name"] = workflow.name.value;
  values_["run.workdir"] = context.workdir;
  values_["site.name"] = context.site.name;
  for (const auto& [name, value] : context.site.values) values_["site." + name] = value;
}

std::optional<std::string> PlanValues::find(std::string_view path) const {
  const auto found = values_.find(path);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::string PlanValues::fill(std::string_view text) const {
  return task::fill(text, [this](std::string_view path) { return find(path); });
}

std::optional<Plan> make_plan(const spec::Workflow& workflow, const Context& context,
                              Diagnostics& diagnostics) {
  const PlanValues values(workflow, context);
  Plan plan;
  plan.workflow = workflow.name.value;
  plan.run_id = context.run_id;
  plan.workdir = context.workdir;
  plan.run_folder = context.run_folder;
  plan.polling_floor = context.site.polling_floor;
  for (const std::size_t index : spec::topological_order(workflow))
    plan.stages.push_back(
        make_stage(workflow, workflow.stages[index], plan.stages, context, values, diagnostics));
  if (diagnostics.has_errors()) return std::nullopt;
  for (StagePlan& stage : plan.stages) stage.script = batch_script(plan, stage);
  count(plan);
  return plan;
}

}  // namespace foz::plan
