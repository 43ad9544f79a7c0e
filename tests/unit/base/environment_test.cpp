#include <gmock/gmock.h>
#include <stdlib.h>

#include "core/base/spawn.h"

namespace foz {
namespace {

using testing::ElementsAre;

TEST(Environment, TheLastOfANameCounts) {
  const Environment environment = {"A=1", "AB=2", "A=3"};
  EXPECT_EQ(find_variable(environment, "A"), "3");
  EXPECT_EQ(find_variable(environment, "AB"), "2");
  EXPECT_EQ(find_variable(environment, "B"), std::nullopt);
  EXPECT_EQ(find_variable(environment, ""), std::nullopt);
}

TEST(Environment, AnEmptyValueIsAValue) {
  EXPECT_EQ(find_variable({"A="}, "A"), "");
  EXPECT_EQ(find_variable({"A"}, "A"), std::nullopt);
}

TEST(Environment, SetsAndUnsets) {
  Environment environment = {"A=1", "B=2", "A=3"};
  set_variable(environment, "A", "x=y\nz");
  EXPECT_THAT(environment, ElementsAre("B=2", "A=x=y\nz"));
  unset_variable(environment, "B");
  EXPECT_THAT(environment, ElementsAre("A=x=y\nz"));
}

TEST(Environment, ShowsThisProcess) {
  ASSERT_EQ(::setenv("FOZ_TEST_VARIABLE", "a,b \"c\"", 1), 0);
  EXPECT_EQ(find_variable(current_environment(), "FOZ_TEST_VARIABLE"), "a,b \"c\"");
  ::unsetenv("FOZ_TEST_VARIABLE");
}

}  // namespace
}  // namespace foz
