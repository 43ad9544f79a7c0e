#include "core/slurm/squeue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"

namespace foz::slurm {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string plain_row(std::string_view id, std::string_view name = "train") {
  return marked_row({id, id, "N/A", "RUNNING", "1756745390", "1756745400", "1756831800", "0", "gpu",
                     "n[1-2]", "None", "(null)", "(null)", name},
                    "blue");
}

std::vector<JobRow> rows_of(std::string_view answer) {
  auto rows = parse_squeue(answer);
  EXPECT_TRUE(rows) << rows.error().message;
  return rows ? std::move(*rows) : std::vector<JobRow>();
}

std::string error_of(std::string_view answer) {
  const auto rows = parse_squeue(answer);
  EXPECT_FALSE(rows);
  return rows ? "" : rows.error().message;
}

TEST(SqueueCommand, AsksForAllOfTheCallersJobsAndNamesNoId) {
  const auto argv = squeue_command();
  EXPECT_EQ(argv.front(), "squeue");
  EXPECT_THAT(argv, Contains("--me"));
  EXPECT_THAT(argv, Contains("--states=all"));
  EXPECT_THAT(argv, Not(Contains(StartsWith("--jobs"))));
}

TEST(ParseSqueue, ASingleJob) {
  const auto rows = rows_of(plain_row("812"));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].id, JobId{812});
  EXPECT_EQ(rows[0].array_id, JobId{0});
  EXPECT_EQ(rows[0].index, std::nullopt);
  EXPECT_EQ(rows[0].state, State::running);
  EXPECT_EQ(rows[0].state_text, "RUNNING");
  EXPECT_EQ(rows[0].submit_time, 1'756'745'390'000);
  EXPECT_EQ(rows[0].start_time, 1'756'745'400'000);
  EXPECT_EQ(rows[0].end_time, 1'756'831'800'000);
  EXPECT_EQ(rows[0].nodes, "n[1-2]");
  EXPECT_EQ(rows[0].reason, "");
  EXPECT_EQ(rows[0].comment, "");
  EXPECT_EQ(rows[0].name, "train");
}

TEST(ParseSqueue, ElementsOfAnArrayAndItsPendingRest) {
  const auto rows = rows_of(
      marked_row({"700001", "700001", "3-16,20%4", "PENDING", "1756745390", "N/A", "N/A", "0",
                  "gpu,gpu-shared", "", "Resources", "(null)", "(null)", "sweep"}) +
      marked_row({"700005", "700001", "2", "COMPLETING", "1756745390", "1756745391", "Unknown", "3",
                  "gpu", "n7", "None", "afterok:5_*(unfulfilled)", "why | not", "sweep"}));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].id, JobId{700001});
  EXPECT_EQ(rows[0].array_id, JobId{700001});
  EXPECT_EQ(rows[0].pending_indices, "3-16,20");
  EXPECT_EQ(rows[0].start_time, 0);
  EXPECT_EQ(rows[0].partition, "gpu,gpu-shared");
  EXPECT_EQ(rows[0].reason, "Resources");
  EXPECT_EQ(rows[1].id, JobId{700005});
  EXPECT_EQ(rows[1].array_id, JobId{700001});
  EXPECT_EQ(rows[1].index, ArrayIndex{2});
  EXPECT_EQ(rows[1].state, State::completing);
  EXPECT_EQ(rows[1].end_time, 0);
  EXPECT_EQ(rows[1].restarts, 3);
  EXPECT_EQ(rows[1].dependency, "afterok:5_*(unfulfilled)");
  EXPECT_EQ(rows[1].comment, "why | not");
}

TEST(ParseSqueue, BannersAroundTheRowsCostNothing) {
  const auto rows = rows_of("Site-specific preamble here.\nCLUSTER: blue\n" + plain_row("1") +
                            "\nQueue is busy | 77 jobs\n" + plain_row("2") + "Additional info.\n");
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(rows[0].id, JobId{1});
  EXPECT_EQ(rows[1].id, JobId{2});
}

TEST(ParseSqueue, NamesMayHoldAnything) {
  for (const std::string_view name :
       {"a|b", "two\nlines", "caf\xe9", "", "tab\there", "^^^", "x\x1fy", "1 2 3", "\x1e"}) {
    const auto rows = rows_of(plain_row("1", name) + plain_row("2"));
    ASSERT_EQ(rows.size(), 2) << name;
    EXPECT_EQ(rows[0].name, name);
    EXPECT_EQ(rows[1].id, JobId{2});
  }
}

TEST(ParseSqueue, AnUnknownStateIsKeptAsItsWord) {
  const auto rows = rows_of(marked_row({"1", "1", "N/A", "SOMETHING_NEW", "N/A", "N/A", "N/A", "0",
                                        "p", "", "MaxPoweredUpNodes", "", "", "x"}));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].state, State::unknown);
  EXPECT_EQ(rows[0].state_text, "SOMETHING_NEW");
  EXPECT_EQ(rows[0].reason, "MaxPoweredUpNodes");
}

TEST(ParseSqueue, AReasonWithNodesIsNoNodeList) {
  const auto rows =
      rows_of(marked_row({"1", "1", "N/A", "PENDING", "1", "N/A", "N/A", "0", "p", "",
                          "ReqNodeNotAvail, UnavailableNodes:n[1-9]", "(null)", "(null)", "x"}));
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].nodes, "");
  EXPECT_EQ(rows[0].reason, "ReqNodeNotAvail, UnavailableNodes:n[1-9]");
}

TEST(ParseSqueue, TheHelpersRowsReadBackTheSame) {
  JobRow row;
  row.id = JobId{5};
  row.array_id = JobId{2};
  row.index = ArrayIndex{7};
  row.state_text = "RUNNING";
  row.submit_time = 1'756'745'390'000;
  row.start_time = 1'756'745'391'000;
  row.restarts = 2;
  row.partition = "gpu";
  row.nodes = "n[1-2]";
  row.reason = "Resources";
  row.dependency = "afterok:1";
  row.comment = "c";
  row.name = "two\nlines";
  JobRow rest;
  rest.id = rest.array_id = JobId{2};
  rest.pending_indices = "8-9";
  rest.state_text = "PENDING";
  const auto rows = rows_of(squeue_row(row) + squeue_row(rest));
  ASSERT_EQ(rows.size(), 2);
  EXPECT_EQ(squeue_row(rows[0]), squeue_row(row));
  EXPECT_EQ(squeue_row(rows[1]), squeue_row(rest));
  EXPECT_EQ(rows[0].index, ArrayIndex{7});
  EXPECT_EQ(rows[1].pending_indices, "8-9");
}

TEST(ParseSqueue, NoRowsIsAnAnswer) {
  EXPECT_THAT(rows_of(""), IsEmpty());
  EXPECT_THAT(rows_of("Welcome\n"), IsEmpty());
}

TEST(ParseSqueue, WhatIsCutIsAnError) {
  const std::string whole = plain_row("812");
  const std::size_t last = whole.rfind(k_field_mark);
  for (std::size_t size = whole.find(k_row_mark) + k_row_mark.size(); size <= last; ++size) {
    EXPECT_FALSE(parse_squeue(whole.substr(0, size))) << size;
  }
  EXPECT_EQ(error_of(marked_row({"812", "812", "N/A"})),
            "the answer of 'squeue' is cut: a row has 3 of 14 fields: "
            "\"812\\x1f\\x1c812\\x1f\\x1cN/A\\x1f\\x1c\\n\"");
}

TEST(ParseSqueue, CutIndicesAndOddIdsAreErrors) {
  const auto row = [](std::string_view id, std::string_view array_id, std::string_view indices) {
    return marked_row(
        {id, array_id, indices, "PENDING", "", "", "", "0", "p", "", "", "", "", "x"});
  };
  EXPECT_EQ(error_of(row("1", "1", "0,2,4...")),
            "the answer of 'squeue' has \"0,2,4...\" as array indices, which are cut");
  EXPECT_EQ(error_of(row("123456_[", "1", "N/A")),
            "the answer of 'squeue' has \"123456_[\" as a job id");
  EXPECT_EQ(error_of(row("1", "x", "5")), "the answer of 'squeue' has \"x\" as an array's job id");
  EXPECT_EQ(error_of(row("1", "1", "99999999999")),
            "the answer of 'squeue' has \"99999999999\" as an array index");
}

}  // namespace
}  // namespace foz::slurm
