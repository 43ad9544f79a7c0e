#include <gtest/gtest.h>

#include "tests/unit/plan/planning.h"
#include "tests/unit/plan/sample.h"

namespace foz::plan {
namespace {

std::string text_of(const std::string& stages, const Context& context = test_context()) {
  const auto done = plan_of(stages, context);
  EXPECT_TRUE(done.plan) << done.said;
  return done.plan ? render_text(*done.plan) : "";
}

TEST(RenderText, ShowsTheLeastStage) {
  EXPECT_EQ(text_of("  a: {run: echo hello}\n"),
            "test: 1 stage, 1 task\n"
            "  a\n"
            "    does      run echo hello\n"
            "    tasks     1 task in 1 job\n"
            "    asks for  1 node, 1 CPU a node\n"
            "  1 RPC to submit, 1 RPC to release, 8 files written\n");
}

TEST(RenderText, ShowsEverythingOfAStage) {
  EXPECT_EQ(
      text_of("  p: {run: x}\n"
              "  a:\n"
              "    steps: [{run: [tar, xf, 'a b.tar'], on: every_node}, {uses: pairs, with: "
              "{script: s}}, {run: \"one\\ntwo\", on: first_node, may_fail: true}]\n"
              "    setup: [module load r, source v]\n"
              "    workdir: sub\n"
              "    needs: {p: 100%}\n"
              "    matrix: {lr: [0.1, 1e-3], seed: 1..4}\n"
              "    array: {at_most: 3}\n"
              "    resources: {nodes: 2..4, ranks_per_node: 4, cpus_per_node: 8, memory_per_cpu: "
              "2GiB, gpus_per_node: "
              "1, gpu: h100, exclusive: true, hyperthreads: false, local_disk: 10GiB, switches: 1, "
              "time: 90m}\n"
              "    slurm: {partition: gpu, qos: long, account: phys, reservation: r, constraint: "
              "'a&b', nodelist: 'n[1-4]', exclude: n9, licenses: m, begin: now+1hour, nice: 5, "
              "comment: \"it's\", mail: a@b.c, sbatch_args: [--wckey=a b, --spread-job]}\n"
              "    outputs: {model: \"models/${{ task.name }}\"}\n"),
      "test: 2 stages, 9 tasks\n"
      "  p\n"
      "    does      run x\n"
      "    tasks     1 task in 1 job\n"
      "    asks for  1 node, 1 CPU a node\n"
      "  a\n"
      "    does      run tar xf 'a b.tar'  (on every node)\n"
      "    does      uses pairs\n"
      "    does      run one ...  (on the first node, may fail)\n"
      "    tasks     8 tasks in 1 array, at most 3 at once\n"
      "    matrix    lr [2] x seed 1..4\n"
      "    needs     p (100%)\n"
      "    asks for  2..4 nodes, 8 CPUs a node, gpu:h100:1, 2GiB a CPU, 10GiB of local disk, "
      "exclusive, no hyperthreads, within 1 switch, limit 1h30m, partition gpu\n"
      "    ranks     4 a node\n"
      "    slurm     qos long, account phys, reservation r, constraint a&b, nodelist n[1-4], "
      "exclude "
      "n9, licenses m, begin now+1hour, nice 5, comment \"it's\", mail END,FAIL, to a@b.c, "
      "'--wckey=a b', --spread-job\n"
      "    setup     module load r  (and 1 more)\n"
      "    workdir   sub\n"
      "    output    model: models/${{ task.name }}\n"
      "    note      site 'alps' names no GPUs: 'h100' goes to Slurm as it is\n"
      "  2 RPCs to submit, 1 RPC to release, 10 files written\n");
}

TEST(RenderText, NamesEveryFormOfMemory) {
  const auto line = [](const std::string& memory) {
    const std::string text =
        text_of("  a: {run: x, resources: {gpus_per_node: 1, " + memory + "}}\n");
    const auto at = text.find("asks for");
    return text.substr(at, text.find('\n', at) - at);
  };
  EXPECT_EQ(line("memory_per_node: 1GiB"), "asks for  1 node, 1 CPU a node, gpu:1, 1GiB a node");
  EXPECT_EQ(line("memory_per_node: 1GB"), "asks for  1 node, 1 CPU a node, gpu:1, 954MiB a node");
  EXPECT_EQ(line("memory_per_cpu: 512MiB"), "asks for  1 node, 1 CPU a node, gpu:1, 512MiB a CPU");
  EXPECT_EQ(line("memory_per_gpu: 40GiB"), "asks for  1 node, 1 CPU a node, gpu:1, 40GiB a GPU");
  EXPECT_EQ(line("memory: all"), "asks for  1 node, 1 CPU a node, gpu:1, all memory");
}

TEST(RenderText, TellsRpcsOfSubmittingFromThoseOfTheJobs) {
  const std::string text = text_of(
      "  a: {run: x, matrix: {n: 1..3}}\n  b: {run: x, needs: {a: each}}\n  c: {run: x, needs: {b: "
      "finished}}\n");
  EXPECT_EQ(text.substr(text.find("  3 RPCs")),
            "  3 RPCs to submit, 1 RPC to release, 12 files written\n"
            "  later, from the jobs: 3 RPCs, one for each task that waits for its partner\n");
}

TEST(RenderText, NamesDefaultsForSbatchApartFromWhatAnOuterJobLeft) {
  Plan plan = sample_plan();
  plan.dropped_environment = {"SLURM_JOB_ID", "SBATCH_PARTITION", "PMI_RANK", "SBATCH_EXPORT"};
  const std::string text = render_text(plan);
  EXPECT_EQ(text.substr(text.find("  defaults")),
            "  defaults for sbatch that do not count here (say it in the workflow or the site "
            "template): SBATCH_PARTITION, SBATCH_EXPORT\n"
            "  left out of the jobs' environment (they belong to the job or shell around this "
            "command): SLURM_JOB_ID, PMI_RANK\n");
}

TEST(RenderText, NothingMovesTheCursor) {
  Plan plan = sample_plan();
  plan.workflow = "a\x1b[2Jb";
  plan.stages.resize(1);
  plan.stages[0].tasks.steps = {
      {"", task::ShellCommand{"echo \x1b[31m\xe9"}, task::StepPlace::ranks, false}};
  plan.stages[0].notes = {"line\nbreak"};
  plan.dropped_environment = {"SLURM_\x07"};
  EXPECT_EQ(render_text(plan),
            "a\\x1b[2Jb: 1 stage, 202 tasks\n"
            "  prepare\n"
            "    does      run echo \\x1b[31m\\xe9\n"
            "    tasks     1 task in 1 job\n"
            "    asks for  1 node, 1 CPU a node\n"
            "    note      line\\nbreak\n"
            "  4 RPCs to submit, 1 RPC to release, 0 files written\n"
            "  later, from the jobs: 100 RPCs, one for each task that waits for its partner\n"
            "  left out of the jobs' environment (they belong to the job or shell around this "
            "command): SLURM_\\x07\n");
}

TEST(Render, ShowsParamsAndNamesOfVariablesWithinBounds) {
  Plan plan = sample_plan();
  std::string names = "V0";
  for (int i = 0; i < 25; ++i) {
    plan.stages[0].tasks.env.emplace_back("V" + std::to_string(i), "secret");
    if (i > 0 && i < 20) names += ", V" + std::to_string(i);
  }
  plan.params = {{"day", "1 2"}, {"long", std::string(59, 'x') + "\xc3\xa9" + "y"}};
  plan.stages[0].tasks.limits.values = {{"nofile", "4096"}, {"stack", "unlimited"}};
  plan.stages[0].tasks.umask = 027;
  const std::string text = render_text(plan);
  EXPECT_NE(text.find("  params: day='1 2', long=" + std::string(59, 'x') + "...\n"), text.npos)
      << text;
  EXPECT_NE(text.find("    env       " + names +
                      "  (and 5 more)\n"
                      "    limits    nofile 4096, stack unlimited\n"
                      "    umask     027\n"),
            text.npos)
      << text;
  EXPECT_EQ(text.find("secret"), text.npos);
}

}  // namespace
}  // namespace foz::plan
