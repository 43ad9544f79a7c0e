#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/spec/reading_support.h"

namespace foz::spec {
namespace {

using testing::ElementsAre;

const std::string k_file =
    "foz: 1\nname: p\nparams:\n  n: {type: int, default: 3, min: 1}\n  day: 2013-06-01\n  need: "
    "{type: text}\n"
    "stages:\n  a: {run: x, matrix: {i: \"1..${{ params.n }}\"}}\n";

TEST(Params, CommandLineValuesTakeTheirPlaceAndTheLastOneCounts) {
  const Outcome outcome = read(k_file, {"", {{"n", "5"}, {"need", ""}, {"n", "7"}}});
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  EXPECT_EQ(outcome.workflow->params[0].value, "7");
  EXPECT_EQ(outcome.workflow->params[1].value, "2013-06-01");
  EXPECT_EQ(outcome.workflow->params[2].value, "");
}

TEST(Params, AreTheValueItselfHoweverItLooks) {
  const Outcome outcome = read(
      "foz: 1\nname: p\nparams: {v: x}\nstages:\n  a: {run: x, slurm: {comment: \"${{ params.v "
      "}}\"}}\n",
      {"", {{"v", "a \"b\" ${{ params.v }} $(rm) 'c' -x"}}});
  ASSERT_TRUE(outcome.workflow) << outcome.rendered;
  EXPECT_EQ(outcome.workflow->stages[0].slurm.options.at("comment").value,
            "a \"b\" ${{ params.v }} $(rm) 'c' -x");
}

TEST(Params, CannotSmuggleANewlineIntoAnOption) {
  const Outcome outcome = read(
      "foz: 1\nname: p\nparams: {v: x}\nstages:\n  a: {run: x, slurm: {qos: \"${{ params.v "
      "}}\"}}\n",
      {"", {{"v", "a\n#SBATCH --uid=0"}}});
  EXPECT_THAT(outcome.messages,
              ElementsAre("error: 'qos' must be one line without control characters"));
}

TEST(Params, ThatAreNoTextAreRefused) {
  const Outcome outcome =
      read(k_file, {"", {{"day", "caf\xe9"}, {"need", std::string("a\0b", 3)}}});
  EXPECT_THAT(outcome.messages, ElementsAre("error: --param day is not UTF-8 text",
                                            "error: --param need is not UTF-8 text"));
}

TEST(Params, UnknownOnTheCommandLineAreNamed) {
  const Outcome outcome = read(k_file, {"", {{"dya", "1"}, {"need", "x"}, {"\x1b[31m", "1"}}});
  EXPECT_THAT(outcome.messages,
              ElementsAre("error: --param dya: there is no param of this name",
                          "error: --param \\x1b[31m: there is no param of this name"));
}

}  // namespace
}  // namespace foz::spec
