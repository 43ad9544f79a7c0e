#include <gtest/gtest.h>

#include "core/slurm/types.h"

namespace foz::slurm {
namespace {

using Kind = TimeLimit::Kind;

void expect_seconds(std::string_view text, std::int64_t seconds) {
  const auto limit = parse_time_limit(text);
  ASSERT_TRUE(limit) << text;
  EXPECT_EQ(limit->kind, Kind::value) << text;
  EXPECT_EQ(limit->value.count(), seconds) << text;
}

void expect_kind(std::string_view text, Kind kind) {
  const auto limit = parse_time_limit(text);
  ASSERT_TRUE(limit) << text;
  EXPECT_EQ(*limit, (TimeLimit{kind, Seconds{0}})) << text;
}

TEST(TimeLimit, ALoneNumberIsMinutes) {
  expect_seconds("2", 120);
  expect_seconds("90", 5'400);
  expect_seconds("0", 0);
}

TEST(TimeLimit, OneColonIsMinutesAndSeconds) {
  expect_seconds("05:30", 330);
  expect_seconds("02:03", 123);
  expect_seconds("30:00", 1'800);
}

TEST(TimeLimit, TwoColonsAreHoursMinutesSeconds) {
  expect_seconds("1:02:03", 3'723);
  expect_seconds("1:30:00", 5'400);
}

TEST(TimeLimit, DaysComeBeforeHours) {
  expect_seconds("1-3", 97'200);
  expect_seconds("2-03", 183'600);
  expect_seconds("1-3:5", 97'500);
  expect_seconds("1-12:00:00", 129'600);
  expect_seconds("3-00:00:00", 259'200);
}

TEST(TimeLimit, WordsInPlaceOfNumbers) {
  expect_kind("UNLIMITED", Kind::unlimited);
  expect_kind("infinite", Kind::unlimited);
  expect_kind("NOT_SET", Kind::absent);
  expect_kind("N/A", Kind::absent);
  expect_kind("n/a", Kind::absent);
  expect_kind("", Kind::absent);
  expect_kind("Partition_Limit", Kind::partition);
}

TEST(TimeLimit, AnythingElseIsNoLimit) {
  for (const auto* text : {"1:2-3", "INVALID", "1::2", ":", "-", "1-", "-1", "1-2:3:4:5", "1:2:3:4",
                           "+5", "1.5", "5m", "99999999999999999999", "1-1:1:99999999999"}) {
    EXPECT_FALSE(parse_time_limit(text)) << text;
  }
}

}  // namespace
}  // namespace foz::slurm
