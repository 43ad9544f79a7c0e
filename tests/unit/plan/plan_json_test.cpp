#include <gtest/gtest.h>

#include "tests/unit/plan/sample.h"

namespace foz::plan {
namespace {

TEST(PlanJson, GivesBackTheSameBytesAfterARoundTrip) {
  const std::string text = to_json(sample_plan());
  const auto again = plan_from_json(text);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), text);
}

TEST(PlanJson, RefusesANewerFormatNamingBoth) {
  std::string text = to_json(sample_plan());
  text.replace(text.find("\"foz_plan\": 1"), 13, "\"foz_plan\": 9");
  const auto plan = plan_from_json(text);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().message, "the plan has format 9, this foz reads 1");
}

TEST(PlanJson, KeepsEveryMember) {
  Plan plan = sample_plan();
  plan.polling_floor = Seconds(7);
  plan.params = {{"day", "2013-06-01"}, {"odd", "a\xff\"b"}};
  plan.files = 13;
  plan.plugins = {"spark"};
  plan.dropped_environment = {"SBATCH_PARTITION"};
  plan.stages[0].at_most = 5;
  plan.stages[0].is_root = true;
  plan.stages[0].notes = {"a note"};
  plan.stages[0].request.memory = {slurm::Memory::Kind::per_gpu, 40};
  const auto again = plan_from_json(to_json(plan));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->polling_floor, Seconds(7));
  EXPECT_EQ(again->params, plan.params);
  EXPECT_EQ(again->tasks, 202U);
  EXPECT_EQ(again->rpcs.submit, 4U);
  EXPECT_EQ(again->rpcs.release, 1U);
  EXPECT_EQ(again->rpcs.from_jobs, 100U);
  EXPECT_EQ(again->files, 13U);
  EXPECT_EQ(again->plugins, plan.plugins);
  EXPECT_EQ(again->dropped_environment, plan.dropped_environment);
  EXPECT_EQ(again->stages[0].at_most, 5U);
  EXPECT_TRUE(again->stages[0].is_root);
  EXPECT_EQ(again->stages[0].notes, plan.stages[0].notes);
  EXPECT_EQ(again->stages[0].request.memory, plan.stages[0].request.memory);
  EXPECT_EQ(again->stages[2].dependencies[0].kind, DependencyKind::held_partner);
}

TEST(PlanJson, OneOfAnOlderFozHasNoParams) {
  std::string text = to_json(sample_plan());
  const std::string params = " \"params\": {},\n";
  const auto at = text.find(params);
  ASSERT_NE(at, text.npos);
  const auto plan = plan_from_json(text.erase(at, params.size()));
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(plan->params.empty());
}

TEST(PlanJson, BytesThatAreNotUtf8ComeBack) {
  Plan plan = sample_plan();
  plan.workdir = "/w/caf\xe9";
  plan.run_folder = "/w/caf\xe9/.foz/runs/x";
  plan.dropped_environment = {"SLURM_\xff"};
  plan.stages[0].request.workdir = plan.workdir;
  plan.stages[0].request.extra_args = {"--x=\xe9"};
  plan.stages[0].notes = {"\xe9"};
  plan.stages[0].tasks.workdir = plan.workdir;
  const auto again = plan_from_json(to_json(plan));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->workdir, plan.workdir);
  EXPECT_EQ(again->run_folder, plan.run_folder);
  EXPECT_EQ(again->dropped_environment, plan.dropped_environment);
  EXPECT_EQ(again->stages[0].request.workdir, plan.workdir);
  EXPECT_EQ(again->stages[0].request.extra_args, plan.stages[0].request.extra_args);
  EXPECT_EQ(again->stages[0].notes, plan.stages[0].notes);
  EXPECT_EQ(again->stages[0].tasks.workdir, plan.workdir);
}

TEST(PlanJson, ADependencyOfAnUnknownKindIsNotLeftOut) {
  std::string text = to_json(sample_plan());
  text.replace(text.find("\"afterok\""), 9, "\"afterall\"");
  const auto plan = plan_from_json(text);
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().code, Code::invalid);
  EXPECT_EQ(plan.error().message,
            "the plan has a dependency of the kind \"afterall\", which this foz does not know");
}

TEST(PlanJson, RefusesATornFile) {
  const std::string text = to_json(sample_plan());
  for (std::size_t cut = 0; cut + 2 < text.size(); cut += 7)
    EXPECT_FALSE(plan_from_json(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace foz::plan
