#include "core/base/clock.h"

#include <gtest/gtest.h>

namespace foz {
namespace {

TEST(Clock, FormatsUtc) {
  EXPECT_EQ(format_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_utc(1'795'615'387'999), "2026-11-25T14:03:07Z");
  EXPECT_EQ(format_utc(951'782'400'000), "2000-02-29T00:00:00Z");
  EXPECT_EQ(format_utc(-1), "1969-12-31T23:59:59Z");
}

TEST(Clock, SystemClockIsInThisCentury) {
  const UnixMillis now = SystemClock().now();
  EXPECT_GT(now, 1'700'000'000'000);
  EXPECT_LT(now, 4'102'444'800'000);
}

}  // namespace
}  // namespace foz
