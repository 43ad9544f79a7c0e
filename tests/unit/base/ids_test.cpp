#include "core/base/ids.h"

#include <gtest/gtest.h>

#include <set>

namespace foz {
namespace {

TEST(Ids, CompareWithinTheirKind) {
  EXPECT_EQ(JobId{7}, JobId{7});
  EXPECT_LT(TaskIndex{2}, TaskIndex{10});
  EXPECT_LT((TaskId{"a", {9}}), (TaskId{"b", {1}}));
}

TEST(Ids, SafeNames) {
  for (const char* name : {"a", "train", "Train-2_x", "0", "9-lives"}) {
    EXPECT_TRUE(is_safe_name(name)) << name;
  }
  EXPECT_TRUE(is_safe_name(std::string(64, 'x')));
}

TEST(Ids, UnsafeNames) {
  for (const char* name :
       {"", "-a", "_a", ".", "..", "a.b", "a/b", "a b", "a\nb", "a$b", "ü", "a,b", "a%b", "a[1]"}) {
    EXPECT_FALSE(is_safe_name(name)) << name;
  }
  EXPECT_FALSE(is_safe_name(std::string(65, 'x')));
  EXPECT_FALSE(is_safe_name(std::string_view("a\0b", 3)));
}

TEST(Ids, RunIdsAreReadAsSuch) {
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const std::string id = make_run_id(i * 0x9e3779b97f4a7c15U);
    EXPECT_TRUE(is_run_id(id)) << id;
  }
  EXPECT_EQ(make_run_id(0), "amber-bank-0000");
  EXPECT_EQ(make_run_id(~0ULL), "warm-wave-ffff");
  EXPECT_TRUE(is_run_id("brave-tide-4f2a"));
}

TEST(Ids, OtherTextIsNoRunId) {
  for (const char* text : {"", "latest", "brave-tide", "brave-tide-", "brave-tide-4f2",
                           "brave-tide-4f2ab", "brave-tide-4F2A", "Brave-tide-4f2a", "brave--4f2a",
                           "brave-tide-4f2a-", "../tide-4f2a", "brave-tide-4f2g"}) {
    EXPECT_FALSE(is_run_id(text)) << text;
  }
}

TEST(Ids, RandomBitsDiffer) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random_bits());
  EXPECT_EQ(seen.size(), 100U);
}

TEST(Ids, HashLikeTheirNumber) {
  EXPECT_EQ(std::hash<JobId>{}(JobId{5}), std::hash<std::uint32_t>{}(5));
}

}  // namespace
}  // namespace foz
