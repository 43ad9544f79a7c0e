#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view k_sweep = "  a: {run: x, matrix: {n: 1..12}}\n  b: {run: x, needs: a}\n";

Context with_room_for(std::uint32_t jobs) {
  Context context = test_context();
  context.site.jobs_at_once = jobs;
  return context;
}

TEST(Waves, NoneWhereAllFits) {
  const auto done = plan_of(std::string(k_sweep), with_room_for(13));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_FALSE(done.plan->waves);
}

TEST(Waves, SplitArraysSoThatTwoPartsAndTheAdvanceJobsFit) {
  const auto done = plan_of(std::string(k_sweep), with_room_for(12));
  ASSERT_TRUE(done.plan) << done.said;
  ASSERT_TRUE(done.plan->waves);
  EXPECT_EQ(done.plan->waves->jobs_at_once, 12U);
  EXPECT_THAT(done.stage("a").tasks.parts,
              ElementsAre(task::Part{0, 4}, task::Part{4, 4}, task::Part{8, 4}));
}

TEST(Waves, SmallestQueueTakesSingleTasks) {
  const auto done = plan_of(std::string(k_sweep), with_room_for(5));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.stage("a").tasks.parts.size(), 12U);
}

TEST(Waves, ClustersOwnLimitCountsToo) {
  Context context = test_context();
  context.facts = test_facts();
  context.facts->max_job_count = 8;
  const auto done = plan_of(std::string(k_sweep), context);
  ASSERT_TRUE(done.plan) << done.said;
  ASSERT_TRUE(done.plan->waves);
  EXPECT_EQ(done.plan->waves->jobs_at_once, 8U);
}

TEST(Waves, QueueWithoutAPlaceBesideTheAdvanceJobsIsAnError) {
  Context context = test_context();
  context.facts = test_facts();
  for (const std::uint32_t most : {1U, 3U, 4U}) {
    context.facts->max_job_count = most;
    const auto done = plan_of(std::string(k_sweep), context);
    EXPECT_FALSE(done.plan);
    EXPECT_THAT(done.said,
                HasSubstr("error: the run has 13 tasks, and the queue takes no more than " +
                          std::string(most == 1   ? "1 job"
                                      : most == 3 ? "3 jobs"
                                                  : "4 jobs") +
                          " (MaxJobCount): too few to send it in waves, where 4 places are kept "
                          "for advance jobs\n"));
  }
  context.facts->max_job_count = 4;
  EXPECT_TRUE(plan_of("  a: {run: x, matrix: {n: 1..4}}\n", context).plan);
}

TEST(Waves, SmallerOfTwoLimitsCounts) {
  Context context = with_room_for(6);
  context.facts = test_facts();
  context.facts->max_job_count = 8;
  EXPECT_EQ(plan_of(std::string(k_sweep), context).plan->waves->jobs_at_once, 6U);
  context.site.jobs_at_once = 100;
  EXPECT_EQ(plan_of(std::string(k_sweep), context).plan->waves->jobs_at_once, 8U);
}

TEST(Waves, AdvanceJobAsksForLittleAndCarriesWhatTheSiteWants) {
  Context context = with_room_for(6);
  context.site.default_partition = "main";
  context.site.sbatch_args = {"--account=x"};
  const auto done = plan_of(std::string(k_sweep), context);
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(
      done.plan->waves->script,
      "#!/bin/bash\n"
      "# foz: sends on what did not fit into the queue at once, of test, run RUN.\n"
      "#SBATCH --job-name=+advance@RUN\n"
      "#SBATCH --chdir=/w\n"
      "#SBATCH --output=/w/.foz/runs/RUN/logs/+advance/slurm-%j.out\n"
      "#SBATCH --requeue\n"
      "#SBATCH --open-mode=append\n"
      "#SBATCH --export=ALL\n"
      "#SBATCH --kill-on-invalid-dep=yes\n"
      "#SBATCH --nodes=1\n"
      "#SBATCH --ntasks-per-node=1\n"
      "#SBATCH --cpus-per-task=1\n"
      "#SBATCH --mem=512M\n"
      "#SBATCH --time=0:30:00\n"
      "#SBATCH --partition=main\n"
      "#SBATCH --account=x\n"
      "run=/w/.foz/runs/RUN\n"
      "for wait in 30 60 120 240 0; do  # exit status 3: Slurm or another foz did not answer\n"
      "  \"$run/bin/foz\" advance \"$run\"\n"
      "  status=$?\n"
      "  [ $status = 3 ] || exit $status\n"
      "  sleep $wait\n"
      "done\n"
      "exit $status\n");
}

TEST(Waves, BoundOfAnArrayIsSharedByThePartsThatAreInTheQueueTogether) {
  Context context = with_room_for(14);  // parts of 5, and never more than three of them
  const auto done = plan_of("  a: {run: x, matrix: {n: 1..100}, array: {at_most: 9}}\n", context);
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.only().tasks.parts.size(), 20U);
  EXPECT_EQ(parts_together(*done.plan, done.only()), 3U);
  EXPECT_EQ(done.said, "");
}

TEST(Waves, AdvanceJobIsAccountedForLikeTheFirstStage) {
  const auto done = plan_of(
      "  a: {run: x, matrix: {n: 1..12}, slurm: {account: climate, qos: long, partition: gpu}}\n",
      with_room_for(6));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.plan->waves->request.account, "climate");
  EXPECT_EQ(done.plan->waves->request.qos, "long");
  EXPECT_EQ(done.plan->waves->request.partition, "gpu");
}

TEST(Waves, FolderWithAPercentSignIsNoPatternOfSlurms) {
  Context context = with_room_for(6);
  context.run_folder = "/w/50%j/.foz/runs/RUN";
  EXPECT_EQ(plan_of(std::string(k_sweep), context).plan->waves->request.output,
            "/w/50%%j/.foz/runs/RUN/logs/+advance/slurm-%j.out");
}

TEST(Waves, AreKeptWithTheRun) {
  const auto done = plan_of(std::string(k_sweep), with_room_for(6));
  const auto read = plan_from_json(to_json(*done.plan));
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_TRUE(read->waves);
  EXPECT_EQ(read->waves->jobs_at_once, 6U);
  EXPECT_EQ(read->waves->request.output, done.plan->waves->request.output);
  EXPECT_EQ(to_json(*read), to_json(*done.plan));
}

TEST(Waves, AreSaid) {
  EXPECT_THAT(render_text(*plan_of(std::string(k_sweep), with_room_for(6)).plan),
              HasSubstr("  13 tasks are more than the 6 that may be in the queue at once: they go "
                        "in waves, sent on by an advance job\n"));
  EXPECT_THAT(render_text(*plan_of(std::string(k_sweep), with_room_for(20)).plan),
              Not(HasSubstr("waves")));
}

}  // namespace
}  // namespace foz::plan
