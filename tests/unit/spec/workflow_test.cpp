#include "core/spec/workflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/fd.h"
#include "tests/support/folders.h"
#include "tests/unit/spec/reading_support.h"

namespace foz::spec {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST(TopologicalOrder, PutsParentsFirstAndKeepsTheFileWhereItCan) {
  const Outcome outcome =
      read(with_stages("  d: {run: x, needs: [b, c]}\n  c: {run: x, needs: a}\n  e: {run: x}\n  b: "
                       "{run: x}\n  a: {run: x}\n"));
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  EXPECT_THAT(topological_order(*outcome.workflow), ElementsAre(2, 3, 4, 1, 0));
}

TEST(Workflow, PointsAtAValueForLateErrors) {
  const Outcome outcome = read(with_stages(
      "  a:\n    uses: p\n    with: {script: x.py, args: [1]}\n    resources: {nodes: 2..4}\n"));
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  const Stage& stage = outcome.workflow->stages[0];
  EXPECT_EQ(*stage.name.where.file, "w.yaml");
  EXPECT_EQ(stage.resources.nodes->where.line, 7);
  EXPECT_EQ(stage.resources.nodes->where.column, 24);
  EXPECT_EQ(stage.resources.nodes->where.length, 4);
  EXPECT_EQ(stage.steps[0].with_where.at("script").column, 20);
  EXPECT_EQ(stage.steps[0].with_where.at("args").column, 26);
  EXPECT_EQ(stage.steps[0].uses->where.line, 5);
}

TEST(Workflow, PointsAtTheDefaultThatAValueCameFrom) {
  const Outcome outcome =
      read("foz: 1\nname: d\ndefaults: {resources: {time: 1h}}\nstages:\n  a: {run: x}\n");
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  EXPECT_EQ(outcome.workflow->stages[0].resources.time->where.line, 3);
}

TEST(Workflow, SaysAMistakeOfTheDefaultsOnce) {
  const Outcome outcome = read(
      "foz: 1\nname: d\ndefaults: {resources: {time: 1}}\nstages:\n  a: {run: x}\n  b: {run: x, "
      "resources: {nodes: 0}}\n");
  EXPECT_THAT(outcome.messages, ElementsAre("error: 'time' must be a duration, got \"1\"",
                                            "error: 'nodes' must be at least 1, got 0"));
}

TEST(Workflow, CountsErrorsThatAreNotShown) {
  std::string stages;
  for (int i = 0; i < 150; ++i) stages += "  s" + std::to_string(i) + ": {run: \"\"}\n";
  const Outcome outcome = read(with_stages(stages));
  EXPECT_FALSE(outcome.workflow);
  EXPECT_EQ(outcome.messages.size(), Diagnostics::k_max_diagnostics);
  EXPECT_THAT(outcome.rendered, HasSubstr("50 more messages not shown\n"));
}

TEST(Workflow, AddsToDiagnosticsThatHadErrorsBefore) {
  Diagnostics diagnostics;
  diagnostics.error({}, "before");
  EXPECT_TRUE(read_workflow(with_stages("  a: {run: x}\n"), "w.yaml", {}, diagnostics));
  EXPECT_EQ(diagnostics.error_count(), 1U);
}

SoundPart sound_part(const std::string& text) {
  Diagnostics diagnostics;
  auto read = read_workflow_or_part(text, "w.yaml", {}, diagnostics);
  EXPECT_FALSE(read.has_value());
  return read ? SoundPart() : std::move(read.error());
}

TEST(Workflow, TakesOnlyNamesThatTheSiteHasWhereThatIsKnown) {
  const std::string text = with_stages(
      "  a: {run: [x, \"${{ site.nix }}\"], env: {P: \"${{ site.project }}\", N: \"${{ site.nam "
      "}}\"}}\n");
  EXPECT_TRUE(read(text).workflow);
  const Outcome outcome = read(text, {"", {}, {{"name", "project"}}});
  EXPECT_THAT(outcome.messages,
              ElementsAre("error: there is no 'site.nix'", "error: there is no 'site.nam'"));
  EXPECT_THAT(outcome.rendered, StartsWith("w.yaml:4:17: error: there is no 'site.nix'\n"));
  EXPECT_THAT(outcome.rendered, HasSubstr("declare it in 'values' of the site template\n"));
  EXPECT_THAT(outcome.rendered, EndsWith("hint: did you mean 'site.name'?\n"));
}

TEST(SoundPart, HasStagesWhoseStepsCouldBeReadAndNamesThoseWithoutErrors) {
  const SoundPart part =
      sound_part(with_stages("  good: {run: x}\n"
                             "  steps: {run: [], env: {A: x}}\n"
                             "  rest: {run: x, umask: 9}\n"
                             "  between: {run: x, needs: nobody}\n"
                             "  reference: {run: x, env: {A: \"${{ nothing }}\"}}\n"
                             "  below: {run: x, needs: between}\n"));
  std::vector<std::string> names;
  for (const Stage& stage : part.workflow.stages) names.push_back(stage.name.value);
  EXPECT_EQ(names, (std::vector<std::string>{"good", "rest", "between", "reference", "below"}));
  EXPECT_EQ(part.whole, (std::set<std::string>{"good", "below"}));
}

TEST(SoundPart, HasNoValuesOfParamsWithErrors) {
  const SoundPart part = sound_part(
      "foz: 1\nname: test\nparams: {a: {type: int, default: x}, b: 2}\nstages: {s: {run: x}}\n");
  ASSERT_EQ(part.workflow.params.size(), 2U);
  EXPECT_EQ(part.workflow.params[0].value, std::nullopt);
  EXPECT_EQ(part.workflow.params[1].value, "2");
}

TEST(SoundPart, ErrorsOfTheDefaultsStandInEveryStage) {
  const SoundPart part =
      sound_part("foz: 1\nname: test\ndefaults: {umask: 9}\nstages: {a: {run: x}, b: {run: x}}\n");
  EXPECT_EQ(part.workflow.stages.size(), 2U);
  EXPECT_EQ(part.whole, std::set<std::string>());
}

TEST(SoundPart, IsEmptyWhereMoreIsWrongThanIsShown) {
  std::string stages = "  good: {run: x}\n";
  for (int i = 0; i < 150; ++i) stages += "  s" + std::to_string(i) + ": {run: \"\"}\n";
  EXPECT_TRUE(sound_part(with_stages(stages)).workflow.stages.empty());
}

TEST(Workflow, KeepsHostileValuesAsTheyAre) {
  const std::string value = "--x=$(rm -rf /) `id` 'a' \\\"b\\\" \\n \\u00e9 ; #";
  const Outcome outcome = read(with_stages("  a: {run: [x, \"" + value + "\"], env: {A: \"" +
                                           value + "\"}, matrix: {v: [\"" + value + "\"]}}\n"));
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  const std::string expected = "--x=$(rm -rf /) `id` 'a' \"b\" \n \xc3\xa9 ; #";
  const Stage& stage = outcome.workflow->stages[0];
  EXPECT_EQ((*stage.steps[0].argv)[1].value, expected);
  EXPECT_EQ(stage.env[0].second.value, expected);
  EXPECT_EQ(std::get<task::ListAxis>(stage.matrix->value.axes[0].values).values[0], expected);
}

TEST(Workflow, ReadsTheFlights) {
  const auto text = read_file(test::source_folder() / "examples/flights/flights.yaml");
  EXPECT_TRUE(read(text.value()).workflow);
}

}  // namespace
}  // namespace foz::spec
