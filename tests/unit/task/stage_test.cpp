#include "core/task/stage.h"

#include <gtest/gtest.h>

namespace foz::task {
namespace {

StageTasks train() {
  StageTasks stage;
  stage.stage = "train";
  stage.matrix.axes = {{"lr", ListAxis{{"0.1"}}}};
  stage.outputs = {{"model", "models/${{ task.name }}-${{ matrix.lr }}"},
                   {"metrics", "${{ task.outputs.model }}/metrics.json"}};
  return stage;
}

std::optional<std::string> find(const StageTasks& stage, std::string_view path) {
  return find_task_value(stage, {{"lr", "0.1"}, {"sample.id", "a7"}}, {3}, path);
}

TEST(TaskValue, KnowsNameIndexAndStage) {
  EXPECT_EQ(find(train(), "task.name"), "train.3");
  EXPECT_EQ(find(train(), "task.index"), "3");
  EXPECT_EQ(find(train(), "task.stage"), "train");
}

TEST(TaskValue, KnowsAxesAndColumns) {
  EXPECT_EQ(find(train(), "matrix.lr"), "0.1");
  EXPECT_EQ(find(train(), "matrix.sample.id"), "a7");
  EXPECT_EQ(find(train(), "matrix.sample"), std::nullopt);
}

TEST(TaskValue, FillsOutputsThatNameEachOther) {
  EXPECT_EQ(find(train(), "task.outputs.model"), "models/train.3-0.1");
  EXPECT_EQ(find(train(), "task.outputs.metrics"), "models/train.3-0.1/metrics.json");
}

TEST(TaskValue, LeavesOtherPathsToOthers) {
  for (const std::string_view path :
       {"rank", "task", "task.other", "matrix.", "task.outputs.none", "needs.a.b", "params.x"}) {
    EXPECT_EQ(find(train(), path), std::nullopt) << path;
  }
}

TEST(TaskValue, EndsACircleOfOutputs) {
  StageTasks stage = train();
  stage.outputs = {{"a", "${{ task.outputs.b }}"}, {"b", "${{ task.outputs.a }}"}};
  EXPECT_EQ(find(stage, "task.outputs.a"), std::nullopt);
}

TEST(TaskValue, HasNoOutputWhosePathIsNotKnownYet) {
  StageTasks stage = train();
  stage.outputs = {{"a", "${{ rank }}"}};
  EXPECT_EQ(find(stage, "task.outputs.a"), std::nullopt);
}

TEST(TaskName, HasANumberOnlyWithAMatrix) {
  EXPECT_EQ(task_name(train(), {3}), "train.3");
  StageTasks single;
  single.stage = "best";
  EXPECT_EQ(task_name(single, {0}), "best");
}

}  // namespace
}  // namespace foz::task
