#include <algorithm>
#include <set>

#include "core/base/text.h"
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

/// How many may run at once is told to each array: single jobs have no such bound, and of several
/// arrays each runs one task at least.
void keep_at_most(const spec::Stage& spec, const Plan& plan, StagePlan& stage,
                  Diagnostics& diagnostics) {
  const std::size_t parts = parts_together(plan, stage);
  if (stage.at_most == 0 || parts <= stage.at_most) return;
  if (stage.tasks.is_array) {
    diagnostics.warning(spec.at_most->where, "stage '" + stage.name + "' becomes " +
                                                 count_of(parts, "array") +
                                                 ", and each runs one task at least: up to " +
                                                 std::to_string(parts) + " may run at once");
    return;
  }
  diagnostics.warning(spec.at_most->where,
                      "'at_most' has no effect: this cluster has job arrays turned off "
                      "(MaxArraySize), and single jobs cannot be bounded");
  stage.at_most = 0;
}

void decide_array(const spec::Stage& spec, StagePlan& stage, const Context& context,
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
}

/// Into arrays that the cluster takes, and smaller ones where they go in waves.
void split_stages(const spec::Workflow& workflow, Plan& plan, const Context& context,
                  Diagnostics& diagnostics) {
  std::uint32_t limit = max_array_size(context);
  if (plan.waves && limit > 1) limit = std::min(limit, wave_part_size(*plan.waves));
  std::size_t next = 0;
  for (const std::size_t index : spec::topological_order(workflow)) {
    StagePlan& stage = plan.stages[next++];
    const auto scope = diagnostics.in("in stage '" + stage.name + "'");
    stage.tasks.parts = split_parts(stage.tasks.tasks, limit);
    keep_at_most(workflow.stages[index], plan, stage, diagnostics);
  }
}

/// `stage` as one of its parents sees it, that of `need`.
task::EachChild each_child(const spec::Stage& stage, const spec::Need& need,
                           const site::Site& site) {
  task::EachChild child{stage.name.value, {}, task::ReleasedBy::keeper};
  if (site.release_from_nodes == site::ReleaseFromNodes::forbidden)
    child.released_by = task::ReleasedBy::slurm;
  for (const spec::Need& other : stage.needs)
    if (other.kind == task::EdgeKind::each && other.stage.value != need.stage.value)
      child.other_parents.push_back(other.stage.value);
  return child;
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
  decide_array(spec, stage, context, diagnostics);
  stage.request = make_request(spec, stage.tasks, context, stage.notes, diagnostics);
  stage.tasks.geometry.cpus_per_node = stage.request.cpus_per_task;
  if (context.facts) check_against_cluster(spec, stage.request, *context.facts, diagnostics);
  warn_of_missing(spec, stage.tasks, above, context, diagnostics);
  for (const spec::Need& need : spec.needs) {
    stage.dependencies.push_back({need.stage.value, dependency_kind(need, context.site)});
    if (stage.dependencies.back().kind == DependencyKind::aftercorr)
      stage.notes.push_back("jobs may not release others here: the elements follow those of '" +
                            need.stage.value + "' in Slurm's own order");
    StagePlan* parent = find_stage(above, need.stage.value);
    if (parent != nullptr && need.kind == task::EdgeKind::each)
      parent->tasks.each_children.push_back(each_child(spec, need, context.site));
  }
  return stage;
}

void count(Plan& plan, const Context& context) {
  std::set<std::string> plugins;
  constexpr std::uint32_t k_run_files = 6;  // plan, workflow, jobs, agent, journal, lock
  plan.files = k_run_files;
  for (const StagePlan& stage : plan.stages) {
    const auto parts = static_cast<std::uint32_t>(stage.tasks.parts.size());
    plan.tasks += stage.tasks.tasks;
    plan.rpcs.submit += parts;
    plan.files += 2;  // its tasks and its script
    if (is_released_by_foz(plan, stage)) plan.rpcs.release += parts;
    if (has_held_partner(stage)) plan.rpcs.from_jobs += stage.tasks.tasks;
    for (const task::Step& step : stage.tasks.steps)
      if (const auto* command = std::get_if<task::PluginCommand>(&step.command))
        plugins.insert(command->plugin);
  }
  if (plan.waves) plan.files += 2;  // foz itself, and the advance job's script
  plan.plugins.assign(plugins.begin(), plugins.end());
  if (!context.count_plugin_files) return;
  for (const std::string& name : plan.plugins) plan.files += context.count_plugin_files(name);
}

/// Slurm replaces nothing in an --output path that holds a backslash: all elements of an array
/// would share one file, and foz would not find what Slurm says of one of them.
void check_run_folder(const spec::Workflow& workflow, const Context& context,
                      Diagnostics& diagnostics) {
  if (context.run_folder.find('\\') == std::string::npos) return;
  diagnostics.error(workflow.name.where,
                    "the run folder " + quoted(context.run_folder) +
                        " has a backslash in its path, which Slurm cannot write logs below",
                    "move the workflow, or set 'run_folder' in the site template");
}

}  // namespace

bool has_held_partner(const StagePlan& stage) {
  return std::any_of(stage.dependencies.begin(), stage.dependencies.end(),
                     [](const Dependency& d) { return d.kind == DependencyKind::held_partner; });
}

bool is_released_by_foz(const Plan& plan, const StagePlan& stage) {
  return (stage.is_root || plan.waves) && !has_held_partner(stage);
}

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

void check_part(const spec::SoundPart& part, const Context& context, Diagnostics& diagnostics) {
  const PlanValues values(part.workflow, context);
  for (spec::Stage stage : part.workflow.stages) {
    std::vector<StagePlan> none_above;
    stage.needs.clear();
    if (part.whole.contains(stage.name.value)) {
      (void)make_stage(part.workflow, stage, none_above, context, values, diagnostics);
      continue;
    }
    const auto scope = diagnostics.in("in stage '" + stage.name.value + "'");
    check_parameters(stage, context, values, diagnostics);
  }
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
  for (const spec::Param& param : workflow.params)
    if (param.value) plan.params.emplace_back(param.name.value, *param.value);
  for (const std::size_t index : spec::topological_order(workflow))
    plan.stages.push_back(
        make_stage(workflow, workflow.stages[index], plan.stages, context, values, diagnostics));
  plan.waves = make_waves(plan, context, workflow.name.where, diagnostics);
  split_stages(workflow, plan, context, diagnostics);
  check_run_folder(workflow, context, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  find_cut_off(plan);
  for (StagePlan& stage : plan.stages) stage.script = batch_script(plan, stage);
  if (plan.waves) plan.waves->script = advance_script(plan, *plan.waves);
  count(plan, context);
  return plan;
}

}  // namespace foz::plan
