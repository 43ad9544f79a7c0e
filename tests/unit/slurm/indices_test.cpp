#include "core/slurm/indices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foz::slurm {
namespace {

std::vector<std::uint32_t> values(std::string_view text) {
  const auto indices = expand_indices(text);
  EXPECT_TRUE(indices) << text;
  std::vector<std::uint32_t> plain;
  for (const ArrayIndex index : indices.value_or(std::vector<ArrayIndex>())) {
    plain.push_back(index.value);
  }
  return plain;
}

using ::testing::ElementsAre;

TEST(ArrayIndices, RangesStepsAndThrottle) {
  EXPECT_THAT(values("3-6"), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(values("0,7,2-3"), ElementsAre(0, 7, 2, 3));
  EXPECT_THAT(values("24-26%4"), ElementsAre(24, 25, 26));
  EXPECT_THAT(values("0-9:4"), ElementsAre(0, 4, 8));
}

TEST(ArrayIndices, WhatIsCutOrBrokenIsAnError) {
  for (const auto* text : {"", "0,2,4...", "3-", "-3", "5-3", "a", "1,,2", "1-2-3", "0-9:0", "3:2",
                           "4294967295", "N/A", " 1"}) {
    EXPECT_FALSE(expand_indices(text)) << text;
  }
  EXPECT_EQ(expand_indices("0,2,4...").error().message,
            R"("0,2,4..." is not a list of array indices)");
}

TEST(ArrayIndices, RangesAreBounded) {
  const auto indices = expand_indices("0-4294967294", 1'000);
  ASSERT_FALSE(indices);
  EXPECT_EQ(indices.error().message, R"("0-4294967294" has more than 1000 array indices)");
}

TEST(ArrayIndices, FormatsTheShortestList) {
  EXPECT_EQ(format_indices({{0}, {1}, {2}, {12}}), "0-2,12");
  EXPECT_EQ(format_indices({{5}, {4}, {5}}), "4-5");
  EXPECT_EQ(format_indices({{7}}), "7");
  EXPECT_EQ(format_indices({}), "");
}

TEST(ArrayIndices, SelectorsAreWrittenAsSlurmReadsThem) {
  EXPECT_EQ(selector_text({JobId{12}, ""}), "12");
  EXPECT_EQ(selector_text({JobId{12}, "3"}), "12_[3]");
  EXPECT_EQ(selector_text({JobId{12}, "0-9,12"}), "12_[0-9,12]");
}

TEST(ArrayIndices, ARowForEachPendingElement) {
  JobRow rest;
  rest.id = rest.array_id = JobId{9};
  rest.pending_indices = "2-3%1";
  JobRow single;
  single.id = JobId{10};
  const auto rows = expand_rows({rest, single});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ((*rows)[0].index, ArrayIndex{2});
  EXPECT_EQ((*rows)[1].index, ArrayIndex{3});
  EXPECT_EQ((*rows)[1].pending_indices, "");
  EXPECT_EQ((*rows)[1].array_id, JobId{9});
  EXPECT_EQ((*rows)[2].id, JobId{10});
  EXPECT_EQ((*rows)[2].index, std::nullopt);
}

}  // namespace
}  // namespace foz::slurm
