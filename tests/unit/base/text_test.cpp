#include "core/base/text.h"

#include <gmock/gmock.h>

#include <random>

#include "core/base/spawn.h"

namespace foz {
namespace {

using testing::ElementsAre;

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_THAT(split("a,b,,c,", ','), ElementsAre("a", "b", "", "c", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_THAT(split("none", ','), ElementsAre("none"));
}

TEST(Text, SplitLeavesTheRestInTheLastPiece) {
  EXPECT_THAT(split("k=v=w", '=', 2), ElementsAre("k", "v=w"));
  EXPECT_THAT(split("a|b|c", '|', 1), ElementsAre("a|b|c"));
}

TEST(Text, TrimsBlanksOfBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, Joins) {
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(ShellQuote, LeavesSafeWords) {
  for (const char* word : {"a", "--nodes=2", "/usr/bin/env", "a_b-c.d:e@f%g+h,i", "-x"}) {
    EXPECT_EQ(shell_quote(std::string_view(word)), word);
  }
}

TEST(ShellQuote, QuotesTheRest) {
  EXPECT_EQ(shell_quote(std::string_view("")), "''");
  EXPECT_EQ(shell_quote(std::string_view("a b")), "'a b'");
  EXPECT_EQ(shell_quote(std::string_view("it's")), "'it'\\''s'");
  EXPECT_EQ(shell_quote(std::string_view("$(x)")), "'$(x)'");
  EXPECT_EQ(shell_quote(std::string_view("~")), "'~'");
  EXPECT_EQ(shell_quote(std::string_view("A=b")), "'A=b'");
  EXPECT_EQ(shell_quote(std::string_view("time")), "'time'");
  EXPECT_EQ(shell_quote(std::vector<std::string>{"echo", "a b", "*"}), "echo 'a b' '*'");
}

/// What a shell makes of one quoted word.
std::string through_shell(const std::string& shell, const std::string& word) {
  Command command;
  command.argv = {shell, "-c", "printf %s " + shell_quote(std::string_view(word))};
  return run_command(command).value().out;
}

TEST(ShellQuote, GivesBackTheVeryBytes) {
  std::vector<std::string> words = {"a b",   "'",    "''",    "\"",       "\\",
                                    "$HOME", "`id`", "$(id)", "-n",       "a\nb",
                                    "\n",    "!x",   "*",     "?",        "~root",
                                    "{a,b}", "#",    "a;b",   "a&b",      "|",
                                    "<x",    "(",    "\t",    "\xff\xfe", "d\xc3\xa9j\xc3\xa0",
                                    "A=b",   "%s\\n"};
  std::mt19937 random(7);
  for (int i = 0; i < 20; ++i) {
    std::string word;
    for (int k = 0; k < 12; ++k) word += static_cast<char>(1 + random() % 255);
    words.push_back(word);
  }
  for (const std::string& word : words) {
    EXPECT_EQ(through_shell("sh", word), word) << printable(word);
    EXPECT_EQ(through_shell("bash", word), word) << printable(word);
  }
}

TEST(Printable, LeavesText) {
  EXPECT_EQ(printable("plain d\xc3\xa9j\xc3\xa0 \xe6\x97\xa5"),
            "plain d\xc3\xa9j\xc3\xa0 \xe6\x97\xa5");
}

TEST(Printable, EscapesWhatCouldMoveACursor) {
  EXPECT_EQ(printable("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(printable("\x1b[31mred\x07"), "\\x1b[31mred\\x07");
  EXPECT_EQ(printable(std::string_view("\0\x7f", 2)), "\\x00\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(printable("a\xe9z\xff"), "a\\xe9z\\xff");
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\xe2\\x80\\xae");
}

TEST(Printable, QuotedPutsQuotesAround) {
  const std::string text = "two\n";
  EXPECT_EQ(quoted(text), "\"two\\n\"");
  EXPECT_EQ(quoted("two"), "\"two\"");
}

TEST(ParseInteger, TakesDecimalsOnly) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  for (const char* text : {"", "+", "-", "+-1", "--1", " 1", "1 ", "1.0", "1e3", "0x10",
                           "9223372036854775808", "one"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseNumber, TakesFiniteDecimalsOnly) {
  EXPECT_EQ(parse_number("0.10"), 0.1);
  EXPECT_EQ(parse_number("+1e-3"), 1e-3);
  EXPECT_EQ(parse_number("-5"), -5.0);
  for (const char* text : {"", "+", "+-1", "1e999", "inf", "nan", "0x10", "1 ", "1,5"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Crc32, IsThatOfZlib) {
  EXPECT_EQ(crc32(""), 0U);
  EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414fa339U);
}

TEST(CountOf, SaysOneAndMany) {
  EXPECT_EQ(count_of(1, "task"), "1 task");
  EXPECT_EQ(count_of(0, "task"), "0 tasks");
  EXPECT_EQ(count_of(2, "batch"), "2 batches");
  EXPECT_EQ(count_of(3, "entry"), "3 entries");
  EXPECT_EQ(count_of(3, "array"), "3 arrays");
}

}  // namespace
}  // namespace foz
