#include "core/slurm/facts_memory.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "core/slurm/facts_json.h"
#include "tests/support/temporary_folder.h"

namespace foz::slurm {
namespace {

constexpr UnixMillis k_noon = 1'795'608'000'000;
constexpr UnixMillis k_minute = 60'000;

ClusterFacts sample() {
  ClusterFacts facts;
  facts.name = "ridge";
  facts.version = "24.11.5";
  facts.max_array_size = 4001;
  PartitionFacts gpu;
  gpu.name = "gpu";
  gpu.nodes = "g[1-4]";
  facts.partitions = {gpu};
  return facts;
}

class Memory : public ::testing::Test {
 protected:
  test::TemporaryFolder folder;
  fs::path file = folder.path() / "cluster.facts";
  FactsMemory memory{file, "mark"};
};

TEST_F(Memory, KeepsWhatTheClusterIs) {
  EXPECT_FALSE(memory.recall(k_noon));
  memory.remember(sample(), k_noon);
  const auto facts = memory.recall(k_noon + k_minute);
  ASSERT_TRUE(facts);
  EXPECT_EQ(to_json(*facts), to_json(sample()));
}

TEST_F(Memory, ForgetsAfterTenMinutesAndDoubtsTheFuture) {
  memory.remember(sample(), k_noon);
  EXPECT_TRUE(memory.recall(k_noon + 10 * k_minute));
  EXPECT_FALSE(memory.recall(k_noon + 10 * k_minute + 1));
  EXPECT_FALSE(memory.recall(k_noon - 1));
}

TEST_F(Memory, IsOfOneClusterOnly) {
  memory.remember(sample(), k_noon);
  EXPECT_FALSE(FactsMemory(file, "mark2").recall(k_noon));
  EXPECT_FALSE(FactsMemory(file, "mar").recall(k_noon));
  const FactsMemory nowhere(file, "");
  EXPECT_FALSE(nowhere.recall(k_noon));
  nowhere.remember(sample(), k_noon + 1);
  EXPECT_TRUE(memory.recall(k_noon));
}

TEST_F(Memory, ForgetsWhenTold) {
  memory.remember(sample(), k_noon);
  memory.forget();
  EXPECT_FALSE(memory.recall(k_noon));
  memory.forget();
}

TEST_F(Memory, TakesNothingFromADamagedFile) {
  memory.remember(sample(), k_noon);
  const std::string whole = read_file(file).value();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    ASSERT_TRUE(write_file(file, std::string_view(whole).substr(0, size), Durability::cached));
    EXPECT_FALSE(memory.recall(k_noon)) << size;
  }
}

TEST_F(Memory, CannotRememberWhereThereIsNoFolder) {
  const FactsMemory lost(folder.path() / "none" / "cluster.facts", "mark");
  lost.remember(sample(), k_noon);
  EXPECT_FALSE(lost.recall(k_noon));
}

class ClusterMark : public Memory {
 protected:
  void SetUp() override { write("ClusterName=ridge\n"); }
  void write(std::string_view text) { ASSERT_TRUE(write_file(conf, text, Durability::cached)); }
  fs::path conf = folder.path() / "slurm.conf";
  Environment environment = {"SLURM_CONF=" + conf.native()};
};

TEST_F(ClusterMark, StaysWhileTheConfigurationDoes) {
  EXPECT_NE(cluster_mark(environment), "");
  EXPECT_EQ(cluster_mark(environment), cluster_mark(environment));
}

TEST_F(ClusterMark, ChangesWithTheConfigurationItsPlaceAndTheChosenCluster) {
  const std::string before = cluster_mark(environment);
  Environment other = environment;
  set_variable(other, "SLURM_CLUSTERS", "valley");
  EXPECT_NE(cluster_mark(other), before);
  write("ClusterName=rift1\n");  // written anew: another inode
  EXPECT_NE(cluster_mark(environment), before);
}

TEST_F(ClusterMark, IsEmptyWithoutAConfiguration) {
  EXPECT_EQ(cluster_mark({"SLURM_CONF=/nowhere/slurm.conf"}), "");
}

}  // namespace
}  // namespace foz::slurm
