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

TEST(PlanJson, RefusesATornFile) {
  const std::string text = to_json(sample_plan());
  for (std::size_t cut = 0; cut + 2 < text.size(); cut += 7)
    EXPECT_FALSE(plan_from_json(text.substr(0, cut))) << cut;
}

}  // namespace
}  // namespace foz::plan
