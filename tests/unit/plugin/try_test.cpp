#include "core/plugin/try.h"

#include <gtest/gtest.h>

#include "core/plugin/catalogue.h"
#include "core/plugin/check_with.h"
#include "core/plugin/contract_json.h"
#include "core/plugin/host.h"
#include "tests/support/folders.h"
#include "tests/unit/plugin/golden.h"
#include "tests/unit/plugin/schema_json.h"

namespace foz::plugin {
namespace {

Loaded shipped(const std::string& name) {
  Diagnostics diagnostics;
  auto loaded = load_plugin(test::source_folder() / "plugins" / name, diagnostics);
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
  EXPECT_TRUE(diagnostics.all().empty()) << diagnostics.render();
  return std::move(*loaded);
}

Value checked(const Loaded& loaded, const Value& with) {
  Diagnostics diagnostics;
  Value out = check_with(loaded.description, with, {}, {}, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.render();
  return out;
}

Result<Trial> tried(const std::string& name, const Value& with, TryRequest request = {}) {
  const Loaded loaded = shipped(name);
  request.with = checked(loaded, with);
  request.plugin_dir = "/foz/plugins/" + name;
  return try_plugin(*loaded.plugin, request);
}

std::string refusal(const Result<Trial>& trial) {
  return trial ? "none" : trial.error().message;
}

const Value k_spark_with(Value::Map{{"script", "etl job.py"},
                                    {"args", Value::List{"--day", "$(date)", "${{ node.name }}"}},
                                    {"conf", Value::Map{{"spark.sql.shuffle.partitions", "8"}}},
                                    {"packages", "jars"}});
const Value k_tensorflow_with(Value::Map{{"script", "train.py"},
                                         {"args", Value::List{"--lr", "0.10"}}});

TEST(Try, ShowsSparkOnTwoNodes) {
  TryRequest request;
  request.nodes = 2;
  const Trial trial = tried("spark", k_spark_with, request).value();
  expect_golden("spark.txt", render_text(trial));
  expect_golden("spark.json", to_json(trial) + "\n");
}

TEST(Try, ShowsTensorflowOnTwoNodes) {
  TryRequest request;
  request.nodes = 2;
  const Trial trial = tried("tensorflow", k_tensorflow_with, request).value();
  expect_golden("tensorflow.txt", render_text(trial));
  expect_golden("tensorflow.json", to_json(trial) + "\n");
}

TEST(Try, ShowsTensorflowWithAModuleAndTwoRanksANode) {
  TryRequest request;
  request.nodes = 2;
  request.ranks_per_node = 2;
  const Trial trial = tried("tensorflow", Value::Map{{"module", "train.main"}}, request).value();
  ASSERT_EQ(trial.ranks.size(), 4U);
  EXPECT_EQ(trial.ranks[3].command.argv,
            (std::vector<std::string>{"python3", "/foz/plugins/tensorflow/foz_tf.py", "--proof",
                                      "/run/task/worker.3/world", "-m", "train.main"}));
  EXPECT_EQ(trial.ranks[3].command.proof->equals, "4");
}

TEST(Try, ShippedPluginsAnswerWhatTheSchemaSays) {
  for (const auto& [name, with] :
       {std::pair{"spark", k_spark_with}, {"tensorflow", k_tensorflow_with}}) {
    const Trial trial = tried(name, with).value();
    EXPECT_EQ(differs_from_schema(to_json(shipped(name).description), "description"), "") << name;
    EXPECT_EQ(differs_from_schema(to_json(trial.shape), "shape"), "") << name;
    EXPECT_EQ(differs_from_schema(to_json(trial.launch), "launch"), "") << name;
  }
}

TEST(Try, PassesAPluginsRefusalOn) {
  EXPECT_EQ(refusal(tried("tensorflow", Value::Map{})),
            "'script' (or 'module') is missing in 'with'");
  EXPECT_EQ(refusal(tried("tensorflow", Value::Map{{"script", "a"}, {"module", "b"}})),
            "'script' and 'module' were both given: one of them says what to run");
  TryRequest small;
  small.memory_mib = 2048;
  EXPECT_EQ(refusal(tried("spark", k_spark_with, small)),
            "each node has 2048 MiB: without 2048 MiB for Spark's daemons and the driver, a "
            "worker would get 0 MiB and needs 512 MiB; "
            "ask for more memory_per_node or a smaller driver_memory");
}

TEST(Show, SpeaksOfEveryKey) {
  expect_golden("show-spark.txt",
                replaced(render_text(shipped("spark")), test::source_folder().native(), "SOURCE"));
  expect_golden("show-tensorflow.txt", replaced(render_text(shipped("tensorflow")),
                                                test::source_folder().native(), "SOURCE"));
}

}  // namespace
}  // namespace foz::plugin
