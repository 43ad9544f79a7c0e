#include <gtest/gtest.h>

#include "core/task/stage.h"

namespace foz::task {
namespace {

StageTasks full() {
  StageTasks stage;
  stage.workflow = "flights";
  stage.run_id = "brave-tide-4f2a";
  stage.stage = "train";
  stage.matrix = {{{"lr", ListAxis{{"0.10", "1e-3", "a\"b\\c\nd", "caf\xe9"}}},
                   {"seed", RangeAxis{-2, 7, 3, 4}},
                   {"s", RowsAxis{{"id", "path"}, {{"a", "x,y"}, {"", "ü"}}}},
                   {"line", RowsAxis{{}, {{"one"}, {"two"}}}}},
                  {{{"lr", "0.10"}, {"s.id", "a"}}, {{"seed", "0001"}}}};
  stage.tasks = 95;
  stage.is_array = true;
  stage.parts = {{0, 90}, {90, 5}};
  const plugin::Value with(plugin::Value::Map{
      {"script", "train.py"},
      {"z-first", plugin::Value::List{"--lr", "${{ matrix.lr }}", plugin::Value::Map{}}},
      {"a", plugin::Value::List{}},
      {"b", ""}});
  stage.steps = {{"0", ArgvCommand{{"tar", "xf", ""}}, StepPlace::every_node, true},
                 {"1", PluginCommand{"tensorflow", with}, StepPlace::ranks, false},
                 {"2", ShellCommand{"set -x\necho \"$A\" \t\x01"}, StepPlace::first_node, false}};
  stage.parents = {
      {"features", EdgeKind::success, 100, 1, {}, "/w", {{"table", "t/${{ task.name }}"}}},
      {"call", EdgeKind::percent, 95, 95, stage.matrix, "/w", {}},
      {"same", EdgeKind::each, 100, 95, stage.matrix, "", {}},
      {"any", EdgeKind::finished, 100, 1, {}, "", {}}};
  stage.each_children = {{"evaluate"}, {"plot"}};
  stage.env = {{"Z", "1"}, {"A", "${{ needs.features.table }}"}};
  stage.setup = {"module load python", ""};
  stage.workdir = "/home/jos\xe9/run";
  stage.umask = 0027;
  stage.limits.values = {{"nofile", "16384"}, {"stack", "unlimited"}};
  stage.outputs = {{"model", "models/${{ task.name }}"}};
  stage.outputs_wait = Seconds(7);
  stage.geometry = {2, 4, 8, 3, 24, 4, 122'880, Seconds(14'400)};
  stage.scratch = "/local/$USER";
  stage.address_form = "suffix:-ib0";
  stage.srun_args = {"--cpu-bind=cores"};
  stage.mpi_kind = "pmix";
  return stage;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}

Error error_of(const std::string& text) {
  const auto stage = stage_from_json(text);
  return stage ? Error{Code::internal, "no error"} : stage.error();
}

TEST(StageJson, ComesBackAsItWas) {
  const std::string text = to_json(full());
  const auto back = stage_from_json(text);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), text);
  EXPECT_EQ(back->matrix, full().matrix);
  EXPECT_EQ(back->workdir, full().workdir);
  EXPECT_EQ(back->env, full().env);
  EXPECT_EQ(back->parts, full().parts);
  EXPECT_EQ(back->umask, full().umask);
  EXPECT_EQ(back->limits.values, full().limits.values);
  EXPECT_EQ(back->parents[1].percent, 95);
  EXPECT_EQ(back->parents[1].matrix, full().matrix);
  EXPECT_EQ(back->parents[0].outputs, full().parents[0].outputs);
  EXPECT_EQ(std::get<PluginCommand>(back->steps[1].command).with,
            std::get<PluginCommand>(full().steps[1].command).with);
  EXPECT_EQ(std::get<ShellCommand>(back->steps[2].command).script,
            std::get<ShellCommand>(full().steps[2].command).script);
  EXPECT_EQ(back->geometry.time_limit, Seconds(14'400));
}

TEST(StageJson, BringsAnEmptyStageBack) {
  const auto back = stage_from_json(to_json(StageTasks{}));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(to_json(*back), to_json(StageTasks{}));
  EXPECT_EQ(back->umask, std::nullopt);
}

TEST(StageJson, IsSmallHoweverManyTasks) {
  StageTasks stage;
  stage.matrix.axes = {{"a", RangeAxis{1, 1000, 1, 0}}, {"b", RangeAxis{1, 1000, 1, 0}}};
  stage.tasks = 1'000'000;
  EXPECT_LT(to_json(stage).size(), 2'000U);
}

TEST(StageJson, NamesBothNumbersOfAnotherVersion) {
  EXPECT_EQ(error_of(replaced(to_json(full()), "\"foz-stage\": 1", "\"foz-stage\": 2")),
            (Error{Code::invalid, "the stage file is of version 2, this foz reads version 1"}));
}

TEST(StageJson, SaysWhereItIsWrong) {
  const std::string text = to_json(full());
  EXPECT_EQ(error_of("{"), (Error{Code::invalid, "stage file: the file is no JSON"}));
  EXPECT_EQ(error_of("[]"), (Error{Code::invalid, "stage file: foz-stage is missing"}));
  EXPECT_EQ(error_of(replaced(text, "\"tasks\": 95", "\"tasks\": -1")),
            (Error{Code::invalid, "stage file: tasks must be an integer in range"}));
  EXPECT_EQ(error_of(replaced(text, "\"every_node\"", "\"moon\"")),
            (Error{Code::invalid,
                   "stage file: steps[0].place must be one of ranks, first_node, every_node"}));
  EXPECT_EQ(error_of(replaced(text, "\"may_fail\": false", "\"may_fail\": 0")),
            (Error{Code::invalid, "stage file: steps[1].may_fail must be true or false"}));
}

TEST(StageJson, IsRefusedWhereverItIsCut) {
  const std::string text = to_json(full());
  for (std::size_t length = 0; length + 2 < text.size(); ++length) {
    EXPECT_FALSE(stage_from_json(std::string_view(text).substr(0, length))) << length;
  }
}

TEST(StageJson, SurvivesDeepNesting) {
  const std::string deep(100'000, '[');
  const std::string text = replaced(to_json(full()), "\"script\": \"train.py\"",
                                    "\"x\": " + deep + std::string(100'000, ']'));
  EXPECT_EQ(error_of(text).code, Code::invalid);
}

}  // namespace
}  // namespace foz::task
