#include "core/agent/gate.h"

#include <gmock/gmock.h>

namespace foz::agent {
namespace {

using testing::ElementsAre;

journal::Record ended(const std::string& stage, std::int64_t index, std::int64_t attempt,
                      const std::string& outcome, const std::string& sentence = "") {
  journal::Record record;
  record.kind = journal::kind::task_ended;
  record.fields = {{"stage", stage},
                   {"index", index},
                   {"attempt", attempt},
                   {"outcome", outcome},
                   {"sentence", sentence}};
  return record;
}
journal::Record lost(const std::string& stage, std::int64_t index, std::int64_t attempt) {
  journal::Record record;
  record.kind = journal::kind::task_lost;
  record.fields = {{"stage", stage},
                   {"index", index},
                   {"attempt", attempt},
                   {"class", std::string("lost")},
                   {"sentence", std::string("it vanished")}};
  return record;
}
task::Parent parent(task::EdgeKind kind, std::uint64_t tasks, int percent = 100) {
  task::Parent made;
  made.stage = "train";
  made.kind = kind;
  made.tasks = tasks;
  made.percent = percent;
  if (tasks > 1)
    made.matrix.axes = {{"i", task::RangeAxis{0, static_cast<std::int64_t>(tasks) - 1, 1, 0}}};
  return made;
}
StageEnds ends_of(const std::vector<journal::Record>& records, const task::Parent& of) {
  return collect_ends(records, {of})[of.stage];
}

TEST(CollectEnds, TheNewestAttemptWinsWhateverTheOrder) {
  const auto of = parent(task::EdgeKind::success, 2);
  const auto ends = ends_of({ended("train", 0, 2, "succeeded"), ended("train", 0, 1, "failed"),
                             ended("other", 1, 9, "failed"), ended("train", 1, 1, "failed")},
                            of);
  EXPECT_EQ(ends.at(0).state, "succeeded");
  EXPECT_EQ(ends.at(1).state, "failed");
  EXPECT_EQ(ends.size(), 2U);
}

TEST(CollectEnds, TheKeepersWordGoesBeforeALossOfTheSameAttempt) {
  const auto of = parent(task::EdgeKind::success, 2);
  EXPECT_EQ(ends_of({ended("train", 0, 1, "succeeded"), lost("train", 0, 1)}, of).at(0).state,
            "succeeded");
  EXPECT_EQ(ends_of({lost("train", 0, 1), ended("train", 0, 1, "succeeded")}, of).at(0).state,
            "succeeded");
  EXPECT_EQ(ends_of({ended("train", 0, 1, "succeeded"), lost("train", 0, 2)}, of).at(0).state,
            "failed");
}

TEST(CollectEnds, OneRecordTellsOfManyLostTasks) {
  const auto of = parent(task::EdgeKind::finished, 5);
  journal::Record many = lost("train", 1, 0);
  many.fields.emplace_back("last", std::int64_t{9});  // more than there are
  const auto ends = ends_of({many, ended("train", 3, 1, "succeeded")}, of);
  ASSERT_EQ(ends.size(), 4U);
  EXPECT_EQ(ends.at(1).state, "failed");
  EXPECT_EQ(ends.at(3).state, "succeeded");
  EXPECT_EQ(ends.at(4).sentence, "it vanished");
}

TEST(CollectEnds, ALossIsWhatItsClassSays) {
  const auto of = parent(task::EdgeKind::finished, 1);
  journal::Record cancelled = lost("train", 0, 1);
  cancelled.fields[3].second = std::string("cancelled");
  EXPECT_EQ(ends_of({cancelled}, of).at(0).state, "cancelled");
}

TEST(JudgeJoin, SuccessWantsARecordOfEveryElement) {
  const auto of = parent(task::EdgeKind::success, 2);
  EXPECT_FALSE(judge_join(
      of, ends_of({ended("train", 0, 1, "succeeded"), ended("train", 1, 1, "succeeded")}, of)));
  const auto missing = judge_join(of, ends_of({ended("train", 1, 1, "succeeded")}, of));
  ASSERT_TRUE(missing);
  EXPECT_EQ(missing->sentence, "only 1 of 2 tasks of 'train' have a record of success");
  EXPECT_TRUE(missing->may_open);
  const auto failed = judge_join(
      of, ends_of({ended("train", 1, 1, "failed", "rank 0 on n1 ended with exit status 1")}, of));
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->sentence, "train.1 ended as failed: rank 0 on n1 ended with exit status 1");
  EXPECT_FALSE(failed->may_open);
}

TEST(JudgeJoin, FinishedWaitsForNothingMore) {
  EXPECT_FALSE(judge_join(parent(task::EdgeKind::finished, 5), {}));
}

TEST(JudgeJoin, PercentCountsSuccesses) {
  const auto of = parent(task::EdgeKind::percent, 3, 66);
  EXPECT_FALSE(
      judge_join(of, ends_of({ended("train", 0, 1, "succeeded"), ended("train", 1, 1, "failed"),
                              ended("train", 2, 1, "succeeded")},
                             of)));
  const auto closed =
      judge_join(of, ends_of({ended("train", 0, 1, "succeeded"), ended("train", 1, 1, "failed"),
                              ended("train", 2, 1, "cancelled")},
                             of));
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->sentence, "1 of 3 tasks of 'train' succeeded, 66 % were asked for");
  EXPECT_FALSE(closed->may_open);
}

TEST(JudgeElement, AnElementWithoutARecordIsNoSuccess) {
  const auto closed = judge_element(parent(task::EdgeKind::each, 5), TaskIndex{3}, std::nullopt);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->sentence, "no record says how train.3 ended");
  EXPECT_TRUE(closed->may_open);
  EXPECT_FALSE(judge_element(parent(task::EdgeKind::each, 5), TaskIndex{3},
                             ElementEnd{"succeeded", "", "", 1}));
}

TEST(GateFile, ComesBackAsItWas) {
  EXPECT_EQ(gate_from_json(gate_to_json("")), "");
  EXPECT_EQ(gate_from_json(gate_to_json("train.1 \"failed\"\n")), "train.1 \"failed\"\n");
  for (const char* text :
       {"", "{}", "[]", "{\"foz_gate\":2,\"open\":true}", "{\"foz_gate\":1,\"open\":1}"})
    EXPECT_FALSE(gate_from_json(text)) << text;
}

}  // namespace
}  // namespace foz::agent
