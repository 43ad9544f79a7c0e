#include <gtest/gtest.h>

#include "core/base/text.h"
#include "core/yaml/tree.h"

namespace foz::yaml {
namespace {

/// A tree in one line, each value with its place and length: {a@1:1+1: "x"@1:4+3}. Plain scalars
/// stand without quotes.
std::string show(const Node& node);

std::string show(const SourceRange& where) {
  return "@" + std::to_string(where.line) + ":" + std::to_string(where.column) + "+" +
         std::to_string(where.length);
}

std::string show_entries(const Node& node) {
  std::vector<std::string> parts;
  for (const Entry& entry : node.entries) {
    parts.push_back(entry.key.value + show(entry.key.where) + ": " + show(entry.value));
  }
  return "{" + join(parts, ", ") + "}";
}

std::string show_items(const Node& node) {
  std::vector<std::string> parts;
  for (const Node& item : node.items) parts.push_back(show(item));
  return "[" + join(parts, ", ") + "]";
}

std::string show(const Node& node) {
  switch (node.kind) {
    case Node::Kind::map:
      return show_entries(node) + show(node.where);
    case Node::Kind::sequence:
      return show_items(node) + show(node.where);
    case Node::Kind::null:
      return "null(" + node.text + ")" + show(node.where);
    case Node::Kind::scalar:
      break;
  }
  return (node.plain ? printable(node.text) : quoted(node.text)) + show(node.where);
}

std::string read(std::string_view text) {
  Diagnostics diagnostics;
  const auto node = read_yaml(text, "f.yaml", diagnostics);
  return diagnostics.has_errors() || !node ? diagnostics.render() : show(*node);
}

TEST(ReadYaml, LocatesKeysAndValues) {
  EXPECT_EQ(read("name: flights\nstages:\n  train:\n    nodes: 2\n"),
            "{name@1:1+4: flights@1:7+7, stages@2:1+6: {train@3:3+5: {nodes@4:5+5: "
            "2@4:12+1}@4:5+5}@3:3+5}@1:1+4");
}

TEST(ReadYaml, LocatesItemsOfBothForms) {
  EXPECT_EQ(read("a:\n  - x\n  - [1, 'two']\n  - b: c\n    d: e\n"),
            "{a@1:1+1: [x@2:5+1, [1@3:6+1, \"two\"@3:9+5]@3:5+1, {b@4:5+1: c@4:8+1, d@5:5+1: "
            "e@5:8+1}@4:5+1]@2:3+1}"
            "@1:1+1");
  EXPECT_EQ(read("{a: {b: 1}, c: []}\n"),
            "{a@1:2+1: {b@1:6+1: 1@1:9+1}@1:5+1, c@1:13+1: []@1:16+1}@1:1+1");
}

TEST(ReadYaml, LeavesScalarsAsWritten) {
  EXPECT_EQ(read("[010, 0.10, 1e-3, yes, True, 2013-06-01, 1_000, 0x1F, 12:30:00, .5, +1, .inf]"),
            "[010@1:2+3, 0.10@1:7+4, 1e-3@1:13+4, yes@1:19+3, True@1:24+4, 2013-06-01@1:30+10, "
            "1_000@1:42+5, "
            "0x1F@1:49+4, 12:30:00@1:55+8, .5@1:65+2, +1@1:69+2, .inf@1:73+4]@1:1+1");
}

TEST(ReadYaml, TellsQuotedFromPlain) {
  EXPECT_EQ(read("[4, \"4\", '4', \"null\", '~']"),
            "[4@1:2+1, \"4\"@1:5+3, \"4\"@1:10+3, \"null\"@1:15+6, \"~\"@1:23+3]@1:1+1");
}

TEST(ReadYaml, UnescapesQuotedText) {
  EXPECT_EQ(read(R"(["a\tb\n\x41\u00fc\\", 'it''s "x"'])"),
            "[\"a\\tb\\nA\xc3\xbc\\\"@1:2+20, \"it's \"x\"\"@1:24+11]@1:1+1");
}

TEST(ReadYaml, KeepsBlocksOfText) {
  EXPECT_EQ(
      read("run: |\n  set -e\n  echo \"a: b\" # no comment\n\n    deeper\n\tx: 1\n").substr(0, 30),
      "f.yaml:6:1: error: a tab canno");
  EXPECT_EQ(read("run: |\n  set -e\n  echo \"a: b\" # no comment\n\n    deeper\n  \ttab\nb: >-\n  "
                 "folded\n  text\n"),
            "{run@1:1+3: \"set -e\\necho \"a: b\" # no comment\\n\\n  deeper\\n\\ttab\\n\"@1:6+1, "
            "b@7:1+1: \"folded text\"@7:4+1}"
            "@1:1+3");
}

TEST(ReadYaml, JoinsPlainTextOfSeveralLines) {
  EXPECT_EQ(read("a: one\n  two\n\n  three\nb: x\n"),
            "{a@1:1+1: one two\\nthree@1:4+3, b@5:1+1: x@5:4+1}@1:1+1");
}

TEST(ReadYaml, KeepsExpressionsOutsideBracketsPlain) {
  EXPECT_EQ(read("day: ${{ params.day }}\nargs: [--day, \"${{ params.day }}\"]\n"),
            "{day@1:1+3: ${{ params.day }}@1:6+17, args@2:1+4: [--day@2:8+5, \"${{ params.day "
            "}}\"@2:15+19]@2:7+1}@1:1+3");
}

TEST(ReadYaml, SkipsComments) {
  EXPECT_EQ(read("# c\na: 1 # c\n#: c\nb: x#y\n"), "{a@2:1+1: 1@2:4+1, b@4:1+1: x#y@4:4+3}@2:1+1");
}

TEST(ReadYaml, ShowsNothingAtItsKeyOrDash) {
  EXPECT_EQ(read("a:\n# c\nb:\n  -\n  - ~\n  - null\n  -\nc: {d: , e: NULL}\n"),
            "{a@1:1+1: null()@1:1+1, b@3:1+1: [null()@4:3+1, null(~)@5:5+1, null(null)@6:5+4, "
            "null()@7:3+1]@4:3+1, "
            "c@8:1+1: {d@8:5+1: null()@8:5+1, e@8:10+1: null(NULL)@8:13+4}@8:4+1}@1:1+1");
}

TEST(ReadYaml, WordsThatBeginLikeNullAreText) {
  EXPECT_EQ(read("[nullable, ~x, none]"), "[nullable@1:2+8, ~x@1:12+2, none@1:16+4]@1:1+1");
}

TEST(ReadYaml, CountsColumnsInCodePoints) {
  EXPECT_EQ(
      read("d\xc3\xa9j\xc3\xa0: [\"\xe6\x97\xa5\xe6\x9c\xac\", x]\n"),
      "{d\xc3\xa9j\xc3\xa0@1:1+4: [\"\xe6\x97\xa5\xe6\x9c\xac\"@1:8+4, x@1:14+1]@1:7+1}@1:1+4");
}

TEST(ReadYaml, AcceptsAByteOrderMarkAndCarriageReturns) {
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "a: 1\r\nb: \"x\"\r\nc: |\r\n  y\r\n"),
            "{a@1:1+1: 1@1:4+1, b@2:1+1: \"x\"@2:4+3, c@3:1+1: \"y\\n\"@3:4+1}@1:1+1");
}

TEST(ReadYaml, AcceptsAMarkedBeginningAndEnd) {
  EXPECT_EQ(read("---\na: 1\n...\n"), "{a@2:1+1: 1@2:4+1}@2:1+1");
}

TEST(ReadYaml, AcceptsAFileWithoutALineEnd) {
  EXPECT_EQ(read("a: 1"), "{a@1:1+1: 1@1:4+1}@1:1+1");
}

TEST(ReadYaml, AcceptsTabsThatAreNoIndentation) {
  EXPECT_EQ(read("a:\t1\t# c\n\t\nb: [1,\n\t2]\n\t# c\nc: 'x\n\ty'\n"),
            "{a@1:1+1: 1@1:4+1, b@3:1+1: [1@3:5+1, 2@4:2+1]@3:4+1, c@6:1+1: \"x y\"@6:4+2}@1:1+1");
}

TEST(ReadYaml, ReadsOneScalarAsWell) {
  EXPECT_EQ(read("just text\n"), "just text@1:1+9");
}

TEST(ReadYaml, AnAliasStandsAtItsUse) {
  EXPECT_EQ(read("a: &x 010\nb: *x\nc: [*x]\n"),
            "{a@1:1+1: 010@1:7+3, b@2:1+1: 010@2:4+2, c@3:1+1: [010@3:5+2]@3:4+1}@1:1+1");
}

TEST(ReadYaml, WhatIsInAnAliasStandsWhereItWasWritten) {
  EXPECT_EQ(read("a: &x\n  k: [v]\nb: *x\n"),
            "{a@1:1+1: {k@2:3+1: [v@2:7+1]@2:6+1}@2:3+1, b@3:1+1: {k@2:3+1: "
            "[v@2:7+1]@2:6+1}@3:4+2}@1:1+1");
}

TEST(ReadYaml, AnAliasCanBeAKey) {
  EXPECT_EQ(read("a: &k v\n*k : 2\n"), "{a@1:1+1: v@1:7+1, v@2:1+2: 2@2:6+1}@1:1+1");
}

TEST(ReadYaml, MergesMappings) {
  EXPECT_EQ(read("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: own\n  z: 3\n"),
            "{a@1:1+1: {x@1:8+1: 1@1:11+1, y@1:14+1: 2@1:17+1}@1:7+1, "
            "b@2:1+1: {y@4:3+1: own@4:6+3, z@5:3+1: 3@5:6+1, x@1:8+1: 1@1:11+1}@3:3+2}@1:1+1");
}

TEST(ReadYaml, OwnKeysWinWhereverTheyStandThenTheEarlierSource) {
  EXPECT_EQ(read("a: &a {x: 1}\nb: {y: 0, <<: [*a, {x: 2, y: 3, z: 4}]}\n"),
            "{a@1:1+1: {x@1:8+1: 1@1:11+1}@1:7+1, "
            "b@2:1+1: {y@2:5+1: 0@2:8+1, x@1:8+1: 1@1:11+1, z@2:33+1: 4@2:36+1}@2:4+1}@1:1+1");
}

TEST(ReadYaml, MergesWhatWasMerged) {
  EXPECT_EQ(read("a: &a {x: 1}\nb: &b {<<: *a}\nc: {<<: *b}\n"),
            "{a@1:1+1: {x@1:8+1: 1@1:11+1}@1:7+1, b@2:1+1: {x@1:8+1: 1@1:11+1}@2:7+1, c@3:1+1: "
            "{x@1:8+1: 1@1:11+1}@3:4+1}"
            "@1:1+1");
}

TEST(ReadYaml, AQuotedMergeKeyIsAKey) {
  EXPECT_EQ(read("\"<<\": 1\n"), "{<<@1:1+4: 1@1:7+1}@1:1+4");
}

TEST(ReadYaml, GivesATreeBesideErrorsThatLeaveTheRestReadable) {
  Diagnostics diagnostics;
  const auto node = read_yaml("a: 1\na: 2\nb: 3\n", "f.yaml", diagnostics);
  ASSERT_TRUE(node);
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(show(*node), "{a@1:1+1: 1@1:4+1, b@3:1+1: 3@3:4+1}@1:1+1");
}

TEST(ReadYaml, GivesNoTreeWhereTheRestCannotBeRead) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read_yaml("a: [1\nb: 2\n", "f.yaml", diagnostics));
  EXPECT_FALSE(read_yaml("", "f.yaml", diagnostics));
}

TEST(ReadYaml, ErrorsOfAnotherFileDoNotMatter) {
  Diagnostics diagnostics;
  for (int i = 0; i < 200; ++i) diagnostics.error({}, "bad");
  EXPECT_TRUE(read_yaml("a: 1\n", "f.yaml", diagnostics));
}

TEST(ReadYaml, NamesItsFile) {
  Diagnostics diagnostics;
  const auto node = read_yaml("a: 1\n", "dir/f.yaml", diagnostics);
  EXPECT_EQ(*node->where.file, "dir/f.yaml");
  EXPECT_EQ(*node->entries[0].value.where.file, "dir/f.yaml");
}

TEST(ReadYaml, TakesAHundredThousandKeys) {
  std::string text;
  for (int i = 0; i < 99'000; ++i) text += "key" + std::to_string(i) + ": value\n";
  Diagnostics diagnostics;
  const auto node = read_yaml(text, "f.yaml", diagnostics);
  ASSERT_TRUE(node) << diagnostics.render();
  EXPECT_EQ(node->entries.size(), 99'000U);
}

}  // namespace
}  // namespace foz::yaml
