#include "core/agent/environment.h"

#include <gmock/gmock.h>

namespace foz::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TaskIdentity identity() {
  return {"/run",       "train",    "train.3",
          TaskIndex{3}, Attempt{2}, {{"lr", "0.10"}, {"sample.id", "a\nb"}}};
}

TEST(TaskEnvironment, KeepsWhatIsOfTheJobAndDropsWhatIsOfAStep) {
  const Environment job = {"PATH=/bin",
                           "SLURM_JOB_ID=7",
                           "SLURM_ARRAY_TASK_ID=3",
                           "SLURM_CLUSTER_NAME=c",
                           "SLURM_CONF=/etc/slurm.conf",
                           "SLURM_SUBMIT_DIR=/h",
                           "SLURM_TMPDIR=/tmp/j",
                           "SLURMD_NODENAME=n1",
                           "SLURM_PROCID=0",
                           "SLURM_LOCALID=0",
                           "SLURM_NTASKS=4",
                           "SLURM_STEP_ID=0",
                           "SLURM_CPU_BIND=quiet",
                           "SLURM_EXPORT_ENV=NONE",
                           "SRUN_DEBUG=3",
                           "PMI_RANK=0",
                           "PMIX_RANK=0",
                           "PMIX=1",
                           "FOZ_RUN_DIR=/outer"};
  EXPECT_THAT(
      task_environment(job, identity()),
      ElementsAre("PATH=/bin", "SLURM_JOB_ID=7", "SLURM_ARRAY_TASK_ID=3", "SLURM_CLUSTER_NAME=c",
                  "SLURM_CONF=/etc/slurm.conf", "SLURM_SUBMIT_DIR=/h", "SLURM_TMPDIR=/tmp/j",
                  "SLURMD_NODENAME=n1", "FOZ_RUN_DIR=/run", "FOZ_STAGE=train",
                  "FOZ_TASK_NAME=train.3", "FOZ_TASK_INDEX=3", "FOZ_ATTEMPT=2",
                  "FOZ_MATRIX_LR=0.10", "FOZ_MATRIX_SAMPLE_ID=a\nb"));
}

TEST(TaskEnvironment, KeepsEntriesThatAreNotNameAndValueAsTheyAre) {
  EXPECT_EQ(
      task_environment({"BASH_FUNC_module%%=() {  eval x\n}", "odd", "EMPTY="}, identity()).size(),
      3U + 7U);
}

TEST(UnsetVariables, TakesNamesAndPrefixes) {
  Environment environment = {"OMPI_A=1", "OMPI_B=2", "OMPIX=3", "A=1", "AB=2"};
  unset_variables(environment, {"OMPI_*", "A"});
  EXPECT_THAT(environment, ElementsAre("OMPIX=3", "AB=2"));
}

TEST(SetIfUnset, LeavesAnEmptyValueAlone) {
  Environment environment = {"OMP_NUM_THREADS="};
  set_if_unset(environment, "OMP_NUM_THREADS", "4");
  set_if_unset(environment, "OTHER", "4");
  EXPECT_THAT(environment, ElementsAre("OMP_NUM_THREADS=", "OTHER=4"));
}

struct GpuList {
  Environment environment;
  std::vector<std::string> names;
};
class FindGpus : public testing::TestWithParam<GpuList> {};
TEST_P(FindGpus, TakesThemAsNames) {
  EXPECT_EQ(find_gpus(GetParam().environment), GetParam().names);
}
INSTANTIATE_TEST_SUITE_P(
    Forms, FindGpus,
    testing::Values(GpuList{{"CUDA_VISIBLE_DEVICES=GPU-5f1c0d2e"}, {"GPU-5f1c0d2e"}},
                    GpuList{{"CUDA_VISIBLE_DEVICES=MIG-8b,MIG-91"}, {"MIG-8b", "MIG-91"}},
                    GpuList{{"CUDA_VISIBLE_DEVICES=3,1"}, {"3", "1"}},
                    GpuList{{"CUDA_VISIBLE_DEVICES="}, {}}, GpuList{{}, {}},
                    GpuList{{"CUDA_VISIBLE_DEVICES=NoDevFiles"}, {}},
                    GpuList{{"ROCR_VISIBLE_DEVICES=0,1", "CUDA_VISIBLE_DEVICES=0,1"}, {"0", "1"}},
                    GpuList{{"ROCR_VISIBLE_DEVICES=GPU-a"}, {"GPU-a"}}));

TEST(ShareGpus, GivesEqualNeighbouringPartsAndTheFirstTakeTheRest) {
  using View = GpuShare::View;
  EXPECT_EQ(share_gpus(4, 0, 1), (GpuShare{View::all, 0, 0}));
  EXPECT_EQ(share_gpus(0, 1, 4), (GpuShare{View::all, 0, 0}));
  EXPECT_EQ(share_gpus(4, 2, 4), (GpuShare{View::part, 2, 1}));
  EXPECT_EQ(share_gpus(4, 1, 2), (GpuShare{View::part, 2, 2}));
  EXPECT_EQ(share_gpus(4, 0, 3), (GpuShare{View::part, 0, 2}));
  EXPECT_EQ(share_gpus(4, 1, 3), (GpuShare{View::part, 2, 1}));
  EXPECT_EQ(share_gpus(4, 2, 3), (GpuShare{View::part, 3, 1}));
}

TEST(ShareGpus, MoreRanksThanGpusShareThemEvenly) {
  std::vector<std::uint32_t> first;
  for (std::uint32_t rank = 0; rank < 8; ++rank) first.push_back(share_gpus(4, rank, 8).first);
  EXPECT_THAT(first, ElementsAre(0, 0, 1, 1, 2, 2, 3, 3));
}

TEST(NarrowGpus, TakesTheSamePositionsOfEveryList) {
  Environment environment = {"CUDA_VISIBLE_DEVICES=GPU-a,GPU-b,3", "ROCR_VISIBLE_DEVICES=0,1,2"};
  narrow_gpus(environment, {GpuShare::View::part, 1, 2});
  EXPECT_THAT(environment, ElementsAre("CUDA_VISIBLE_DEVICES=GPU-b,3", "ROCR_VISIBLE_DEVICES=1,2"));
}

TEST(NarrowGpus, HidesThemAllEvenWhereNoListWasSet) {
  Environment environment;
  narrow_gpus(environment, {GpuShare::View::none, 0, 0});
  EXPECT_THAT(environment, ElementsAre("CUDA_VISIBLE_DEVICES="));
  environment = {"CUDA_VISIBLE_DEVICES=0"};
  narrow_gpus(environment, {});
  EXPECT_THAT(environment, ElementsAre("CUDA_VISIBLE_DEVICES=0"));
}

}  // namespace
}  // namespace foz::agent
