#include "core/yaml/source.h"

#include <gtest/gtest.h>

namespace foz::yaml {
namespace {

TEST(Source, GivesLinesWithoutTheirEnds) {
  const Source source("ab\r\n\ncd", "f");
  EXPECT_EQ(source.line_count(), 3);
  EXPECT_EQ(source.line(0), "ab");
  EXPECT_EQ(source.line(1), "");
  EXPECT_EQ(source.line(2), "cd");
}

TEST(Source, KeepsPlacesInside) {
  const Source source("ab\ncd\n", "f");
  EXPECT_EQ(source.place(1, 1).offset, 4U);
  EXPECT_EQ(source.place(1, 99).offset, 5U);
  EXPECT_EQ(source.place(99, 99).offset, 6U);
  EXPECT_EQ(source.place(-1, -1).offset, 0U);
  EXPECT_EQ(Source("", "f").place(3, 3).offset, 0U);
}

TEST(Source, FindsThePlaceOfAnOffset) {
  const Source source("ab\ncd\n", "f");
  const Place place = source.place_at(4);
  EXPECT_EQ(place.line, 1);
  EXPECT_EQ(place.column, 1);
}

TEST(Source, UnderlinesWhatStandsThere) {
  const Source source("key: 'it''s' # c\n[a, *b]\nplain text: x\n", "f");
  EXPECT_EQ(source.range(source.place(0, 0)).length, 3);
  EXPECT_EQ(source.range(source.place(0, 5)).length, 7);
  EXPECT_EQ(source.range(source.place(1, 0)).length, 1);
  EXPECT_EQ(source.range(source.place(1, 4)).length, 2);
  EXPECT_EQ(source.range(source.place(2, 0)).length, 10);
}

TEST(Source, CountsColumnsFromAnyPlaceToAnyOther) {
  const Source source("\xc3\xbc\xc3\xbc\xc3\xbc: x\n", "f");
  EXPECT_EQ(source.range(source.place(0, 8)).column, 6);
  EXPECT_EQ(source.range(source.place(0, 2)).column, 2);
  EXPECT_EQ(source.range(source.place(0, 6)).column, 4);
}

TEST(Source, FindsTheEndOfQuotedText) {
  const Source source("\"a\\\"b\" 'c''d' \"open", "f");
  EXPECT_EQ(source.end_of_quoted(source.place(0, 0)), 6U);
  EXPECT_EQ(source.end_of_quoted(source.place(0, 7)), 13U);
  EXPECT_EQ(source.end_of_quoted(source.place(0, 14)), std::nullopt);
}

TEST(Source, SeesTabsInIndentationOnly) {
  const Source source("\ta\n \tb\na\tb\n  c\n", "f");
  EXPECT_TRUE(source.is_tab_indented(0));
  EXPECT_TRUE(source.is_tab_indented(1));
  EXPECT_FALSE(source.is_tab_indented(2));
  EXPECT_FALSE(source.is_tab_indented(3));
}

}  // namespace
}  // namespace foz::yaml
