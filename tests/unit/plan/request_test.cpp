#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/scheduler.h"
#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using slurm::Memory;
using testing::ElementsAre;
using testing::IsEmpty;

/// The request of the one stage with these members.
slurm::SubmitRequest request_of(const std::string& members,
                                const Context& context = test_context()) {
  const auto done = plan_of("  a: {run: x, " + members + "}\n", context);
  EXPECT_TRUE(done.plan) << done.said;
  return done.plan ? done.only().request : slurm::SubmitRequest();
}

std::vector<std::string> notes_of(const std::string& members, const Context& context) {
  const auto done = plan_of("  a: {run: x, " + members + "}\n", context);
  EXPECT_TRUE(done.plan) << done.said;
  return done.plan ? done.only().notes : std::vector<std::string>();
}

std::string errors_of(const std::string& members, const Context& context) {
  const auto done = plan_of("  a: {run: x, " + members + "}\n", context);
  EXPECT_FALSE(done.plan);
  return done.said;
}

Context on_site(site::Site site) {
  Context context = test_context();
  context.site = std::move(site);
  return context;
}

site::Site with_gpus() {
  site::Site site;
  site.name = "alps";
  site.gpus = {{"a100", "a100_80", "accel", "hbm80g"}, {"l4", "", "", ""}};
  return site;
}

site::Site with_memory(site::MemoryForm form) {
  site::Site site;
  site.name = "alps";
  site.memory_form = form;
  return site;
}

// ---- the least, and everything ------------------------------------------------------------------

TEST(Request, TheLeastStageAsksForOneCpuOfOneNode) {
  const auto request = request_of("umask: 022");
  EXPECT_EQ(request.name, "a@RUN");
  EXPECT_EQ(request.script, "/w/.foz/runs/RUN/scripts/a.sh");
  EXPECT_EQ(request.workdir, "/w");
  EXPECT_EQ(request.nodes_min, 1U);
  EXPECT_EQ(request.nodes_max, 1U);
  EXPECT_EQ(request.tasks_per_node, 1U);
  EXPECT_EQ(request.cpus_per_task, 1U);
  EXPECT_EQ(request.memory, Memory{});
  EXPECT_EQ(request.gres, "");
  EXPECT_EQ(request.partition, "");
  EXPECT_EQ(request.time_limit, std::nullopt);
  EXPECT_EQ(request.hyperthreads, std::nullopt);
  EXPECT_THAT(request.extra_args, IsEmpty());
}

TEST(Request, TakesEveryResource) {
  const auto request = request_of(
      "resources: {nodes: 2..4, cpus_per_node: 8, exclusive: true, hyperthreads: false, "
      "local_disk: 3GB, switches: 2, time: 1-12:00:00}");
  EXPECT_EQ(request.nodes_min, 2U);
  EXPECT_EQ(request.nodes_max, 4U);
  EXPECT_EQ(request.cpus_per_task, 8U);
  EXPECT_TRUE(request.exclusive);
  EXPECT_EQ(request.hyperthreads, std::optional(false));
  EXPECT_EQ(request.tmp_mib, 2862U);  // rounded up
  EXPECT_EQ(request.switches, std::optional(2U));
  EXPECT_EQ(request.time_limit, std::optional(Seconds(129'600)));
}

TEST(Request, TakesTheWholeSlurmBlock) {
  const auto request = request_of(
      "slurm: {partition: gpu, qos: long, account: physics, reservation: course, constraint: "
      "'ib&v100', nodelist: 'n[1-4]', exclude: n9, licenses: 'matlab:2', begin: now+1hour, nice: "
      "-5, comment: 'a b', mail: ana@example.org, sbatch_args: [--spread-job, --wckey=x]}");
  EXPECT_EQ(request.partition, "gpu");
  EXPECT_EQ(request.qos, "long");
  EXPECT_EQ(request.account, "physics");
  EXPECT_EQ(request.reservation, "course");
  EXPECT_EQ(request.constraint, "ib&v100");
  EXPECT_EQ(request.nodelist, "n[1-4]");
  EXPECT_EQ(request.exclude, "n9");
  EXPECT_EQ(request.licenses, "matlab:2");
  EXPECT_EQ(request.begin, "now+1hour");
  EXPECT_EQ(request.nice, std::optional(-5));
  EXPECT_EQ(request.comment, "a b");
  EXPECT_EQ(request.mail_user, "ana@example.org");
  EXPECT_EQ(request.mail_type, "END,FAIL");
  EXPECT_THAT(request.extra_args, ElementsAre("--spread-job", "--wckey=x"));
}

TEST(Request, MailMayNameOccasionsInstead) {
  const auto request = request_of("slurm: {mail: 'FAIL,TIME_LIMIT'}");
  EXPECT_EQ(request.mail_type, "FAIL,TIME_LIMIT");
  EXPECT_EQ(request.mail_user, "");
}

TEST(Request, WhatTheSiteDemandsComesBeforeTheUsersOwn) {
  site::Site site;
  site.default_partition = "batch";
  site.sbatch_args = {"--account=project"};
  const auto request = request_of("slurm: {sbatch_args: [--spread-job]}", on_site(site));
  EXPECT_EQ(request.partition, "batch");
  EXPECT_THAT(request.extra_args, ElementsAre("--account=project", "--spread-job"));
  EXPECT_EQ(request_of("slurm: {partition: gpu}", on_site(site)).partition, "gpu");
}

TEST(Request, SaysWhereTheSitesOptionTakesTheStagesPlace) {
  site::Site site;
  site.name = "alps";
  site.sbatch_args = {"--account=project", "--accounting=x"};
  EXPECT_THAT(
      notes_of("slurm: {account: mine, qos: long}", on_site(site)),
      ElementsAre("site 'alps' gives every job --account=project: 'account' does not count"));
}

// ---- CPUs ---------------------------------------------------------------------------------------

TEST(Request, MultipliesRanksByTheirCpus) {
  EXPECT_EQ(request_of("resources: {ranks_per_node: 4, cpus_per_rank: 3}").cpus_per_task, 12U);
  EXPECT_EQ(request_of("resources: {ranks_per_node: 4}").cpus_per_task, 4U);
  EXPECT_EQ(request_of("resources: {cpus_per_rank: 3}").cpus_per_task, 3U);
}

TEST(Request, APluginSaysHowManyRanksShareANode) {
  const auto done = plan_of(
      "  a: {uses: pairs, with: {script: x}, resources: {cpus_per_rank: 3}}\n"
      "  b: {uses: pairs, with: {script: x}, resources: {cpus_per_node: 5}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.stage("a").request.cpus_per_task, 6U);
  EXPECT_EQ(done.stage("a").tasks.geometry.cpus_per_node, 6U);
  EXPECT_EQ(done.stage("b").request.cpus_per_task, 5U);
}

TEST(Request, OfSeveralStepsTheOneWithTheMostRanksCounts) {
  const auto done = plan_of(
      "  a:\n    steps: [{uses: pairs, with: {script: x}}, {run: [y]}]\n"
      "    resources: {ranks_per_node: 8, cpus_per_rank: 2}\n"
      "  b:\n    steps: [{run: [y], on: first_node}, {uses: pairs, with: {script: x}}]\n"
      "    resources: {cpus_per_rank: 2}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.stage("a").request.cpus_per_task, 16U);
  EXPECT_EQ(done.stage("b").request.cpus_per_task, 4U);
}

// ---- memory -------------------------------------------------------------------------------------

TEST(Request, TakesEveryFormOfMemoryInWholeMebibytes) {
  EXPECT_EQ(request_of("resources: {memory_per_node: 1.5GB}").memory,
            (Memory{Memory::Kind::per_node, 1431}));
  EXPECT_EQ(request_of("resources: {memory_per_cpu: 2GiB}").memory,
            (Memory{Memory::Kind::per_cpu, 2048}));
  EXPECT_EQ(request_of("resources: {memory_per_gpu: 40GiB, gpus_per_node: 1}").memory,
            (Memory{Memory::Kind::per_gpu, 40'960}));
  EXPECT_EQ(request_of("resources: {memory: all}").memory, (Memory{Memory::Kind::all, 0}));
}

TEST(Request, AsksPerCpuWhereTheSiteWantsThat) {
  const Context context = on_site(with_memory(site::MemoryForm::per_cpu));
  const std::string node = "resources: {memory_per_node: 10GiB, cpus_per_node: 3}";
  EXPECT_EQ(request_of(node, context).memory, (Memory{Memory::Kind::per_cpu, 3414}));
  EXPECT_THAT(notes_of(node, context),
              ElementsAre("memory is asked per CPU here: 3414 MiB for each of 3 CPUs"));
  const std::string gpu = "resources: {memory_per_gpu: 10GiB, gpus_per_node: 2, cpus_per_node: 4}";
  EXPECT_EQ(request_of(gpu, context).memory, (Memory{Memory::Kind::per_cpu, 5120}));
  EXPECT_EQ(request_of("resources: {memory_per_cpu: 2GiB}", context).memory,
            (Memory{Memory::Kind::per_cpu, 2048}));
  EXPECT_THAT(notes_of("resources: {memory_per_cpu: 2GiB}", context), IsEmpty());
}

TEST(Request, LeavesMemoryOutWhereTheSiteTakesNone) {
  const Context context = on_site(with_memory(site::MemoryForm::none));
  const std::string members = "resources: {memory_per_node: 10GiB}";
  EXPECT_EQ(request_of(members, context).memory, Memory{});
  EXPECT_THAT(notes_of(members, context),
              ElementsAre("site 'alps' takes no memory request: it is left out"));
  EXPECT_THAT(notes_of("resources: {nodes: 1}", context), IsEmpty());
}

// ---- GPUs and fabrics ---------------------------------------------------------------------------

TEST(Request, GivesSlurmTheSitesNameOfAGpu) {
  const Context context = on_site(with_gpus());
  const std::string members = "resources: {gpus_per_node: 4, gpu: a100}";
  const auto request = request_of(members, context);
  EXPECT_EQ(request.gres, "gpu:a100_80:4");
  EXPECT_EQ(request.partition, "accel");
  EXPECT_EQ(request.constraint, "hbm80g");
  EXPECT_THAT(notes_of(members, context), ElementsAre("gpu 'a100' is gpu:a100_80:4 here"));
  EXPECT_EQ(request_of("resources: {gpus_per_node: 2, gpu: l4}", context).gres, "gpu:2");
  EXPECT_EQ(request_of("resources: {gpus_per_node: 2}", context).gres, "gpu:2");
}

TEST(Request, OfSeveralGpusTakesTheFirstThatTheSiteHas) {
  const auto request =
      request_of("resources: {gpus_per_node: 1, gpu: [h100, l4, a100]}", on_site(with_gpus()));
  EXPECT_EQ(request.gres, "gpu:1");
  EXPECT_EQ(request.partition, "");
}

TEST(Request, TheUsersPartitionAndConstraintCountMoreThanTheGpus) {
  const auto request = request_of(
      "resources: {gpus_per_node: 1, gpu: a100}, slurm: {partition: mine, constraint: c}",
      on_site(with_gpus()));
  EXPECT_EQ(request.partition, "mine");
  EXPECT_EQ(request.constraint, "c");
}

TEST(Request, PassesAGpuOnWhereTheSiteNamesNone) {
  const std::string members = "resources: {gpus_per_node: 2, gpu: h100}";
  EXPECT_EQ(request_of(members).gres, "gpu:h100:2");
  EXPECT_THAT(notes_of(members, test_context()),
              ElementsAre("site 'alps' names no GPUs: 'h100' goes to Slurm as it is"));
}

TEST(Request, RefusesAGpuThatTheSiteDoesNotHave) {
  EXPECT_EQ(errors_of("resources: {gpus_per_node: 2, gpu: a10}", on_site(with_gpus())),
            "w.yaml:4:50: error: site 'alps' has no GPU named 'a10'\n"
            "note: in stage 'a'\n"
            "hint: did you mean 'a100'?\n");
  EXPECT_EQ(errors_of("resources: {gpus_per_node: 2, gpu: [mi300]}", on_site(with_gpus())),
            "w.yaml:4:51: error: site 'alps' has no GPU named 'mi300'\n"
            "note: in stage 'a'\n"
            "hint: it has: a100, l4\n");
}

TEST(Request, NotesTheInterfaceOfAFabricAndBringsItsVariables) {
  site::Site site;
  site.name = "alps";
  site.env = {{"ALL", "${{ not a reference }}"}};
  site.fabrics = {{"infiniband", "ib0", {{"NCCL_IB_HCA", "mlx5"}}}, {"slingshot", "", {}}};
  const auto done =
      plan_of("  a: {run: x, resources: {fabric: infiniband}, env: {MINE: '1'}}\n", on_site(site));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_THAT(done.only().notes, ElementsAre("fabric 'infiniband' is interface 'ib0' here"));
  EXPECT_THAT(done.only().tasks.env,
              ElementsAre(std::pair("ALL", "$${{ not a reference }}"),
                          std::pair("NCCL_IB_HCA", "mlx5"), std::pair("MINE", "1")));
  EXPECT_THAT(notes_of("resources: {fabric: slingshot}", on_site(site)), IsEmpty());
  EXPECT_EQ(errors_of("resources: {fabric: infinband}", on_site(site)),
            "w.yaml:4:35: error: site 'alps' has no fabric named 'infinband'\n"
            "note: in stage 'a'\n"
            "hint: did you mean 'infiniband'?\n");
}

// ---- paths --------------------------------------------------------------------------------------

TEST(Request, APercentSignOfThePathIsNoPatternOfSlurms) {
  Context context = test_context();
  context.run_folder = "/w/100%j/.foz/runs/RUN";
  EXPECT_EQ(request_of("umask: 022", context).output,
            "/w/100%%j/.foz/runs/RUN/logs/a/slurm-%j.out");
  EXPECT_EQ(request_of("umask: 022", context).script, "/w/100%j/.foz/runs/RUN/scripts/a.sh");
}

}  // namespace
}  // namespace foz::plan
