#include <gtest/gtest.h>

#include "core/plan/plan.h"

namespace foz::plan {
namespace {

using task::Part;

TEST(SplitParts, KeepsEveryIndexWithinTheLimit) {
  // MaxArraySize bounds the index: with 1001 the indices 0 .. 1000 are allowed.
  EXPECT_EQ(split_parts(2500, 1001), (std::vector<Part>{{0, 1001}, {1001, 1001}, {2002, 498}}));
}

TEST(SplitParts, FillsOnePartExactly) {
  EXPECT_EQ(split_parts(1001, 1001), (std::vector<Part>{{0, 1001}}));
}

TEST(SplitParts, NeedsNoSecondPartBelowTheLimit) {
  EXPECT_EQ(split_parts(1000, 1001), (std::vector<Part>{{0, 1000}}));
  EXPECT_EQ(split_parts(1, 1001), (std::vector<Part>{{0, 1}}));
}

TEST(SplitParts, FallsBackToSingleJobsWhereArraysAreOff) {
  EXPECT_EQ(split_parts(3, 0), (std::vector<Part>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_EQ(split_parts(2, 1), (std::vector<Part>{{0, 1}, {1, 1}}));
}

TEST(SplitParts, NumbersTasksWithoutGaps) {
  std::uint64_t next = 0;
  for (const Part& part : split_parts(1'000'000, 1001)) {
    EXPECT_EQ(part.offset, next);
    next += part.count;
  }
  EXPECT_EQ(next, 1'000'000U);
}

}  // namespace
}  // namespace foz::plan
