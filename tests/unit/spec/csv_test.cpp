#include "core/spec/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foz::spec {
namespace {

using testing::ElementsAre;
using Cells = std::vector<std::string>;

std::vector<Cells> rows_of(std::string_view text) {
  const auto rows = parse_csv(text, 1000);
  std::vector<Cells> cells;
  for (const CsvRow& row : rows.value()) cells.push_back(row.cells);
  return cells;
}

std::string mistake_of(std::string_view text, std::size_t limit = 1000) {
  const auto rows = parse_csv(text, limit);
  return rows ? "none" : std::to_string(rows.error().line) + ": " + rows.error().message;
}

TEST(Csv, ReadsRowsAndTheirLines) {
  const auto rows = parse_csv("a,b\n\n1,\"x\ny\"\n2,z", 1000);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3U);
  EXPECT_EQ((*rows)[1].line, 3);
  EXPECT_EQ((*rows)[1].cells, (Cells{"1", "x\ny"}));
  EXPECT_EQ((*rows)[2].line, 5);
}

TEST(Csv, KeepsBlanksCommasQuotesAndEmptyValues) {
  EXPECT_THAT(rows_of(" a , b\n,\n\"x,\"\"y\"\"\",\"\"\n"),
              ElementsAre(Cells{" a ", " b"}, Cells{"", ""}, Cells{"x,\"y\"", ""}));
}

TEST(Csv, TakesAwayAByteOrderMarkAndCarriageReturns) {
  EXPECT_THAT(rows_of("\xef\xbb\xbf"
                      "a,b\r\n1,2\r\n\r\n3,4\r"),
              ElementsAre(Cells{"a", "b"}, Cells{"1", "2"}, Cells{"3", "4"}));
}

TEST(Csv, TellsAnEmptyLineFromAnEmptyValue) {
  EXPECT_THAT(rows_of("a\n\n\"\"\n"), ElementsAre(Cells{"a"}, Cells{""}));
}

TEST(Csv, SaysTheLineOfAMistake) {
  EXPECT_EQ(mistake_of("a,b\n1,\"x\ny\n"), "2: a quote that does not end");
  EXPECT_EQ(mistake_of("a,b\n1,x\"y\n"), "2: a quote in the middle of a value");
  EXPECT_EQ(mistake_of("a,b\n\"x\ny\"z,1\n"), "3: text behind a closing quote");
  EXPECT_EQ(mistake_of("a,b\rc\n"), "1: a carriage return in the middle of a value");
  EXPECT_EQ(mistake_of("1,2\n3,4\n", 3), "2: over 3 values in all");
}

TEST(Csv, OfNothingHasNoRows) {
  EXPECT_THAT(rows_of(""), ElementsAre());
  EXPECT_THAT(rows_of("\n\r\n"), ElementsAre());
}

}  // namespace
}  // namespace foz::spec
