#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/scheduler.h"

namespace foz::slurm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CleanEnvironment, NothingOfAnOuterJobGoesOn) {
  const auto clean = clean_environment(
      {"PATH=/usr/bin", "SLURM_JOB_ID=7", "SLURM_NTASKS=2", "SLURM_MEM_PER_CPU=100",
       "SLURM_CPU_BIND=quiet", "SBATCH_PARTITION=debug", "SRUN_CPUS_PER_TASK=2", "SALLOC_ACCOUNT=x",
       "SLURMD_NODENAME=n1", "PMI_RANK=0", "PMIX_RANK=0", "PMI2_X=1", "HOME=/home/ana"});
  EXPECT_THAT(clean.environment, ElementsAre("PATH=/usr/bin", "HOME=/home/ana"));
  EXPECT_THAT(clean.dropped,
              ElementsAre("SLURM_JOB_ID", "SLURM_NTASKS", "SLURM_MEM_PER_CPU", "SLURM_CPU_BIND",
                          "SBATCH_PARTITION", "SRUN_CPUS_PER_TASK", "SALLOC_ACCOUNT",
                          "SLURMD_NODENAME", "PMI_RANK", "PMIX_RANK", "PMI2_X"));
}

TEST(CleanEnvironment, TheUsersOutputSettingsDoNotCount) {
  const auto clean = clean_environment({"SQUEUE_FORMAT=%i", "SQUEUE_STATES=PD", "SACCT_FORMAT=x",
                                        "SINFO_FORMAT=y", "SCONTROL_ALL=1", "SCANCEL_STATE=PENDING",
                                        "SLURM_TIME_FORMAT=relative", "SLURM_BITSTR_LEN=10"});
  EXPECT_THAT(clean.environment, IsEmpty());
  EXPECT_EQ(clean.dropped.size(), 8);
}

TEST(CleanEnvironment, WhereTheClusterIsAndWhoOneIsStay) {
  const Environment kept = {"SLURM_CONF=/etc/other.conf", "SLURM_CLUSTERS=blue",
                            "SLURM_CONF_SERVER=ctl",      "SLURM_JWT=abc",
                            "SLURM_SACK_SOCKET=/run/x",   "SLURM_SACK_KEY=/k",
                            "SLURM_SACK_JWKS=/j",         "MUNGE_SOCKET=/m"};
  EXPECT_EQ(clean_environment(kept).environment, kept);
  EXPECT_THAT(clean_environment(kept).dropped, IsEmpty());
}

TEST(CleanEnvironment, DevicesOfAnOuterJobAreLeftOutAndTheUsersOwnKept) {
  EXPECT_THAT(clean_environment({"CUDA_VISIBLE_DEVICES=0"}).environment,
              ElementsAre("CUDA_VISIBLE_DEVICES=0"));
  const auto inside = clean_environment({"CUDA_VISIBLE_DEVICES=0", "SLURM_JOB_ID=7"});
  EXPECT_THAT(inside.environment, IsEmpty());
  EXPECT_THAT(inside.dropped, ElementsAre("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID"));
}

TEST(CleanEnvironment, ValuesStayAsBytes) {
  const Environment odd = {"A=x\ny=z", "B=", "C=\xe9\x01", "noequals", "BASH_FUNC_f%%=() { :\n}"};
  EXPECT_EQ(clean_environment(odd).environment, odd);
}

TEST(CleanEnvironment, ANameThatOnlyResemblesStays) {
  const Environment alike = {"SLURMY=1", "MY_SLURM_JOB_ID=2", "PMIND=3", "SLURM=4"};
  EXPECT_EQ(clean_environment(alike).environment, alike);
}

}  // namespace
}  // namespace foz::slurm
