#include <gmock/gmock.h>

#include "tests/unit/plan/planning.h"

namespace foz::plan {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// The stages that a failed task of `stage` cuts off.
std::vector<std::string> cut_off(const std::string& stages, const std::string& stage) {
  const Outcome outcome = plan_of(stages);
  EXPECT_TRUE(outcome.plan) << outcome.said;
  for (const StagePlan& one : outcome.plan->stages)
    if (one.name == stage) return one.tasks.cut_off;
  return {"no such stage"};
}

const std::string k_pipeline =
    "  prepare: {run: x}\n"
    "  train: {needs: prepare, matrix: {i: 1..3}, run: x}\n"
    "  evaluate: {needs: {train: each}, run: x}\n"
    "  report: {needs: {evaluate: each}, run: x}\n"
    "  best: {needs: {evaluate: finished}, run: x}\n";

TEST(CutOff, StagesHeldBehindOneThatNeverStarts) {
  EXPECT_THAT(cut_off(k_pipeline, "prepare"), ElementsAre("evaluate", "report"));
}

TEST(CutOff, PartnersOfAFailedTaskAreSeenToOneByOne) {
  EXPECT_THAT(cut_off(k_pipeline, "train"), IsEmpty());
  EXPECT_THAT(cut_off(k_pipeline, "best"), IsEmpty());
}

TEST(CutOff, WhatStandsBehindPartnersIsCutOffToo) {
  const std::string stages = k_pipeline +
                             "  again: {needs: report, matrix: {i: 1..2}, run: x}\n"
                             "  check: {needs: {again: each}, run: x}\n";
  EXPECT_THAT(cut_off(stages, "train"), ElementsAre("check"));
  EXPECT_THAT(cut_off(stages, "prepare"), ElementsAre("evaluate", "report", "check"));
}

TEST(CutOff, NotWhatMayStartAllTheSame) {
  for (const std::string kind : {"finished", "50%"}) {
    EXPECT_THAT(cut_off("  a: {run: x}\n  b: {needs: {a: " + kind +
                            "}, matrix: {i: 1..2}, run: x}\n"
                            "  c: {needs: {b: each}, run: x}\n",
                        "a"),
                IsEmpty());
  }
}

}  // namespace
}  // namespace foz::plan
