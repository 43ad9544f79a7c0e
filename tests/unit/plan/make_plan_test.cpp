#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "train:held_partner features:afterok".
std::string dependencies_of(const StagePlan& stage) {
  constexpr std::string_view k_words[] = {"afterok", "afterany", "held_partner", "aftercorr"};
  std::string text;
  for (const Dependency& one : stage.dependencies)
    text += (text.empty() ? "" : " ") + one.stage + ":" +
            std::string(k_words[static_cast<std::size_t>(one.kind)]);
  return text;
}

Context with_array_size(std::uint32_t size) {
  Context context = test_context();
  context.facts = test_facts();
  context.facts->max_array_size = size;
  context.facts->max_job_count = 2'000'000;
  return context;
}

// ---- edges --------------------------------------------------------------------------------------

TEST(MakePlan, TurnsEveryRuleOfNeedsIntoADependency) {
  const auto done = plan_of(
      "  a: {run: x, matrix: {n: 1..3}}\n"
      "  b: {run: x, needs: a}\n"
      "  c: {run: x, needs: {a: finished}}\n"
      "  d: {run: x, needs: {a: 60%}}\n"
      "  e: {run: x, needs: {a: each, b: success}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(dependencies_of(done.stage("a")), "");
  EXPECT_EQ(dependencies_of(done.stage("b")), "a:afterok");
  EXPECT_EQ(dependencies_of(done.stage("c")), "a:afterany");
  EXPECT_EQ(dependencies_of(done.stage("d")), "a:afterany");
  EXPECT_EQ(dependencies_of(done.stage("e")), "a:held_partner b:afterok");
  EXPECT_TRUE(done.stage("a").is_root);
  for (const char* name : {"b", "c", "d", "e"}) EXPECT_FALSE(done.stage(name).is_root) << name;
}

TEST(MakePlan, LetsSlurmOrderElementsWhereJobsMayNotReleaseJobs) {
  Context context = test_context();
  context.site.release_from_nodes = site::ReleaseFromNodes::forbidden;
  const auto done =
      plan_of("  a: {run: x, matrix: {n: 1..3}}\n  b: {run: x, needs: {a: each}}\n", context);
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(dependencies_of(done.stage("b")), "a:aftercorr");
  EXPECT_THAT(done.stage("b").notes,
              ElementsAre("jobs may not release others here: the elements follow those of 'a' in "
                          "Slurm's own order"));
  EXPECT_EQ(done.plan->rpcs.from_jobs, 0U);
  EXPECT_EQ(done.stage("a").tasks.each_children.at(0).released_by, task::ReleasedBy::slurm);
}

TEST(MakePlan, GivesAnElementwiseChildItsParentsMatrixAndTellsTheParent) {
  const auto done =
      plan_of("  a: {run: x, matrix: {n: 1..3, m: [p, q]}}\n  b: {run: x, needs: {a: each}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.stage("b").tasks.tasks, 6U);
  EXPECT_TRUE(done.stage("b").tasks.is_array);
  EXPECT_EQ(done.stage("b").tasks.matrix.axes.size(), 2U);
  ASSERT_EQ(done.stage("a").tasks.each_children.size(), 1U);
  EXPECT_EQ(done.stage("a").tasks.each_children[0].stage, "b");
  EXPECT_THAT(done.stage("a").tasks.each_children[0].other_parents, IsEmpty());
}

TEST(MakePlan, TellsEachParentWhomElseAnElementWaitsFor) {
  const auto done = plan_of(
      "  a: {run: x, matrix: {n: 1..3}}\n  b: {run: x, needs: {a: each}}\n  c: {run: x, needs: {a: "
      "each, b: each}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  const auto& of_a = done.stage("a").tasks.each_children;
  ASSERT_EQ(of_a.size(), 2U);
  EXPECT_EQ(of_a[1].stage, "c");
  EXPECT_THAT(of_a[1].other_parents, ElementsAre("b"));
  EXPECT_THAT(done.stage("b").tasks.each_children.at(0).other_parents, ElementsAre("a"));
}

TEST(MakePlan, HandsAChildWhatItNeedsToKnowOfItsParents) {
  const auto done = plan_of(
      "  a: {run: x, matrix: {n: 1..4}, workdir: sub, outputs: {o: \"o.${{ task.index }}\"}}\n"
      "  b: {run: x, needs: {a: 75%}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  const auto& parents = done.stage("b").tasks.parents;
  ASSERT_EQ(parents.size(), 1U);
  EXPECT_EQ(parents[0].stage, "a");
  EXPECT_EQ(parents[0].kind, task::EdgeKind::percent);
  EXPECT_EQ(parents[0].percent, 75);
  EXPECT_EQ(parents[0].tasks, 4U);
  EXPECT_EQ(parents[0].workdir, "/w/sub");
  EXPECT_THAT(parents[0].outputs, ElementsAre(task::Output{"o", "o.${{ task.index }}"}));
}

TEST(MakePlan, PutsParentsBeforeChildrenHoweverTheyAreWritten) {
  const auto done = plan_of(
      "  last: {run: x, needs: middle}\n  middle: {run: x, needs: first}\n  first: {run: x}\n");
  ASSERT_TRUE(done.plan) << done.said;
  std::vector<std::string> names;
  for (const auto& stage : done.plan->stages) names.push_back(stage.name);
  EXPECT_THAT(names, ElementsAre("first", "middle", "last"));
}

// ---- arrays -------------------------------------------------------------------------------------

TEST(MakePlan, SplitsAtTheClustersArrayLimit) {
  const auto done = plan_of("  a: {run: x, matrix: {n: 1..12}}\n", with_array_size(5));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_THAT(done.only().tasks.parts,
              ElementsAre(task::Part{0, 5}, task::Part{5, 5}, task::Part{10, 2}));
  EXPECT_TRUE(done.only().tasks.is_array);
  EXPECT_EQ(done.plan->rpcs.submit, 3U);
}

TEST(MakePlan, TakesSlurmsOwnLimitWhereTheClusterWasNotAsked) {
  const auto done = plan_of("  a: {run: x, matrix: {n: 1..1002}}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_THAT(done.only().tasks.parts, ElementsAre(task::Part{0, 1001}, task::Part{1001, 1}));
}

TEST(MakePlan, MakesAnArrayOfAMatrixOfOneElement) {
  const auto done = plan_of("  a: {run: x, matrix: {n: [7]}}\n  b: {run: x}\n");
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_TRUE(done.stage("a").tasks.is_array);
  EXPECT_FALSE(done.stage("b").tasks.is_array);
  EXPECT_EQ(done.stage("a").request.output, "/w/.foz/runs/RUN/logs/a/slurm-%A_%a.out");
  EXPECT_EQ(done.stage("b").request.output, "/w/.foz/runs/RUN/logs/b/slurm-%j.out");
}

TEST(MakePlan, SendsSingleJobsWhereArraysAreOff) {
  const auto done = plan_of("  a: {run: x, matrix: {n: 1..3}}\n", with_array_size(0));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_FALSE(done.only().tasks.is_array);
  EXPECT_EQ(done.only().tasks.parts.size(), 3U);
  EXPECT_EQ(done.only().request.output, "/w/.foz/runs/RUN/logs/a/slurm-%j.out");
}

TEST(MakePlan, RefusesThousandsOfSingleJobs) {
  const auto done = plan_of("  a: {run: x, matrix: {n: 1..1001}}\n", with_array_size(0));
  EXPECT_FALSE(done.plan);
  EXPECT_EQ(done.said,
            "w.yaml:4:15: error: stage 'a' has 1001 tasks, and this cluster has job arrays turned "
            "off (MaxArraySize)\n"
            "note: in stage 'a'\n"
            "hint: at most 1000 single jobs are sent for one stage\n");
  EXPECT_TRUE(plan_of("  a: {run: x, matrix: {n: 1..1000}}\n", with_array_size(0)).plan);
}

TEST(MakePlan, SaysThatSingleJobsCannotBeBounded) {
  const auto done =
      plan_of("  a: {run: x, matrix: {n: 1..3}, array: {at_most: 2}}\n", with_array_size(0));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.only().at_most, 0U);
  EXPECT_EQ(done.said,
            "w.yaml:4:51: warning: 'at_most' has no effect: this cluster has job arrays turned off "
            "(MaxArraySize), and single jobs cannot be bounded\n"
            "note: in stage 'a'\n");
}

TEST(MakePlan, SaysThatEveryArrayRunsOneTaskAtLeast) {
  const auto done =
      plan_of("  a: {run: x, matrix: {n: 1..12}, array: {at_most: 2}}\n", with_array_size(5));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.only().at_most, 2U);
  EXPECT_EQ(done.said,
            "w.yaml:4:52: warning: stage 'a' becomes 3 arrays, and each runs one task at least: up "
            "to 3 may run at once\n"
            "note: in stage 'a'\n");
  EXPECT_EQ(
      plan_of("  a: {run: x, matrix: {n: 1..12}, array: {at_most: 3}}\n", with_array_size(5)).said,
      "");
}

// ---- counts -------------------------------------------------------------------------------------

TEST(MakePlan, CountsWhatSubmittingSendsAndWhatJobsSendLater) {
  const auto done = plan_of(
      "  a: {run: x, matrix: {n: 1..12}}\n"
      "  b: {run: x, needs: {a: each}}\n"
      "  c: {run: x, needs: {b: each, a: success}}\n"
      "  d: {run: x, needs: c}\n"
      "  e: {run: x}\n",
      with_array_size(5));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.plan->tasks, 12U * 3 + 2);
  EXPECT_EQ(done.plan->rpcs.submit, 3U * 3 + 2);  // every part of every stage
  EXPECT_EQ(done.plan->rpcs.release, 3U + 1);     // the parts of the roots a and e
  EXPECT_EQ(done.plan->rpcs.from_jobs, 24U);      // each element of b and c, by its parent's keeper
  EXPECT_EQ(done.plan->files, 6U + 2 * 5);
}

TEST(MakePlan, CountsThePluginsFilesOnce) {
  Context context = test_context();
  context.count_plugin_files = [](const std::string& name) { return name == "pairs" ? 3U : 100U; };
  const auto done = plan_of(
      "  a: {uses: pairs, with: {script: x}}\n  b: {uses: pairs, with: {script: y}}\n", context);
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_THAT(done.plan->plugins, ElementsAre("pairs"));
  EXPECT_EQ(done.plan->files, 6U + 2 * 2 + 3);
}

TEST(MakePlan, IsAsSmallForAMillionTasksAsForOne) {
  const auto done =
      plan_of("  a: {run: x, matrix: {n: 1..1000, m: 1..1000}}\n", with_array_size(1'000'001));
  ASSERT_TRUE(done.plan) << done.said;
  EXPECT_EQ(done.plan->tasks, 1'000'000U);
  EXPECT_LT(to_json(*done.plan).size(), 4'000U);
}

// ---- what cannot be -----------------------------------------------------------------------------

TEST(MakePlan, RefusesARunFolderThatSlurmCannotWriteLogsBelow) {
  Context context = test_context();
  context.run_folder = "/w/back\\slash/.foz/runs/RUN";
  const auto done = plan_of("  a: {run: x}\n", context);
  EXPECT_FALSE(done.plan);
  EXPECT_EQ(done.said,
            "w.yaml:2:7: error: the run folder \"/w/back\\slash/.foz/runs/RUN\" has a backslash in "
            "its path, which Slurm cannot write logs below\n"
            "hint: move the workflow, or set 'run_folder' in the site template\n");
}

TEST(MakePlan, ReportsTheErrorsOfAllStages) {
  const auto done = plan_of("  a: {uses: none}\n  b: {run: x, resources: {fabric: ib}}\n");
  EXPECT_FALSE(done.plan);
  EXPECT_EQ(done.said,
            "w.yaml:4:13: error: there is no plugin 'none'\n"
            "note: in stage 'a'\n"
            "hint: 'foz plugin list' shows the plugins that are found\n"
            "w.yaml:5:35: error: site 'alps' has no fabric named 'ib'\n"
            "note: in stage 'b'\n"
            "hint: its template names no fabrics; add them under 'fabrics:'\n");
}

TEST(MakePlan, SameInputGivesTheSameBytes) {
  const std::string stages =
      "  a: {run: x, matrix: {n: 1..3}, env: {B: '1', A: '2'}, outputs: {z: 'z.${{ task.index }}', "
      "y: 'y.${{ task.index }}'}}\n"
      "  b: {run: x, needs: {a: each}}\n";
  const auto first = plan_on(stages), second = plan_on(stages);
  ASSERT_TRUE(first.plan) << first.said;
  EXPECT_EQ(to_json(*first.plan), to_json(*second.plan));
  EXPECT_EQ(render_text(*first.plan), render_text(*second.plan));
}

}  // namespace
}  // namespace foz::plan
