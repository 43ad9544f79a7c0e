#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/sandbox/sandbox.h"

namespace foz::sandbox {
namespace {

using testing::ElementsAre;

Sandbox box() {
  Sandbox sandbox;
  sandbox.folder = "/tmp/home/box";
  return sandbox;
}

TEST(ClientEnvironment, NamesTheConfiguration) {
  const auto environment = client_environment(box(), {"PATH=/bin", "SQUEUE_FORMAT=%i"});
  EXPECT_THAT(environment.set, ElementsAre("SLURM_CONF=/tmp/home/box/slurm.conf"));
  EXPECT_THAT(environment.unset, ElementsAre());
}

TEST(ClientEnvironment, TakesAwayWhatLeadsElsewhere) {
  const auto environment = client_environment(
      box(), {"SLURM_CONF=/etc/slurm/slurm.conf", "SLURM_JOB_ID=5", "SBATCH_PARTITION=gpu",
              "SLURM_CLUSTERS=other", "SLURM_JOB_ID=6", "SLURMD_NODENAME=n1", "HOME=/root"});
  EXPECT_THAT(environment.unset, ElementsAre("SBATCH_PARTITION", "SLURM_CLUSTERS", "SLURM_JOB_ID"));
}

TEST(ClientEnvironment, IsSafeToEvaluate) {
  const auto environment =
      client_environment(box(), {"SLURM_X;touch /tmp/x=1", "SLURM_$(id)=2", "SLURM_OK=3"});
  EXPECT_EQ(to_shell(environment), "export SLURM_CONF=/tmp/home/box/slurm.conf\nunset SLURM_OK\n");
}

}  // namespace
}  // namespace foz::sandbox
