// Steps that failed, as they may: the present attempt's, and nobody else's.
#include "core/run/tolerated.h"

#include "tests/unit/run/sights.h"

namespace foz::run {
namespace {

using Lines = std::vector<std::string>;

journal::Record step_end(const std::string& stage, std::uint64_t index, std::uint32_t step,
                         const std::string& status, std::uint32_t attempt = 1,
                         std::uint32_t start = 1) {
  const bool has_failed = status != "ok";
  return record_of(journal::kind::step_ended, {{"stage", stage},
                                               {"index", number(index)},
                                               {"attempt", number(attempt)},
                                               {"step", number(step)},
                                               {"start", number(start)},
                                               {"status", status},
                                               {"class", text(has_failed ? "user_error" : "")},
                                               {"sentence", text(has_failed ? "no luck" : "")}});
}

class Tolerated : public RunTest {
 protected:
  Tolerated() {
    plan_ = make_plan({{"b", 3}, {"a", 1}});
    let_fail(plan_);
  }

  /// Of each stage the first step may fail, the second may not.
  static void let_fail(plan::Plan& plan) {
    for (plan::StagePlan& stage : plan.stages) {
      stage.tasks.steps.resize(2);
      stage.tasks.steps[0].may_fail = true;
    }
  }

  /// "b 0.0 attempt 1: user_error, no luck".
  static Lines lines(const std::vector<ToleratedFailure>& failures) {
    Lines all;
    for (const ToleratedFailure& one : failures) {
      all.push_back(one.stage + " " + std::to_string(one.index) + "." + std::to_string(one.step) +
                    " attempt " + std::to_string(one.attempt) + ": " + one.cls + ", " +
                    one.sentence);
    }
    return all;
  }
  [[nodiscard]] Lines told(const std::vector<journal::Record>& records) const {
    return lines(tolerated_failures(plan_, records));
  }
};

TEST_F(Tolerated, FailuresAreToldByStageThenTask) {
  EXPECT_EQ(told({step_end("a", 0, 0, "failed"), step_end("b", 2, 0, "failed"),
                  step_end("b", 0, 0, "failed"), step_end("b", 1, 0, "ok")}),
            (Lines{"b 0.0 attempt 1: user_error, no luck", "b 2.0 attempt 1: user_error, no luck",
                   "a 0.0 attempt 1: user_error, no luck"}));
}

TEST_F(Tolerated, AStepThatMayNotFailIsNone) {
  EXPECT_EQ(told({step_end("a", 0, 1, "failed")}), Lines{});
}

TEST_F(Tolerated, ALaterAttemptTakesTheEarlierOnesPlace) {
  const auto before = step_end("a", 0, 0, "failed", 1);
  const auto good = step_end("a", 0, 0, "ok", 2);
  const auto bad = step_end("a", 0, 0, "failed", 2);
  EXPECT_EQ(told({before, good}), Lines{});
  EXPECT_EQ(told({good, before}), Lines{});  // files are read in any order
  EXPECT_EQ(told({bad, before}), Lines{"a 0.0 attempt 2: user_error, no luck"});
}

TEST_F(Tolerated, AnAttemptThatHasBegunEndsWhatTheLastOneSuffered) {
  const auto before = step_end("a", 0, 0, "failed", 1);
  EXPECT_EQ(told({Told::started("a", 0, 10, 1), before}).size(), 1U);
  EXPECT_EQ(told({before, Told::started("a", 0, 10, 2)}), Lines{});
  EXPECT_EQ(told({Told::started("a", 0, 10, 2), before}), Lines{});
}

TEST_F(Tolerated, ALaterStartOfAStepTakesTheEarlierOnesPlace) {
  EXPECT_EQ(told({step_end("a", 0, 0, "ok", 1, 2), step_end("a", 0, 0, "failed", 1, 1)}), Lines{});
  EXPECT_EQ(told({step_end("a", 0, 0, "failed", 1, 2), step_end("a", 0, 0, "ok", 1, 1)}).size(),
            1U);
}

TEST_F(Tolerated, WhatThePlanDoesNotHaveIsLeftAside) {
  EXPECT_EQ(told({step_end("x", 0, 0, "failed"), step_end("a", 0, 9, "failed"),
                  Told::started("x", 0, 10)}),
            Lines{});
}

TEST_F(Tolerated, StandInTheStatusOfARunAsItsJournalHasThem) {
  create({{"a", 2}});
  let_fail(plan_);
  tell(step_end("a", 0, 0, "failed"));
  tell(step_end("a", 1, 0, "failed", 1));
  tell(step_end("a", 1, 0, "ok", 2));
  tell(step_end("a", 1, 1, "failed", 2));
  const auto seen = observe(folder(), plan_, nullptr, AskQueue::never, clock_);
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(lines(judge(plan_, *seen).tolerated), Lines{"a 0.0 attempt 1: user_error, no luck"});
}

}  // namespace
}  // namespace foz::run
