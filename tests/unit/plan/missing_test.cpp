#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What is said of stages whose files lie in a world that holds only `present`.
std::string said_of(const std::string& stages, std::set<std::string> present = {}) {
  Context context = test_context();
  context.exists = [present](const std::string& path) { return present.contains(path); };
  const auto done = plan_of(stages, context);
  EXPECT_TRUE(done.plan) << done.said;
  return done.said;
}

TEST(Missing, WarnsOfAScriptThatIsNotThereAtItsPlace) {
  EXPECT_THAT(
      said_of("  a: {uses: pairs, with: {script: tran.py}}\n", {"/w/train.py"}),
      AllOf(HasSubstr("'script' \"/w/tran.py\" is not there"), HasSubstr("it must be there")));
  EXPECT_EQ(said_of("  a: {uses: pairs, with: {script: ./train.py}}\n", {"/w/train.py"}), "");
}

TEST(Missing, LooksWhereTheStageWorks) {
  const std::string stages =
      "  a: {uses: pairs, workdir: sub, with: {script: train.py}}\n"
      "  b: {run: x, workdir: /elsewhere}\n";
  EXPECT_EQ(said_of(stages, {"/w/sub", "/w/sub/train.py", "/elsewhere"}), "");
  EXPECT_THAT(said_of(stages, {"/w/sub", "/w/train.py", "/elsewhere"}),
              HasSubstr("/w/sub/train.py"));
  EXPECT_THAT(said_of(stages, {"/w/train.py", "/elsewhere"}),
              AllOf(HasSubstr("'workdir' \"/w/sub\" is not there"), Not(HasSubstr("train.py\""))));
}

TEST(Missing, IsSilentOfWhatAnEarlierStageDeclares) {
  EXPECT_EQ(said_of("  a: {run: x, outputs: {o: made/train.py}}\n"
                    "  b: {uses: pairs, needs: a, workdir: made, with: {script: train.py}}\n",
                    {}),
            "");
  EXPECT_EQ(said_of("  a: {run: x, matrix: {n: 1..2}, outputs: {o: 's/${{ matrix.n }}/x.py'}}\n"
                    "  b: {uses: pairs, needs: a, with: {script: s/1/x.py}}\n"),
            "");
  EXPECT_THAT(said_of("  a: {run: x, outputs: {o: made/train.py}}\n"
                      "  b: {uses: pairs, needs: a, with: {script: other.py}}\n"),
              HasSubstr("/w/other.py"));
}

TEST(Missing, DoesNotGuessWhatATaskFillsInOrAnotherSystemHolds) {
  EXPECT_EQ(said_of("  a: {uses: pairs, matrix: {n: 1..2}, with: {script: '${{ matrix.n }}.py'}}\n"
                    "  b: {uses: pairs, with: {script: 'hdfs://there/x.jar'}}\n"
                    "  c: {uses: pairs, matrix: {n: 1..2}, workdir: '${{ matrix.n }}', with: "
                    "{script: x.py}}\n"),
            "");
}

}  // namespace
}  // namespace foz::plan
