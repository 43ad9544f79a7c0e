/// A small plan made by hand, for tests that need one and not the reader.
#pragma once

#include "core/plan/plan.h"

namespace foz::plan {

inline StagePlan sample_stage(std::string name, std::uint64_t tasks) {
  StagePlan stage;
  stage.name = name;
  stage.tasks.stage = name;
  stage.tasks.workflow = "sample";
  stage.tasks.run_id = "brave-tide-4f2a";
  stage.tasks.tasks = tasks;
  stage.tasks.is_array = tasks > 1;
  stage.tasks.parts = split_parts(tasks, 1001);
  stage.tasks.workdir = "/w";
  stage.tasks.steps.push_back({"", task::ArgvCommand{{"true"}}, task::StepPlace::ranks, false});
  stage.request.name = name + "@brave-tide-4f2a";
  stage.request.script = "/w/.foz/runs/brave-tide-4f2a/scripts/" + name + ".sh";
  stage.request.output = "/w/.foz/runs/brave-tide-4f2a/logs/" + name + "/slurm-%j.out";
  stage.request.workdir = "/w";
  return stage;
}

inline void needs(StagePlan& child, const StagePlan& parent, task::EdgeKind kind,
                  int percent = 100) {
  task::Parent edge;
  edge.stage = parent.name;
  edge.kind = kind;
  edge.percent = percent;
  edge.tasks = parent.tasks.tasks;
  child.tasks.parents.push_back(edge);
}

/// call x100 -> check (each) x100 -> join (95%), beside prepare -> call
inline Plan sample_plan() {
  Plan plan;
  plan.workflow = "sample";
  plan.run_id = "brave-tide-4f2a";
  plan.workdir = "/w";
  plan.run_folder = "/w/.foz/runs/brave-tide-4f2a";
  StagePlan prepare = sample_stage("prepare", 1);
  StagePlan call = sample_stage("call-all", 100);
  StagePlan check = sample_stage("check", 100);
  StagePlan join = sample_stage("join", 1);
  needs(call, prepare, task::EdgeKind::success);
  needs(check, call, task::EdgeKind::each);
  needs(join, check, task::EdgeKind::percent, 95);
  call.dependencies.push_back({"prepare", DependencyKind::afterok});
  check.dependencies.push_back({"call-all", DependencyKind::held_partner});
  join.dependencies.push_back({"check", DependencyKind::afterany});
  plan.stages = {prepare, call, check, join};
  plan.tasks = 202;
  plan.rpcs = {4, 1, 100};
  return plan;
}

}  // namespace foz::plan
