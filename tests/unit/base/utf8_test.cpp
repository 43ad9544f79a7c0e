#include "core/base/utf8.h"

#include <gtest/gtest.h>

namespace foz {
namespace {

TEST(Utf8, DecodesEachLength) {
  EXPECT_EQ(decode_utf8("A").value, U'A');
  EXPECT_EQ(decode_utf8("\xc3\xbc!").value, U'\u00fc');
  EXPECT_EQ(decode_utf8("\xe2\x82\xac").value, U'\u20ac');
  EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80").value, U'\U0001f600');
  EXPECT_EQ(decode_utf8("\xf0\x9f\x98\x80").length, 4U);
}

TEST(Utf8, RefusesWhatIsNotUtf8) {
  const std::string_view bad[] = {"\x80",
                                  "\xc0\x80",
                                  "\xc3",
                                  "\xc3(",
                                  "\xe0\x80\x80",
                                  "\xed\xa0\x80",
                                  "\xf4\x90\x80\x80",
                                  "\xf8\x88\x80\x80\x80",
                                  "\xff",
                                  "\xe2\x82"};
  for (const std::string_view bytes : bad) {
    EXPECT_FALSE(decode_utf8(bytes).valid);
    EXPECT_EQ(decode_utf8(bytes).length, 1U);
    EXPECT_EQ(find_invalid_utf8(std::string("ab").append(bytes)), 2U);
  }
  EXPECT_EQ(find_invalid_utf8("d\xc3\xa9j\xc3\xa0"), std::nullopt);
}

TEST(Utf8, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("d\xc3\xa9j\xc3\xa0"), 4U);
  EXPECT_EQ(count_code_points("a\xff\xff"), 3U);
}

TEST(Utf8, KnowsWhatATerminalCannotShow) {
  EXPECT_TRUE(is_printable(decode_utf8(" ")));
  EXPECT_TRUE(is_printable(decode_utf8("\xc3\xbc")));
  for (const std::string_view bytes :
       {"\x1b", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\xa8", "\xff"}) {
    EXPECT_FALSE(is_printable(decode_utf8(bytes)));
  }
}

TEST(Utf8, KnowsWidths) {
  EXPECT_EQ(display_width(U'a'), 1);
  EXPECT_EQ(display_width(U'\u00fc'), 1);
  EXPECT_EQ(display_width(U'\u0301'), 0);
  EXPECT_EQ(display_width(U'\u65e5'), 2);
  EXPECT_EQ(display_width(U'\U0001f600'), 2);
}

}  // namespace
}  // namespace foz
