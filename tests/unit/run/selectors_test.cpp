#include "core/run/selectors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/indices.h"

namespace foz::run {
namespace {

std::vector<ArrayIndex> every_second(std::uint32_t count) {
  std::vector<ArrayIndex> indices;
  for (std::uint32_t i = 0; i < count; ++i) indices.push_back(ArrayIndex{2 * i});
  return indices;
}

TEST(SplitIndices, JoinsNeighbours) {
  EXPECT_EQ(split_indices({{0}, {1}, {2}, {12}}), (std::vector<std::string>{"0-2,12"}));
  EXPECT_EQ(split_indices({}), std::vector<std::string>{});
}

TEST(SplitIndices, StaysWithinTheLimitAndLosesNone) {
  const std::vector<ArrayIndex> indices = every_second(2000);
  const std::vector<std::string> lists = split_indices(indices);
  std::vector<ArrayIndex> all;
  for (const std::string& list : lists) {
    EXPECT_LE(list.size(), k_max_index_list);
    const auto some = slurm::expand_indices(list).value();
    all.insert(all.end(), some.begin(), some.end());
  }
  EXPECT_EQ(all, indices);
  EXPECT_EQ(lists.size(), 3U);
}

TEST(SplitIndices, FillsEachListToTheLimit) {
  EXPECT_EQ(split_indices({{1}, {3}, {5}}, 3), (std::vector<std::string>{"1,3", "5"}));
  EXPECT_EQ(split_indices({{1}, {3}, {5}}, 2), (std::vector<std::string>{"1", "3", "5"}));
}

TEST(ArraySpec, CountsFromZeroWithTheThrottle) {
  EXPECT_EQ(array_spec(1, 0), "0-0");
  EXPECT_EQ(array_spec(1001, 0), "0-1000");
  EXPECT_EQ(array_spec(100, 10), "0-99%10");
}

TEST(ShareOf, IsTheWholeBoundOverAllParts) {
  EXPECT_EQ(share_of(0, 3, 1), 0U);
  EXPECT_EQ(share_of(10, 1, 0), 10U);
  EXPECT_EQ(share_of(10, 3, 0), 4U);
  EXPECT_EQ(share_of(10, 3, 1), 3U);
  EXPECT_EQ(share_of(10, 3, 2), 3U);
  EXPECT_EQ(share_of(2, 3, 2), 1U);  // a part that may run nothing would never end
}

}  // namespace
}  // namespace foz::run
