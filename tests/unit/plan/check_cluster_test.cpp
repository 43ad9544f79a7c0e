#include <gtest/gtest.h>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

/// What is said of the one stage with these members on the test cluster.
std::string said_of(const std::string& members, slurm::ClusterFacts facts = test_facts()) {
  return plan_on("  a: {run: x, " + members + "}\n", std::move(facts)).said;
}

TEST(CheckCluster, SaysNothingOfWhatFits) {
  EXPECT_EQ(said_of("resources: {nodes: 4, cpus_per_node: 32, memory_per_node: 64GiB, time: 1d}"),
            "");
  EXPECT_EQ(
      said_of(
          "resources: {nodes: 2, gpus_per_node: 4, gpu: a100, time: 30d}, slurm: {partition: gpu}"),
      "");
  EXPECT_EQ(said_of("resources: {nodes: 3, gpus_per_node: 4}, slurm: {partition: gpu}"), "");
  EXPECT_EQ(said_of("resources: {memory: all}"), "");
}

TEST(CheckCluster, NamesThePartitionThatIsMeant) {
  EXPECT_EQ(said_of("slurm: {partition: gpus}"),
            "w.yaml:4:34: error: the cluster has no partition 'gpus'\n"
            "note: in stage 'a'\n"
            "hint: did you mean 'gpu'?\n");
  EXPECT_EQ(said_of("slurm: {partition: nowhere}"),
            "w.yaml:4:34: error: the cluster has no partition 'nowhere'\n"
            "note: in stage 'a'\n"
            "hint: it has: main, gpu\n");
}

TEST(CheckCluster, LeavesToSlurmWhatItCannotKnow) {
  EXPECT_EQ(said_of("slurm: {partition: 'gpu,nowhere'}"), "");
  slurm::ClusterFacts hidden = test_facts();
  hidden.partitions.clear();
  EXPECT_EQ(said_of("slurm: {partition: nowhere}, resources: {nodes: 900}", hidden), "");
  slurm::ClusterFacts no_default = test_facts();
  no_default.partitions[0].is_default = false;
  EXPECT_EQ(said_of("resources: {nodes: 900}", no_default), "");
  slurm::ClusterFacts no_shapes = test_facts();
  no_shapes.shapes.clear();
  EXPECT_EQ(said_of("resources: {cpus_per_node: 900}", no_shapes), "");
}

TEST(CheckCluster, WarnsOfAClosedPartition) {
  slurm::ClusterFacts facts = test_facts();
  facts.partitions[1].is_up = false;
  EXPECT_EQ(said_of("slurm: {partition: gpu}", facts),
            "w.yaml:4:34: warning: partition 'gpu' is not up: Slurm may refuse its jobs, or let "
            "them wait\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("umask: 022", facts), "");
}

TEST(CheckCluster, RefusesMoreNodesThanAJobMayHave) {
  EXPECT_EQ(said_of("resources: {nodes: 5}"),
            "w.yaml:4:34: error: partition 'main' gives 4 nodes to a job, the stage asks for 5\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {nodes: 4..9}"), "");  // four are enough
  EXPECT_EQ(said_of("resources: {nodes: 4}, slurm: {partition: gpu}"),
            "w.yaml:4:34: error: partition 'gpu' gives 3 nodes to a job, the stage asks for 4\n"
            "note: in stage 'a'\n");
}

TEST(CheckCluster, RefusesALongerTimeThanThePartitionAllows) {
  EXPECT_EQ(said_of("resources: {time: 25h}"),
            "w.yaml:4:33: error: partition 'main' allows 1d, the stage asks for 1d1h\n"
            "note: in stage 'a'\n");
}

TEST(CheckCluster, RefusesWhatNoNodeHasAtTheLineThatAsksForIt) {
  EXPECT_EQ(said_of("resources: {cpus_per_node: 33}"),
            "w.yaml:4:42: error: no node of partition 'main' has 33 CPUs (the largest has 32)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {ranks_per_node: 9, cpus_per_rank: 4}"),
            "w.yaml:4:61: error: no node of partition 'main' has 36 CPUs (the largest has 32)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {ranks_per_node: 64}"),
            "w.yaml:4:43: error: no node of partition 'main' has 64 CPUs (the largest has 32)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {gpus_per_node: 1}"),
            "w.yaml:4:42: error: no node of partition 'main' has 1 GPU (the largest has 0)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {gpus_per_node: 5, gpu: a100}, slurm: {partition: gpu}"),
            "w.yaml:4:42: error: no node of partition 'gpu' has 5 GPUs of type 'a100' (the largest "
            "has 4)\n"
            "note: in stage 'a'\n");
}

TEST(CheckCluster, CountsMemoryOfTheNodeHoweverItIsAskedFor) {
  EXPECT_EQ(said_of("resources: {memory_per_node: 65GiB}"),
            "w.yaml:4:44: error: no node of partition 'main' has 66560 MiB of memory (the largest "
            "has 65536)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(said_of("resources: {memory_per_cpu: 3GiB, cpus_per_node: 32}"),
            "w.yaml:4:43: error: no node of partition 'main' has 98304 MiB of memory (the largest "
            "has 65536)\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(
      said_of("resources: {memory_per_gpu: 40GiB, gpus_per_node: 4}, slurm: {partition: gpu}"),
      "w.yaml:4:43: error: no node of partition 'gpu' has 163840 MiB of memory (the largest "
      "has 131072)\n"
      "note: in stage 'a'\n");
}

TEST(CheckCluster, ASiteThatWantsMemoryPerCpuIsHeldToTheSameNode) {
  Context context = test_context();
  context.facts = test_facts();
  context.site.memory_form = site::MemoryForm::per_cpu;
  EXPECT_EQ(
      plan_of("  a: {run: x, resources: {memory_per_node: 128GiB, cpus_per_node: 2}}\n", context)
          .said,
      "w.yaml:4:44: error: no node of partition 'main' has 131072 MiB of memory (the largest "
      "has 65536)\n"
      "note: in stage 'a'\n");
}

TEST(CheckCluster, ThingsThatNoNodeHasTogetherAreRefused) {
  EXPECT_EQ(
      said_of("resources: {cpus_per_node: 128, memory_per_node: 100GiB}, slurm: {partition: gpu}"),
      "w.yaml:4:3: error: partition 'gpu' has no node with 128 CPUs and 102400 MiB of memory "
      "each, the stage asks for 1\n"
      "note: in stage 'a'\n");
}

TEST(CheckCluster, MoreNodesThanHaveWhatIsAskedForAreRefused) {
  EXPECT_EQ(said_of("resources: {nodes: 3, gpus_per_node: 1, gpu: a100, memory_per_node: 1GiB}, "
                    "slurm: {partition: gpu}"),
            "w.yaml:4:34: error: partition 'gpu' has 2 nodes with 1 CPU, 1024 MiB of memory and 1 "
            "GPU of type 'a100' each, the stage asks for 3\n"
            "note: in stage 'a'\n");
}

TEST(CheckCluster, AllThatIsWrongIsSaidAtOnce) {
  EXPECT_EQ(said_of("resources: {nodes: 5, cpus_per_node: 33, memory_per_node: 65GiB, time: 2d}"),
            "w.yaml:4:34: error: partition 'main' gives 4 nodes to a job, the stage asks for 5\n"
            "note: in stage 'a'\n"
            "w.yaml:4:86: error: partition 'main' allows 1d, the stage asks for 2d\n"
            "note: in stage 'a'\n"
            "w.yaml:4:52: error: no node of partition 'main' has 33 CPUs (the largest has 32)\n"
            "note: in stage 'a'\n"
            "w.yaml:4:73: error: no node of partition 'main' has 66560 MiB of memory (the largest "
            "has 65536)\n"
            "note: in stage 'a'\n");
}

}  // namespace
}  // namespace foz::plan
