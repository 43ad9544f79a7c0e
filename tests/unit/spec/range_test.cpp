#include "core/spec/range.h"

#include <gtest/gtest.h>

namespace foz::spec {
namespace {

task::RangeAxis range_of(std::string_view text) {
  return parse_range(text).value();
}

TEST(Range, IsSeenForWhatItIs) {
  for (const std::string_view text : {"1..4", "-3..-1", "001..100", "10..1..-3", "5..5"}) {
    EXPECT_TRUE(looks_like_range(text)) << text;
  }
  for (const std::string_view text :
       {"1...4", "1..", "..4", "a..b", "1.0..2", "1..2..", "1..2..3..4", "1 .. 2", "+1..2", ""}) {
    EXPECT_FALSE(looks_like_range(text)) << text;
  }
}

TEST(Range, HasEndsStepAndWidth) {
  EXPECT_EQ(range_of("1..4"), (task::RangeAxis{1, 4, 1, 0}));
  EXPECT_EQ(range_of("-3..3..2"), (task::RangeAxis{-3, 3, 2, 0}));
  EXPECT_EQ(range_of("10..1..-3"), (task::RangeAxis{10, 1, -3, 0}));
  EXPECT_EQ(range_of("001..100"), (task::RangeAxis{1, 100, 1, 3}));
  EXPECT_EQ(range_of("0..9"), (task::RangeAxis{0, 9, 1, 0}));
  EXPECT_EQ(range_of("100..005..-5"), (task::RangeAxis{100, 5, -5, 3}));
}

TEST(Range, OfTheWidestNumbersIsRead) {
  EXPECT_EQ(range_of("-9223372036854775808..9223372036854775807..9223372036854775807").step,
            INT64_MAX);
}

}  // namespace
}  // namespace foz::spec
