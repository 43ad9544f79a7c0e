#include "core/slurm/cluster_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"

namespace foz::slurm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseConfig, ReadsWhatPlanningNeeds) {
  const auto facts = parse_config(
      "Configuration data as of 2026-08-24T22:23:08\n"
      "AccountingStorageTRES   = cpu,mem,energy,node,gres/gpu = x\n"
      "AccountingStorageType   = accounting_storage/slurmdbd\n"
      "ClusterName             = blue\n"
      "KillWait                = 45 sec\n"
      "MaxArraySize            = 50000\n"
      "MaxJobCount             = 1000000\n"
      "SLURM_VERSION           = 24.11.5\n"
      "\n"
      "Slurmctld(primary) at ctl1 is UP\n");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->name, "blue");
  EXPECT_EQ(facts->version, "24.11.5");
  EXPECT_EQ(facts->max_array_size, 50'000);
  EXPECT_EQ(facts->max_job_count, 1'000'000);
  EXPECT_EQ(facts->kill_wait_s, 45);
  EXPECT_TRUE(facts->has_accounting);
}

TEST(ParseConfig, NoAccountingInEitherSpelling) {
  for (const auto* type : {"(null)", "accounting_storage/none"}) {
    const auto facts =
        parse_config(std::string("ClusterName = b\nSLURM_VERSION = 22.05.8\nMaxArraySize = 0\n") +
                     "AccountingStorageType   = " + type + "\n");
    ASSERT_TRUE(facts);
    EXPECT_FALSE(facts->has_accounting) << type;
    EXPECT_EQ(facts->max_array_size, 0);
  }
}

TEST(ParseConfig, AnswersWithoutTheClusterAreErrors) {
  for (const auto* answer : {"", "MaxArraySize = 1001\n", "ClusterName = blue\n"}) {
    const auto facts = parse_config(answer);
    ASSERT_FALSE(facts) << answer;
    EXPECT_EQ(facts.error().message,
              "the answer of 'scontrol show config' has no ClusterName or no SLURM_VERSION");
  }
}

ClusterFacts facts_of(std::string_view answer) {
  auto facts = parse_sinfo({}, answer);
  EXPECT_TRUE(facts);
  return facts.value_or(ClusterFacts());
}

TEST(ParseSinfo, TheStarMarksTheDefaultAndIsNoPartOfTheName) {
  const auto facts = facts_of("Welcome\n" +
                              marked_row({"interactive*", "up", "2:00:00", "1-4", "4", "144",
                                          "500000", "(null)", "n[1-4]"}) +
                              marked_row({"gpu", "up", "1-00:00:00", "1-infinite", "128", "144",
                                          "500000", "gpu:a100:4(S:0-1)", "g[1-128]"}) +
                              marked_row({"gpu", "up", "1-00:00:00", "1-infinite", "2", "144",
                                          "500000", "gpu:a100:4", "g[129-130]"}));
  ASSERT_EQ(facts.partitions.size(), 2);
  EXPECT_EQ(facts.partitions[0].name, "interactive");
  EXPECT_TRUE(facts.partitions[0].is_default);
  EXPECT_EQ(facts.partitions[0].max_nodes, 4);
  EXPECT_EQ(facts.partitions[0].max_time, (TimeLimit{TimeLimit::Kind::value, Seconds{7'200}}));
  EXPECT_EQ(facts.partitions[1].name, "gpu");
  EXPECT_FALSE(facts.partitions[1].is_default);
  EXPECT_EQ(facts.partitions[1].max_nodes, std::nullopt);
  EXPECT_EQ(facts.partitions[1].total_nodes, 130);
  EXPECT_EQ(facts.partitions[1].nodes, "g[1-128],g[129-130]");
  ASSERT_EQ(facts.shapes.size(), 3);
  EXPECT_THAT(facts.shapes[0].gres, IsEmpty());
  EXPECT_THAT(facts.shapes[1].gres, ElementsAre(Gres{"gpu", "a100", 4}));
  EXPECT_EQ(facts.shapes[1].count, 128);
  EXPECT_EQ(facts.shapes[1].cpus, 144);
  EXPECT_EQ(facts.shapes[1].memory_mib, 500'000);
}

TEST(ParseSinfo, ClosedPartitionsAndEmptyOnes) {
  const auto facts = facts_of(
      marked_row({"dynamic", "up", "infinite", "1-infinite", "0", "0", "0", "(null)", ""}) +
      marked_row(
          {"night", "drain", "4-00:00:00", "1-2", "3", "64", "229376+", "(null)", "t[1-3]"}) +
      marked_row({"old", "down", "30:00", "1", "1", "8", "4000000+", "(null)", "o1"}));
  ASSERT_EQ(facts.partitions.size(), 3);
  EXPECT_TRUE(facts.partitions[0].is_up);
  EXPECT_EQ(facts.partitions[0].total_nodes, 0);
  EXPECT_EQ(facts.partitions[0].max_time.kind, TimeLimit::Kind::unlimited);
  EXPECT_FALSE(facts.partitions[1].is_up);
  EXPECT_FALSE(facts.partitions[2].is_up);
  EXPECT_EQ(facts.partitions[2].max_nodes, 1);
  EXPECT_EQ(facts.partitions[2].max_time.value.count(), 1'800);
  ASSERT_EQ(facts.shapes.size(), 2);
  EXPECT_EQ(facts.shapes[0].memory_mib, 229'376);
}

TEST(ParseSinfo, LongNamesAreNotCut) {
  const std::string name = "ju-standard-with-a-name-of-more-than-ten-letters";
  const auto facts = facts_of(
      marked_row({name, "up", "infinite", "1-infinite", "7", "128", "491520", "gpu:mi250:8",
                  "nid[005472-005473,005478-005479,005486-005487,005493]"}));
  ASSERT_EQ(facts.partitions.size(), 1);
  EXPECT_EQ(facts.partitions[0].name, name);
  EXPECT_EQ(facts.partitions[0].nodes, "nid[005472-005473,005478-005479,005486-005487,005493]");
}

TEST(ParseSinfo, WhatIsCutIsAnError) {
  const auto facts = parse_sinfo({}, marked_row({"gpu", "up"}));
  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().message,
            "the answer of 'sinfo' is cut: a row has 2 of 9 fields: "
            "\"gpu\\x1f\\x1cup\\x1f\\x1c\\n\"");
}

}  // namespace
}  // namespace foz::slurm
