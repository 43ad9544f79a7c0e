#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using testing::ElementsAre;

task::StageTasks tasks_of(const std::string& members, const Context& context = test_context()) {
  const auto done = plan_of("  a: {" + members + "}\n", context);
  EXPECT_TRUE(done.plan) << done.said;
  return done.plan ? done.only().tasks : task::StageTasks();
}

TEST(StageTasks, CarryWhoTheyAre) {
  const auto tasks = tasks_of("run: x");
  EXPECT_EQ(tasks.workflow, "test");
  EXPECT_EQ(tasks.run_id, "RUN");
  EXPECT_EQ(tasks.stage, "a");
  EXPECT_EQ(tasks.tasks, 1U);
  EXPECT_EQ(tasks.workdir, "/w");
}

TEST(StageTasks, AStringIsAScriptThatNothingIsFilledIn) {
  const auto tasks = tasks_of("run: \"echo $HOME $${1}\"");
  EXPECT_EQ(std::get<task::ShellCommand>(tasks.steps.at(0).command).script, "echo $HOME $${1}");
  EXPECT_EQ(tasks.steps[0].name, "");
}

TEST(StageTasks, StepsKeepTheirOrderPlaceAndPardon) {
  const auto tasks = tasks_of(
      "steps: [{run: [x], on: every_node, may_fail: true}, {run: y, on: first_node}, {uses: pairs, "
      "with: {script: s}}]");
  ASSERT_EQ(tasks.steps.size(), 3U);
  EXPECT_EQ(tasks.steps[0].name, "0");
  EXPECT_EQ(tasks.steps[0].place, task::StepPlace::every_node);
  EXPECT_TRUE(tasks.steps[0].may_fail);
  EXPECT_EQ(tasks.steps[1].place, task::StepPlace::first_node);
  EXPECT_EQ(std::get<task::PluginCommand>(tasks.steps[2].command).plugin, "pairs");
}

TEST(StageTasks, PlanFillsParamsRunAndSiteAndLeavesTheRest) {
  Context context = test_context();
  context.site.values = {{"project", "climate"}};
  const auto done = plan_file(
      "foz: 1\nname: test\nparams: {day: monday}\nstages:\n  a:\n    matrix: {n: [1]}\n    run: "
      "[x, "
      "\"${{ params.day }}\", \"${{ run.id }}\", \"${{ run.name }}\", \"${{ run.dir }}\", \"${{ "
      "site.name "
      "}}\", \"${{ site.project }}\", \"${{ matrix.n }}\", \"${{ rank }}\"]\n",
      context);
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_THAT(std::get<task::ArgvCommand>(done.only().tasks.steps.at(0).command).argv,
              ElementsAre("x", "monday", "RUN", "test", "/w/.foz/runs/RUN", "alps", "climate",
                          "${{ matrix.n }}", "${{ rank }}"));
}

TEST(StageTasks, AFilledValueIsNeverReadAsAReference) {
  const auto done = plan_file(
      "foz: 1\nname: test\nparams: {p: \"${{ matrix.n }}\"}\nstages:\n  a: {matrix: {n: [1]}, run: "
      "[x, "
      "\"${{ params.p }}\"], env: {E: \"${{ params.p }}\"}, outputs: {o: \"${{ params.p "
      "}}/o\"}}\n");
  if (!done.plan) GTEST_SKIP() << "refused: " << done.said;
  const auto& tasks = done.only().tasks;
  EXPECT_EQ(std::get<task::ArgvCommand>(tasks.steps.at(0).command).argv.at(1), "$${{ matrix.n }}");
  EXPECT_EQ(tasks.env.at(0).second, "$${{ matrix.n }}");
  EXPECT_EQ(tasks.outputs.at(0).path, "$${{ matrix.n }}/o");
}

TEST(StageTasks, AWorkdirIsBelowTheWorkflowUnlessItIsAbsolute) {
  EXPECT_EQ(tasks_of("run: x, workdir: sub/dir").workdir, "/w/sub/dir");
  EXPECT_EQ(tasks_of("run: x, workdir: /data").workdir, "/data");
  EXPECT_EQ(tasks_of("run: x, matrix: {n: [1]}, workdir: \"d/${{ matrix.n }}\"").workdir,
            "/w/d/${{ matrix.n }}");
  EXPECT_EQ(tasks_of("run: x, matrix: {n: [/a]}, workdir: \"${{ matrix.n }}/d\"").workdir,
            "${{ matrix.n }}/d");
}

TEST(StageTasks, AFolderThatLooksLikeAReferenceIsAFolder) {
  Context context = test_context();
  context.workdir = "/w/${{ rank }}";
  EXPECT_EQ(tasks_of("run: x", context).workdir, "/w/$${{ rank }}");
  EXPECT_EQ(tasks_of("run: x, workdir: sub", context).workdir, "/w/$${{ rank }}/sub");
}

TEST(StageTasks, TheSitesSetupAndSettingsComeFirst) {
  Context context = test_context();
  context.site.setup = {"module load python"};
  context.site.scratch = "$TMPDIR";
  context.site.address_form = "suffix:-ib0";
  context.site.mpi_kind = "pmix";
  context.site.outputs_wait = Seconds(30);
  const auto tasks = tasks_of(
      "run: x, setup: [source env], umask: 027, limits: {nofile: 4096, stack: unlimited}, slurm: "
      "{srun_args: [--cpu-bind=cores]}",
      context);
  EXPECT_THAT(tasks.setup, ElementsAre("module load python", "source env"));
  EXPECT_EQ(tasks.umask, std::optional(027U));
  EXPECT_EQ(tasks.limits.values.at("nofile"), "4096");
  EXPECT_EQ(tasks.limits.values.at("stack"), "unlimited");
  EXPECT_THAT(tasks.srun_args, ElementsAre("--cpu-bind=cores"));
  EXPECT_EQ(tasks.scratch, "$TMPDIR");
  EXPECT_EQ(tasks.address_form, "suffix:-ib0");
  EXPECT_EQ(tasks.mpi_kind, "pmix");
  EXPECT_EQ(tasks.outputs_wait, Seconds(30));
}

TEST(StageTasks, GeometryIsWhatTheStageAsksFor) {
  const auto geometry =
      tasks_of(
          "run: x, resources: {nodes: 2..3, ranks_per_node: 4, cpus_per_rank: 2, gpus_per_node: 1, "
          "memory_per_node: 1GiB, time: 1h}")
          .geometry;
  EXPECT_EQ(geometry.nodes_min, 2U);
  EXPECT_EQ(geometry.nodes_max, 3U);
  EXPECT_EQ(geometry.ranks_per_node, 4U);
  EXPECT_EQ(geometry.cpus_per_rank, 2U);
  EXPECT_EQ(geometry.cpus_per_node, 8U);
  EXPECT_EQ(geometry.gpus_per_node, 1U);
  EXPECT_EQ(geometry.memory_per_node_mib, 1024U);
  EXPECT_EQ(geometry.time_limit, Seconds(3600));
}

TEST(StageTasks, APluginsRefusalStandsAtItsLine) {
  EXPECT_EQ(plan_of("  a: {uses: pairs, with: {script: s, refuses: 'yes'}}\n").said,
            "w.yaml:4:13: error: plugin 'pairs' refuses: it was asked to\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(plan_of("  a: {uses: pairs, with: {skript: s}}\n").said,
            "w.yaml:4:35: error: plugin 'pairs' has no key 'skript'\n"
            "note: in stage 'a'\n"
            "hint: did you mean 'script'?\n"
            "w.yaml:4:13: error: 'script' is missing in 'with'\n"
            "note: in stage 'a'\n");
}

TEST(StageTasks, AnEndpointThatThePluginHasNotStandsAtItsLine) {
  EXPECT_EQ(plan_of("  a: {uses: pairs, with: {script: '${{ endpoints.worker.rpc }}'}, env: {E: "
                    "'${{ endpoints_json.worker.rpc }}'}}\n")
                .said,
            "");
  EXPECT_EQ(plan_of("  a: {uses: pairs, with: {script: '${{ endpoints.woker.rpc.0 }}'}}\n").said,
            "w.yaml:4:35: error: 'endpoints.woker.rpc.0' names a role that the plugin has not\n"
            "note: in stage 'a'\n"
            "hint: did you mean 'worker'?\n");
  EXPECT_EQ(
      plan_of("  a: {uses: pairs, with: {script: s}, env: {E: '${{ endpoints.worker.grpc }}'}}\n")
          .said,
      "w.yaml:4:48: error: 'endpoints.worker.grpc' names a port that role 'worker' has not\n"
      "note: in stage 'a'\n"
      "hint: did you mean 'rpc'?\n");
}

}  // namespace
}  // namespace foz::plan
