#include "core/base/units.h"

#include <gtest/gtest.h>

namespace foz {
namespace {

constexpr std::uint64_t k_gibi = 1ULL << 30U;

TEST(Bytes, TellsBinaryFromDecimal) {
  EXPECT_EQ(parse_bytes("120GiB"), Bytes{120 * k_gibi});
  EXPECT_EQ(parse_bytes("1.5TB"), Bytes{1'500'000'000'000});
  EXPECT_EQ(parse_bytes("500MB"), Bytes{500'000'000});
  EXPECT_EQ(parse_bytes("64KiB"), Bytes{65'536});
  EXPECT_EQ(parse_bytes("1kB"), Bytes{1'000});
  EXPECT_EQ(parse_bytes("123B"), Bytes{123});
  EXPECT_EQ(parse_bytes("2.5GB"), Bytes{2'500'000'000});
  EXPECT_EQ(parse_bytes("0.5GiB"), Bytes{k_gibi / 2});
  EXPECT_EQ(parse_bytes("0B"), Bytes{0});
}

TEST(Bytes, RoundsAFractionUpToAWholeByte) {
  EXPECT_EQ(parse_bytes("1.1KiB"), Bytes{1'127});
  EXPECT_EQ(parse_bytes("0.000000000000000001B"), Bytes{1});
}

TEST(Bytes, RefusesWhatIsAmbiguousOrNoNumber) {
  for (const char* text :
       {"",      "4",      "1024",  "4G",    "4M",    "1G",
        "4g",    "4gb",    "4gib",  "GiB",   "-4GiB", "+4GiB",
        "4 GiB", " 4GiB",  "4GiB ", "4.GiB", ".5GiB", "1e3B",
        "4GiBs", "0x4GiB", "7Gc",   "0n",    "16?",   "1.0000000000000000001GiB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(Bytes, RefusesOverflow) {
  EXPECT_EQ(parse_bytes("15EiB"), Bytes{15ULL << 60U});
  EXPECT_EQ(parse_bytes("16EiB"), std::nullopt);
  EXPECT_EQ(parse_bytes("18446744073709551615B"), Bytes{UINT64_MAX});
  EXPECT_EQ(parse_bytes("18446744073709551616B"), std::nullopt);
  EXPECT_EQ(parse_bytes("999999999999999999999999GiB"), std::nullopt);
}

TEST(Bytes, GoesToSlurmInWholeMebibytesRoundedUp) {
  EXPECT_EQ(to_mebibytes(*parse_bytes("2.5GB")), 2'385U);
  EXPECT_EQ(to_mebibytes(*parse_bytes("1000MB")), 954U);
  EXPECT_EQ(to_mebibytes(*parse_bytes("1GB")), 954U);
  EXPECT_EQ(to_mebibytes(*parse_bytes("1GiB")), 1'024U);
  EXPECT_EQ(to_mebibytes(Bytes{1}), 1U);
  EXPECT_EQ(to_mebibytes(Bytes{0}), 0U);
  EXPECT_EQ(to_mebibytes(Bytes{UINT64_MAX}), 1ULL << 44U);
}

TEST(Bytes, FormatsTheShortestExactForm) {
  EXPECT_EQ(format_bytes(Bytes{120 * k_gibi}), "120GiB");
  EXPECT_EQ(format_bytes(Bytes{3 * k_gibi / 2}), "1536MiB");
  EXPECT_EQ(format_bytes(Bytes{17}), "17B");
  EXPECT_EQ(format_bytes(Bytes{0}), "0B");
  for (const std::uint64_t count : {1ULL, 1'023ULL, 1'024ULL, 1ULL << 40U, ~0ULL}) {
    EXPECT_EQ(parse_bytes(format_bytes(Bytes{count})), Bytes{count});
  }
}

TEST(Duration, ReadsUnits) {
  EXPECT_EQ(parse_duration("90s"), Seconds(90));
  EXPECT_EQ(parse_duration("30m"), Seconds(1'800));
  EXPECT_EQ(parse_duration("4h"), Seconds(14'400));
  EXPECT_EQ(parse_duration("2d"), Seconds(172'800));
  EXPECT_EQ(parse_duration("1h30m"), Seconds(5'400));
  EXPECT_EQ(parse_duration("1d2h3m4s"), Seconds(93'784));
  EXPECT_EQ(parse_duration("0s"), Seconds(0));
}

TEST(Duration, ReadsSlurmsUnambiguousForms) {
  EXPECT_EQ(parse_duration("12:30:00"), Seconds(45'000));
  EXPECT_EQ(parse_duration("100:00:00"), Seconds(360'000));
  EXPECT_EQ(parse_duration("1-12:00:00"), Seconds(129'600));
  EXPECT_EQ(parse_duration("1-12:30"), Seconds(131'400));
  EXPECT_EQ(parse_duration("2-03"), Seconds(183'600));
}

TEST(Duration, RefusesWhatCouldMeanTwoThings) {
  for (const char* text : {"",
                           "90",
                           "0",
                           "05:30",
                           "1:2:3:4",
                           "4",
                           "h",
                           "-1h",
                           "+1h",
                           "1.5h",
                           "1h 30m",
                           "30m1h",
                           "1h1h",
                           "1H",
                           "1w",
                           "1-",
                           "-12:00:00",
                           "1-24:00:00",
                           "1-12:60:00",
                           "0:60:00",
                           "0:00:60",
                           "1-2-3",
                           "1:00:000",
                           "UNLIMITED",
                           "INFINITE",
                           "NOT_SET",
                           "Partition_Limit",
                           "N/A",
                           "None",
                           "Unknown",
                           "9999999999s",
                           "1e3s",
                           "1ms"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Duration, FormatsForSlurm) {
  EXPECT_EQ(format_slurm_time(Seconds(129'600)), "1-12:00:00");
  EXPECT_EQ(format_slurm_time(Seconds(14'400)), "4:00:00");
  EXPECT_EQ(format_slurm_time(Seconds(1'800)), "0:30:00");
  EXPECT_EQ(format_slurm_time(Seconds(59)), "0:00:59");
  EXPECT_EQ(format_slurm_time(Seconds(0)), "0:00:00");
}

TEST(Duration, FormatsForPeople) {
  EXPECT_EQ(format_duration(Seconds(129'600)), "1d12h");
  EXPECT_EQ(format_duration(Seconds(14'400)), "4h");
  EXPECT_EQ(format_duration(Seconds(90)), "1m30s");
  EXPECT_EQ(format_duration(Seconds(0)), "0s");
}

TEST(Duration, ReadsBackWhatItFormats) {
  for (const std::int64_t count : {1, 59, 60, 3'599, 3'600, 86'399, 86'400, 90'061, 31'536'000}) {
    EXPECT_EQ(parse_duration(format_slurm_time(Seconds(count))), Seconds(count));
    EXPECT_EQ(parse_duration(format_duration(Seconds(count))), Seconds(count));
  }
}

}  // namespace
}  // namespace foz
