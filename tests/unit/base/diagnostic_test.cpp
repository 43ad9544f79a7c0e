#include "core/base/diagnostic.h"

#include <gtest/gtest.h>

namespace foz {
namespace {

SourceRange at(int line, int column, int length = 1) {
  return {std::make_shared<const std::string>("f.yaml"), line, column, length};
}

/// One error over `source`, rendered.
std::string render(const std::string& source, const SourceRange& where) {
  Diagnostics diagnostics;
  diagnostics.set_source("f.yaml", source);
  diagnostics.error(where, "bad");
  return diagnostics.render();
}

TEST(Diagnostics, RendersPlaceSourceCaretNoteAndHint) {
  Diagnostics diagnostics;
  diagnostics.set_source("f.yaml", "stages:\n  train:\n    gpus: two\n");
  const auto scope = diagnostics.in("in stage 'train'");
  diagnostics.error(at(3, 11, 3), "'gpus' must be an integer, got \"two\"",
                    "did you mean 'gpus_per_node'?");
  EXPECT_EQ(diagnostics.render(),
            "f.yaml:3:11: error: 'gpus' must be an integer, got \"two\"\n"
            "    3 |     gpus: two\n"
            "      |           ^~~\n"
            "note: in stage 'train'\n"
            "hint: did you mean 'gpus_per_node'?\n");
}

TEST(Diagnostics, RendersWithoutSourceLineOrPlace) {
  Diagnostics diagnostics;
  diagnostics.error(at(0, 0), "the file is empty");
  diagnostics.error({}, "no partition");
  diagnostics.warning(at(7, 2), "it is old");
  EXPECT_EQ(diagnostics.render(),
            "f.yaml: error: the file is empty\n"
            "error: no partition\n"
            "f.yaml:7:2: warning: it is old\n");
}

TEST(Diagnostics, AlignsTheLineNumbers) {
  std::string source(123'455, '\n');
  EXPECT_EQ(render(source + "ab", at(123'456, 2)),
            "f.yaml:123456:2: error: bad\n"
            "123456 | ab\n"
            "       |  ^\n");
}

TEST(Diagnostics, KeepsTheCaretUnderTextBehindTabs) {
  EXPECT_EQ(render("\ta:\tx\n", at(1, 5)),
            "f.yaml:1:5: error: bad\n"
            "    1 |     a:    x\n"
            "      |           ^\n");
}

TEST(Diagnostics, KeepsTheCaretUnderTextBehindAccentsAndWideCharacters) {
  EXPECT_EQ(render("d\xc3\xa9j\xc3\xa0: xy\n", at(1, 7, 2)),
            "f.yaml:1:7: error: bad\n"
            "    1 | d\xc3\xa9j\xc3\xa0: xy\n"
            "      |       ^~\n");
  EXPECT_EQ(render("\xe6\x97\xa5\xe6\x9c\xac: xy\n", at(1, 5, 2)),
            "f.yaml:1:5: error: bad\n"
            "    1 | \xe6\x97\xa5\xe6\x9c\xac: xy\n"
            "      |       ^~\n");
  EXPECT_EQ(render("e\xcc\x81: xy\n", at(1, 5, 2)),
            "f.yaml:1:5: error: bad\n"
            "    1 | e\xcc\x81: xy\n"
            "      |    ^~\n");
}

TEST(Diagnostics, UnderlinesWideCharactersInFull) {
  EXPECT_EQ(render("a: \xe6\x97\xa5\xe6\x9c\xac\n", at(1, 4, 2)),
            "f.yaml:1:4: error: bad\n"
            "    1 | a: \xe6\x97\xa5\xe6\x9c\xac\n"
            "      |    ^~~~\n");
}

TEST(Diagnostics, ShowsHostileSourceEscaped) {
  EXPECT_EQ(render("a: \x1b[2Jx\xff\n", at(1, 8)),
            "f.yaml:1:8: error: bad\n"
            "    1 | a: \\x1b[2Jx\\xff\n"
            "      |           ^\n");
}

TEST(Diagnostics, EscapesMessagesNotesHintsAndNames) {
  Diagnostics diagnostics;
  diagnostics.add({Severity::error,
                   {std::make_shared<const std::string>("a\nb"), 0, 0, 1},
                   "x\x1b",
                   {"y\n"},
                   "z\t"});
  EXPECT_EQ(diagnostics.render(),
            "a\\nb: error: x\\x1b\n"
            "note: y\\n\n"
            "hint: z\\t\n");
}

TEST(Diagnostics, LeavesOutTheCarriageReturnOfALine) {
  EXPECT_EQ(render("a: 1\r\nb: 2\r\n", at(2, 4)),
            "f.yaml:2:4: error: bad\n"
            "    2 | b: 2\n"
            "      |    ^\n");
}

TEST(Diagnostics, CutsALongLineBehindTheCaret) {
  EXPECT_EQ(render("a: " + std::string(500, 'x'), at(1, 4, 500)),
            "f.yaml:1:4: error: bad\n"
            "    1 | a: " +
                std::string(87, 'x') + "...\n" + "      |    ^" + std::string(86, '~') + "\n");
}

TEST(Diagnostics, CutsALongLineAroundTheCaret) {
  EXPECT_EQ(render(std::string(300, 'a') + "B" + std::string(300, 'c'), at(1, 301)),
            "f.yaml:1:301: error: bad\n"
            "    1 | ..." +
                std::string(40, 'a') + "B" + std::string(49, 'c') + "...\n" + "      |    " +
                std::string(40, ' ') + "^\n");
}

TEST(Diagnostics, ShowsTheEndOfALongLine) {
  EXPECT_EQ(render(std::string(300, 'a') + "B", at(1, 301)),
            "f.yaml:1:301: error: bad\n"
            "    1 | ..." +
                std::string(40, 'a') + "B\n" + "      |    " + std::string(40, ' ') + "^\n");
}

TEST(Diagnostics, PointsBehindTheEndOfALine) {
  EXPECT_EQ(render("ab\n", at(1, 3)),
            "f.yaml:1:3: error: bad\n"
            "    1 | ab\n"
            "      |   ^\n");
  EXPECT_EQ(render("ab\n", at(2, 1)),
            "f.yaml:2:1: error: bad\n"
            "    2 | \n"
            "      | ^\n");
}

TEST(Diagnostics, ALineThatIsNotThereIsNotShown) {
  EXPECT_EQ(render("ab\n", at(9, 1)), "f.yaml:9:1: error: bad\n");
}

TEST(Diagnostics, ScopesNestAndEnd) {
  Diagnostics diagnostics;
  {
    const auto stage = diagnostics.in("in stage 'train'");
    {
      const auto step = diagnostics.in("in step 2");
      diagnostics.add({Severity::error, {}, "one", {"first given on line 3"}, ""});
    }
    diagnostics.error({}, "two");
  }
  diagnostics.error({}, "three");
  EXPECT_EQ(diagnostics.render(),
            "error: one\nnote: first given on line 3\nnote: in step 2\nnote: in stage 'train'\n"
            "error: two\nnote: in stage 'train'\n"
            "error: three\n");
}

TEST(Diagnostics, WarningsAreNoErrors) {
  Diagnostics diagnostics;
  diagnostics.warning({}, "old");
  EXPECT_FALSE(diagnostics.has_errors());
  diagnostics.error({}, "bad");
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.error_count(), 1U);
  EXPECT_EQ(diagnostics.all().size(), 2U);
}

TEST(Diagnostics, CountsWhatItDoesNotKeep) {
  Diagnostics diagnostics;
  for (int i = 0; i < 150; ++i) diagnostics.error({}, "bad");
  EXPECT_EQ(diagnostics.error_count(), 150U);
  EXPECT_EQ(diagnostics.all().size(), 100U);
  EXPECT_TRUE(diagnostics.render().ends_with("error: bad\n50 more messages not shown\n"));
}

TEST(Diagnostics, AnErrorIsNotCrowdedOutByWarnings) {
  Diagnostics diagnostics;
  for (int i = 0; i < 100; ++i) diagnostics.warning({}, "old");
  diagnostics.error({}, "bad");
  EXPECT_TRUE(
      diagnostics.render().ends_with("warning: old\nerror: bad\n1 more message not shown\n"));
}

TEST(SourceRange, ComparesFilesByName) {
  EXPECT_EQ(at(1, 2, 3), at(1, 2, 3));
  EXPECT_FALSE(at(1, 2, 3) == at(1, 2, 4));
  EXPECT_FALSE(at(1, 2, 3) == (SourceRange{nullptr, 1, 2, 3}));
  EXPECT_EQ((Located<int>{5, at(1, 2)}), (Located<int>{5, at(1, 2)}));
}

TEST(FindNearest, FindsTypos) {
  const std::vector<std::string> keys = {"nodes", "gpus_per_node", "time", "needs"};
  EXPECT_EQ(find_nearest("node", keys), "nodes");
  EXPECT_EQ(find_nearest("tiem", keys), "time");
  EXPECT_EQ(find_nearest("gpu_per_nodes", keys), "gpus_per_node");
  EXPECT_EQ(find_nearest("nedes", keys), "nodes");
}

TEST(FindNearest, FindsNothingFarAway) {
  const std::vector<std::string> keys = {"nodes", "time", "x"};
  EXPECT_EQ(find_nearest("memory", keys), std::nullopt);
  EXPECT_EQ(find_nearest("", keys), std::nullopt);
  EXPECT_EQ(find_nearest("y", keys), std::nullopt);
  EXPECT_EQ(find_nearest("nodes", {}), std::nullopt);
  EXPECT_EQ(find_nearest(std::string(1'000'000, 'n'), keys), std::nullopt);
}

TEST(FindNearest, PrefersTheFirstOfEquals) {
  EXPECT_EQ(find_nearest("nodex", {"nodea", "nodeb"}), "nodea");
}

TEST(Suggest, NamesTheNearestOrSaysWhatElse) {
  EXPECT_EQ(suggest("nedes", {"nodes", "time"}), "did you mean 'nodes'?");
  EXPECT_EQ(suggest("memory", {"nodes"}, "it has: nodes"), "it has: nodes");
  EXPECT_EQ(suggest("memory", {}), "");
}

}  // namespace
}  // namespace foz
