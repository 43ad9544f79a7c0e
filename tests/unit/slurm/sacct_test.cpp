#include "core/slurm/sacct.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"

namespace foz::slurm {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

std::string row(std::string_view raw_id, std::string_view id, std::string_view state,
                std::string_view exit_code, std::string_view submit,
                std::string_view start = "1756750000", std::string_view end = "1756760000") {
  return closed_row(
      {"blue", raw_id, id, state, exit_code, submit, start, end, "n7", "None", "train"});
}

std::vector<AccountingRow> rows_of(std::string_view answer) {
  auto rows = parse_sacct(answer);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? std::move(*rows) : std::vector<AccountingRow>();
}

TEST(SacctCommand, StatesItsWindowAndItsUser) {
  const auto argv = sacct_command({{12}, {13}}, {1'795'576'551'000, 1'795'580'151'000}, 1'000);
  EXPECT_EQ(argv.front(), "sacct");
  EXPECT_THAT(argv, Contains("--starttime=2026-11-25T03:15:51"));
  EXPECT_THAT(argv, Contains("--endtime=2026-11-25T04:15:51"));
  EXPECT_THAT(argv, Contains("--user=1000"));
  EXPECT_THAT(argv, Contains("--jobs=12,13"));
  EXPECT_THAT(argv, Contains("--duplicates"));
}

TEST(ParseSacct, AJobAndItsSteps) {
  const auto rows = rows_of(row("123.batch", "123.batch", "CANCELLED", "0:15", "1") +
                            row("123", "123", "CANCELLED by 1000", "0:0", "1756745391") +
                            row("123.0", "123.0", "FAILED", "15:0", "1") +
                            row("123.extern", "123.extern", "COMPLETED", "0:0", "1"));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].id, JobId{123});
  EXPECT_EQ(rows[0].state, State::cancelled);
  EXPECT_EQ(rows[0].state_text, "CANCELLED by 1000");
  EXPECT_EQ(rows[0].exit_code, 0);
  EXPECT_EQ(rows[0].exit_signal, 0);
  EXPECT_EQ(rows[0].submit_time, 1'756'745'391'000);
  EXPECT_EQ(rows[0].start_time, 1'756'750'000'000);
  EXPECT_EQ(rows[0].end_time, 1'756'760'000'000);
  EXPECT_EQ(rows[0].nodes, "n7");
  EXPECT_EQ(rows[0].reason, "");
  EXPECT_EQ(rows[0].name, "train");
}

TEST(ParseSacct, ExitCodesMayBeNegativeOrSignals) {
  const auto rows =
      rows_of(row("1", "1", "NODE_FAIL", "-2:0", "1") + row("2", "2", "TIMEOUT", "0:1", "1") +
              row("3", "3", "OUT_OF_MEMORY", "0:125", "1") + row("4", "4", "PENDING", "", "1"));
  ASSERT_EQ(rows.size(), 4);
  EXPECT_EQ(rows[0].exit_code, -2);
  EXPECT_EQ(rows[1].exit_signal, 1);
  EXPECT_EQ(rows[1].state, State::timeout);
  EXPECT_EQ(rows[2].exit_signal, 125);
  EXPECT_EQ(rows[2].state, State::out_of_memory);
  EXPECT_EQ(rows[3].exit_code, 0);
}

TEST(ParseSacct, ElementsAndTheRestOfAnArray) {
  const auto rows =
      rows_of(row("700005", "700001_4", "CANCELLED by 77", "0:0", "1756745391", "None", "1") +
              row("997", "997_[1-4%2]", "CANCELLED by 1", "0:0", "1", "None", "Unknown"));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].id, JobId{700005});
  EXPECT_EQ(rows[0].array_id, JobId{700001});
  EXPECT_EQ(rows[0].index, ArrayIndex{4});
  EXPECT_EQ(rows[0].start_time, 0);
  EXPECT_EQ(rows[1].pending_indices, "1-4");
  EXPECT_EQ(rows[1].end_time, 0);
}

TEST(ParseSacct, OfTwoRowsOfAJobTheOneSubmittedLastCounts) {
  const auto rows =
      rows_of(row("615427", "615427", "PENDING", "0:0", "1756760001", "Unknown", "Unknown") +
              row("615427", "615427", "PREEMPTED", "0:0", "1756745391") +
              row("4711", "4711", "FAILED", "1:0", "1500000000") +
              row("4711", "4711", "RUNNING", "0:0", "1756745391", "1756745392", "Unknown"));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].state, State::pending);
  EXPECT_EQ(rows[1].state, State::running);
}

TEST(ParseSacct, APartOfAHeterogeneousJobIsAJob) {
  const auto rows = rows_of(row("13", "12+1", "COMPLETED", "0:0", "1"));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].id, JobId{13});
  EXPECT_EQ(rows[0].array_id, JobId{0});
}

TEST(ParseSacct, NamesMayHoldAnything) {
  for (const std::string_view name : {"a|b", "two\nlines", "caf\xe9", "", "12.batch"}) {
    const auto rows = rows_of(closed_row({"blue", "1", "1", "RUNNING", "0:0", "5", "6", "Unknown",
                                          "None assigned", "None", name}) +
                              row("2", "2", "RUNNING", "0:0", "5"));
    ASSERT_EQ(rows.size(), 2) << name;
    EXPECT_EQ(rows[0].name, name);
    EXPECT_EQ(rows[0].nodes, "");
    EXPECT_EQ(rows[1].id, JobId{2});
  }
}

TEST(ParseSacct, AnEmptyAnswerIsNotYetRecorded) {
  EXPECT_THAT(rows_of(""), IsEmpty());
  EXPECT_THAT(rows_of("\n"), IsEmpty());
}

TEST(ParseSacct, WhatIsCutIsAnError) {
  const std::string whole = row("123", "123", "RUNNING", "0:0", "1");
  const std::size_t first = whole.find(k_field_mark) + k_field_mark.size();
  for (std::size_t size = first; size + k_field_mark.size() + 1 < whole.size(); ++size) {
    EXPECT_FALSE(parse_sacct(whole.substr(0, size))) << size;
  }
  EXPECT_EQ(parse_sacct(closed_row({"blue", "123"})).error().message,
            "the answer of 'sacct' is cut: its last row has 2 of 11 fields");
  EXPECT_EQ(parse_sacct(row("1", "1_[2-", "RUNNING", "0:0", "1")).error().message,
            "the answer of 'sacct' has \"1_[2-\" as array indices, which are cut");
  EXPECT_EQ(parse_sacct(row("1", "1", "RUNNING", "zero", "1")).error().message,
            "the answer of 'sacct' has \"zero\" as an exit code");
}

TEST(ParseSacct, KnowsWhenAskingIsOfNoUse) {
  EXPECT_TRUE(is_accounting_off("Slurm accounting storage is disabled\n"));
  EXPECT_FALSE(is_accounting_off("sacct: error: Unable to connect to database\n"));
  EXPECT_TRUE(
      is_window_too_wide("sacct: error: slurmdb_jobs_get: Too wide of a date range in query"));
}

}  // namespace
}  // namespace foz::slurm
