#include "core/task/json_text.h"

#include <gtest/gtest.h>

namespace foz::task {
namespace {

using namespace std::string_literals;

TEST(JsonText, LeavesUtf8AsItIs) {
  EXPECT_EQ(to_json_text("día \"1\"\n"), "día \"1\"\n");
  EXPECT_EQ(from_json_text("día \"1\"\n"), "día \"1\"\n");
}

TEST(JsonText, WritesAByteThatIsNotUtf8AsZeroAndHex) {
  EXPECT_EQ(to_json_text("caf\xe9!"), "caf\0e9!"s);
}

TEST(JsonText, BringsEveryByteBack) {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  for (const std::string& bytes :
       {all, "\xe2\x82"s, "\xed\xa0\x80"s, "a\0b"s, "\0e9"s, "\0"s, ""s}) {
    EXPECT_EQ(from_json_text(to_json_text(bytes)), bytes);
  }
}

TEST(JsonText, KeepsAZeroThatIsNoEscape) {
  EXPECT_EQ(from_json_text("\0zz"s), "\0zz"s);
  EXPECT_EQ(from_json_text("\0e"s), "\0e"s);
}

}  // namespace
}  // namespace foz::task
