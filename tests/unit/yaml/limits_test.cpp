/// Bounds of a file: its size, levels, values, aliases and the messages about it.
#include "tests/unit/yaml/bad_input.h"

namespace foz::yaml {
namespace {

TEST(YamlLimits, ALongKeyIsCutInTheMessage) {
  const std::string key(70, 'k');
  EXPECT_EQ(messages_of(key + ": 1\n" + key + ": 2\n"),
            "f.yaml:2:1: error: the key '" + std::string(60, 'k') + "...' is given twice\n" +
                "    2 | " + key + ": 2\n" + "      | ^" + std::string(69, '~') + "\n" +
                "note: first given on line 1\n");
}

TEST(YamlLimits, TooManyLevelsInBrackets) {
  EXPECT_EQ(messages_of(std::string(65, '[') + std::string(65, ']')),
            "f.yaml:1:65: error: there are more than 64 levels in each other\n"
            "    1 | " +
                std::string(65, '[') + std::string(25, ']') + "...\n" + "      | " +
                std::string(64, ' ') + "^\n");
}

TEST(YamlLimits, TooManyLevelsOfIndentation) {
  std::string text;
  for (std::size_t i = 0; i < 65; ++i) text += std::string(i, ' ') + "a:\n";
  EXPECT_EQ(messages_of(text),
            "f.yaml:65:65: error: there are more than 64 levels in each other\n"
            "   65 | " +
                std::string(64, ' ') + "a:\n" + "      | " + std::string(64, ' ') + "^\n");
}

TEST(YamlLimits, AnAliasCountsItsLevels) {
  EXPECT_EQ(messages_of("a: &a " + std::string(40, '[') + std::string(40, ']') +
                        "\nb: " + std::string(24, '[') + "*a" + std::string(24, ']') + "\n"),
            "f.yaml:2:28: error: with this alias there are more than 64 levels\n"
            "    2 | b: " +
                std::string(24, '[') + "*a" + std::string(24, ']') + "\n" + "      | " +
                std::string(27, ' ') + "^~\n");
}

TEST(YamlLimits, AnAliasBombIsCountedBeforeItIsBuilt) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string one = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i);
    text += name + ": &" + name + " [" + one;
    for (int k = 1; k < 10; ++k) text += ", " + one;
    text += "]\n";
  }
  EXPECT_EQ(
      messages_of(text),
      "f.yaml:5:55: error: the file has more than 200000 keys and values, aliases written out\n"
      "    5 | a4: &a4 [*a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3, *a3]\n"
      "      |                                                       ^~~\n"
      "hint: keep long lists in a file of their own\n");
}

TEST(YamlLimits, AFileOverTheLimitIsRefusedUnread) {
  EXPECT_EQ(messages_of("a: " + std::string(k_max_bytes, 'x')),
            "f.yaml: error: the file has 4194307 bytes, 4194304 are allowed\n");
}

TEST(YamlLimits, AValueOfTooManyBytesIsRefused) {
  EXPECT_EQ(messages_of("a: 1\nb: |\n" + std::string(300'000, ' ') + "x\n"),
            "f.yaml:2:1: error: no value ends within 262144 bytes from here\n"
            "    2 | b: |\n"
            "      | ^\n"
            "hint: look for a bracket that is not closed; keep long texts and lists in a file of "
            "their own\n");
}

TEST(YamlLimits, AnOpenQuoteBeforeALongRestIsFound) {
  EXPECT_EQ(messages_of("a: \"text\n" + std::string(1'000'000, '\n')),
            "f.yaml:1:4: error: this quote is not closed\n"
            "    1 | a: \"text\n"
            "      |    ^\n");
}

TEST(YamlLimits, ManyErrorsEndTheReading) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "- !x y\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(read_yaml(text, "f.yaml", diagnostics));
  EXPECT_EQ(diagnostics.error_count(), Diagnostics::k_max_diagnostics + 1);
  EXPECT_TRUE(diagnostics.render().ends_with("1 more message not shown\n"));
}

}  // namespace
}  // namespace foz::yaml
