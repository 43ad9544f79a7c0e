#include "core/agent/job.h"

#include <gmock/gmock.h>

namespace foz::agent {
namespace {

using testing::ElementsAre;

TEST(ReadJob, TakesSlurmsVariables) {
  const auto job = read_job({"SLURM_JOB_ID=90", "SLURM_ARRAY_JOB_ID=80", "SLURM_ARRAY_TASK_ID=10",
                             "SLURM_JOB_NODELIST=gpu[01-02],login", "SLURMD_NODENAME=gpu01",
                             "SLURM_JOB_CPUS_PER_NODE=40,8(x2)", "SLURM_MEM_PER_NODE=4096",
                             "SLURM_RESTART_COUNT=2"});
  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->job, JobId{90});
  EXPECT_EQ(job->array_job, JobId{80});
  EXPECT_EQ(job->array_index, ArrayIndex{10});
  EXPECT_THAT(job->nodes, ElementsAre("gpu01", "gpu02", "login"));
  EXPECT_THAT(job->cpus_per_node, ElementsAre(40, 8, 8));
  EXPECT_EQ(job->host, "gpu01");
  EXPECT_EQ(job->memory_per_node_mib, 4096U);
  EXPECT_EQ(job->restarts, 2U);
}

TEST(ReadJob, IsOneNodeWithoutAJob) {
  const auto job = read_job({"SLURMD_NODENAME=here"});
  ASSERT_TRUE(job);
  EXPECT_THAT(job->nodes, ElementsAre("here"));
  EXPECT_EQ(job->job, JobId{0});
  EXPECT_FALSE(job->array_index);
}

TEST(ReadJob, NamesAVariableThatIsNoNumber) {
  EXPECT_EQ(read_job({"SLURM_JOB_ID=x7"}).error().message,
            "SLURM_JOB_ID is \"x7\", which is no number");
}

task::StageTasks array_of(std::uint64_t tasks) {
  task::StageTasks stage;
  stage.stage = "train";
  stage.tasks = tasks;
  stage.is_array = true;
  return stage;
}

TEST(FindTask, AddsThePartsOffsetToTheArrayIndex) {
  JobFacts job;
  job.array_index = ArrayIndex{17};
  EXPECT_EQ(find_task(array_of(2'500), job, 2'002)->value, 2'019U);
  EXPECT_EQ(find_task(array_of(2'000), job, 2'002).error().message,
            "stage 'train' has 2000 tasks, so there is no element 2019");
}

TEST(FindTask, DoesNotGuessAnArrayIndex) {
  EXPECT_EQ(find_task(array_of(4), {}, 0).error().message,
            "stage 'train' is a job array, but SLURM_ARRAY_TASK_ID is not set");
}

TEST(FindTask, IgnoresTheArrayIndexOfASurroundingJob) {
  JobFacts job;
  job.array_index = ArrayIndex{17};
  task::StageTasks stage = array_of(4);
  stage.is_array = false;
  EXPECT_EQ(find_task(stage, job, 3)->value, 3U);
}

}  // namespace
}  // namespace foz::agent
