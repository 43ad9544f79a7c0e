#include "core/task/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "plugins/api/value.h"

namespace foz::task {
namespace {

using testing::ElementsAre;

Lookup from(std::map<std::string, std::string, std::less<>> values) {
  return [values = std::move(values)](std::string_view path) -> std::optional<std::string> {
    const auto found = values.find(path);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

std::vector<std::string> paths_of(std::string_view text) {
  std::vector<std::string> paths;
  const auto found = find_references(text);
  for (const Reference& reference : found.value()) paths.push_back(reference.path);
  return paths;
}

std::string mistake_of(std::string_view text) {
  const auto found = find_references(text);
  return found ? "" : std::to_string(found.error().offset) + ": " + found.error().message;
}

TEST(Template, FindsReferencesWithTheirOffsets) {
  const auto found = find_references("a ${{ matrix.lr }}/${{task.name}}");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ((*found)[0].path, "matrix.lr");
  EXPECT_EQ((*found)[0].offset, 2U);
  EXPECT_EQ((*found)[1].path, "task.name");
  EXPECT_EQ((*found)[1].offset, 19U);
}

TEST(Template, LeavesDollarsBracesAndEscapesAlone) {
  EXPECT_THAT(paths_of("$HOME ${x} {{ y }} $$ $${{ z }} ${ {w}}"), ElementsAre());
  EXPECT_THAT(paths_of("$$${{ z }}"), ElementsAre());
}

TEST(Template, NamesTheFirstMistake) {
  EXPECT_EQ(mistake_of("ab ${{ x"), "3: '${{' without '}}'");
  EXPECT_EQ(mistake_of("${{ }}"), "0: empty reference");
  EXPECT_EQ(mistake_of("${{ a..b }}"), "0: 'a..b' is not a dotted path");
  EXPECT_EQ(mistake_of("x${{ a + 1 }}"), "1: 'a + 1' is not a dotted path");
  EXPECT_EQ(mistake_of("${{ a ${{ b }} }}"), "0: 'a ${{ b' is not a dotted path");
  EXPECT_EQ(mistake_of("${{ .a }}"), "0: '.a' is not a dotted path");
}

TEST(Template, FillsWhatIsKnownAndKeepsTheRestAsWritten) {
  EXPECT_EQ(fill("--day=${{ params.day }} --rank=${{rank}}", from({{"params.day", "2013-06-01"}})),
            "--day=2013-06-01 --rank=${{rank}}");
}

TEST(Template, NeverReadsAReferenceOutOfAValue) {
  const auto values = from({{"a", "${{ b }}"}, {"b", "no"}});
  EXPECT_EQ(fill("${{ a }}", values), "$${{ b }}");
  EXPECT_EQ(finish(fill("${{ a }}", values), values), "${{ b }}");
  EXPECT_EQ(finish("${{ a }}", values), "${{ b }}");
}

TEST(Template, NeverReadsAReferenceOutOfValuesThatMeet) {
  const auto task = from({{"a", "$"}, {"b", "{{ x }}"}, {"c", "${"}, {"d", "{ x }}"}});
  const auto rank = from({{"x", "BAD"}, {"r", "7"}});
  for (const auto& [text, expected] :
       std::map<std::string, std::string>{{"${{ a }}${{ b }}", "${{ x }}"},
                                          {"${{ a }}{{ x }}", "${{ x }}"},
                                          {"${{ c }}${{ d }}", "${{ x }}"},
                                          {"${${{ d }}", "${{ x }}"},
                                          {"${{ a }}${{ r }}", "$7"},
                                          {"${{ a }}${{ a }}${{ r }}", "$$7"},
                                          {"${{ a }}$${{ x }}", "$${{ x }}"},
                                          {"${{ c }}${{ r }}", "${7"}}) {
    EXPECT_EQ(finish(fill(text, task), rank), expected) << text;
  }
}

TEST(Template, WritesADollarBeforeAReference) {
  EXPECT_EQ(fill("${{ a }}${{ rank }}", from({{"a", "cost $"}})), "cost ${{ dollar }}${{ rank }}");
  EXPECT_EQ(finish("${{ dollar }}${{ rank }}", from({{"rank", "3"}})), "$3");
  EXPECT_THAT(paths_of("${{ dollar }}${{ rank }}"), ElementsAre("rank"));
}

TEST(Template, FillOfNothingChangesNoMeaning) {
  const auto nothing = from({});
  for (const std::string text : {"$${{ a }}", "$", "a$${{", "$$", "}} {{", "é ${{ x }} $"}) {
    EXPECT_EQ(fill(text, nothing), text);
  }
}

TEST(Template, KeepsAMalformedRestForFinishToRefuse) {
  const auto values = from({{"a", "1$"}});
  const std::string filled = fill("${{ a }}${{ b..c }} ${{ a }}", values);
  EXPECT_EQ(filled, "1${{ dollar }}${{ b..c }} ${{ a }}");
  const auto finished = finish(filled, values);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error(), (Error{Code::invalid, "'b..c' is not a dotted path"}));
}

TEST(Template, FinishRefusesWhatIsNotKnown) {
  const auto finished = finish("x ${{ needs.a.b }}", from({}));
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error(), (Error{Code::not_found, "'needs.a.b' is not known here"}));
}

TEST(Template, LiteralGivesBackExactlyItsText) {
  for (const std::string text :
       {"${{ a }}", "$${{ a }}", "$$${{", "${{${{", "$", "plain", "\n\"'`"}) {
    EXPECT_EQ(finish(plugin::literal(text), from({{"a", "BAD"}})), text);
  }
}

}  // namespace
}  // namespace foz::task
