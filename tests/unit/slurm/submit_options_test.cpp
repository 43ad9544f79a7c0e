#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/scheduler.h"

namespace foz::slurm {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

TEST(SbatchOptions, TheLeastRequestStatesHabitsAndEveryCount) {
  EXPECT_THAT(sbatch_options({}), ElementsAre("--requeue", "--open-mode=append", "--export=ALL",
                                              "--kill-on-invalid-dep=yes", "--nodes=1",
                                              "--ntasks-per-node=1", "--cpus-per-task=1"));
}

TEST(SbatchOptions, EveryMemberHasItsOption) {
  SubmitRequest request;
  request.name = "train@brave-tide-4f2a.0.9c";
  request.comment = "a comment, with 'quotes' and | pipes";
  request.workdir = "/home/ana/my work";
  request.output = "logs/%A_%a.out";
  request.hold = Hold::yes;
  request.node_loss = NodeLoss::keeps_job;
  request.array = "0-99%10";
  request.dependency = "afterok:12:13,afterany:14";
  request.nodes_min = 2;
  request.nodes_max = 4;
  request.tasks_per_node = 3;
  request.cpus_per_task = 8;
  request.memory = {Memory::Kind::per_node, 122'880};
  request.gres = "gpu:a100:4";
  request.exclusive = true;
  request.time_limit = Seconds{129'600};
  request.switches = 1;
  request.hyperthreads = false;
  request.partition = "gpu";
  request.qos = "long";
  request.account = "physics";
  request.reservation = "course";
  request.constraint = "ib&v100";
  request.nodelist = "n[1-4]";
  request.exclude = "n9";
  request.licenses = "matlab:2";
  request.begin = "now+1hour";
  request.nice = -5;
  request.mail_type = "END,FAIL";
  request.mail_user = "ana@example.org";
  request.tmp_mib = 2'048;
  request.extra_args = {"--wckey=x", "--spread-job"};
  EXPECT_THAT(
      sbatch_options(request),
      ElementsAre(
          "--job-name=train@brave-tide-4f2a.0.9c", "--comment=a comment, with 'quotes' and | pipes",
          "--chdir=/home/ana/my work", "--output=logs/%A_%a.out", "--requeue", "--open-mode=append",
          "--export=ALL", "--kill-on-invalid-dep=yes", "--array=0-99%10",
          "--dependency=afterok:12:13,afterany:14", "--begin=now+1hour", "--hold", "--nice=-5",
          "--nodes=2-4", "--ntasks-per-node=3", "--cpus-per-task=8", "--mem=122880M",
          "--gres=gpu:a100:4", "--exclusive", "--time=1-12:00:00", "--switches=1",
          "--hint=nomultithread", "--tmp=2048M", "--no-kill", "--partition=gpu", "--qos=long",
          "--account=physics", "--reservation=course", "--constraint=ib&v100", "--nodelist=n[1-4]",
          "--exclude=n9", "--licenses=matlab:2", "--mail-type=END,FAIL",
          "--mail-user=ana@example.org", "--wckey=x", "--spread-job"));
}

TEST(SbatchOptions, MemoryIsWholeMebibytesWithAUnit) {
  SubmitRequest request;
  request.memory = {Memory::Kind::per_cpu, 2'385};
  EXPECT_THAT(sbatch_options(request), Contains("--mem-per-cpu=2385M"));
  request.memory = {Memory::Kind::per_gpu, 40'960};
  EXPECT_THAT(sbatch_options(request), Contains("--mem-per-gpu=40960M"));
  request.memory = {Memory::Kind::all, 0};
  EXPECT_THAT(sbatch_options(request), Contains("--mem=0"));
  request.memory = {};
  EXPECT_THAT(sbatch_options(request), Not(Contains(StartsWith("--mem"))));
}

TEST(SbatchOptions, HyperthreadsAreAskedForOrLeftToTheSite) {
  SubmitRequest request;
  EXPECT_THAT(sbatch_options(request), Not(Contains(StartsWith("--hint"))));
  request.hyperthreads = true;
  EXPECT_THAT(sbatch_options(request), Contains("--hint=multithread"));
}

TEST(SbatchOptions, AValueWithALeadingDashStaysAValue) {
  SubmitRequest request;
  request.name = "--wrap=rm";
  request.comment = "-x\ny";
  EXPECT_THAT(sbatch_options(request), Contains("--job-name=--wrap=rm"));
  EXPECT_THAT(sbatch_options(request), Contains("--comment=-x\ny"));
}

}  // namespace
}  // namespace foz::slurm
