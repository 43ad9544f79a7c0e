#include "plugins/spark/spark.h"

#include <gtest/gtest.h>

#include "plugins/spark/memory.h"
#include "plugins/spark/properties.h"
#include "plugins/spark/with.h"

namespace foz::spark {
namespace {

std::string shared_out(const std::vector<NodeMemory>& nodes, const Memory& memory = {}) {
  const auto answer = worker_memory(nodes, memory);
  if (const auto* refusal = std::get_if<std::string>(&answer)) return *refusal;
  return std::to_string(std::get<std::uint64_t>(answer));
}

TEST(SparkMemory, TakesTheSmallestShareOfAllNodes) {
  EXPECT_EQ(shared_out({{"n1", 6144}, {"n2", 6144}}), "3686");      // 0.9 x (6144 - 1024 - 1024)
  EXPECT_EQ(shared_out({{"n1", 64000}, {"n2", 3000}}), "1778");     // 0.9 x (3000 - 1024)
  EXPECT_EQ(shared_out({{"n1", 6144}}, {2048, 1024, {}}), "2304");  // a larger driver and master
}

TEST(SparkMemory, RefusesNodesThatAreTooSmall) {
  EXPECT_EQ(shared_out({{"n1", 2500}, {"n2", 6144}}),
            "node 'n1' has 2500 MiB: without 2048 MiB for Spark's daemons and the driver, a worker "
            "would get 406 MiB and needs 512 MiB; "
            "ask for more memory_per_node or a smaller driver_memory");
  EXPECT_EQ(shared_out({{"n1", 6144}, {"n2", 1024}}),
            "node 'n2' has 1024 MiB: without 1024 MiB for Spark's daemons, a worker would get 0 "
            "MiB and needs 512 MiB; ask for more memory_per_node");
  EXPECT_EQ(shared_out({{"n1", 0}}),
            "how much memory node 'n1' has is not known: give memory_per_node, or worker_memory in "
            "'with'");
}

TEST(SparkMemory, TakesTheUsersWordWhereItFits) {
  EXPECT_EQ(shared_out({{"n1", 6144}}, {1024, 512, 4096}), "4096");
  EXPECT_EQ(shared_out({{"n1", 0}}, {1024, 512, 4096}), "4096");
  EXPECT_EQ(shared_out({{"n1", 6144}}, {1024, 512, 5000}),
            "worker_memory of 5000 MiB does not fit on node 'n1': it has 6144 MiB, and 2048 MiB "
            "are for Spark's daemons and the driver");
  EXPECT_EQ(shared_out({{"n1", 6144}}, {1024, 512, 100}),
            "worker_memory is 100 MiB and must be at least 512 MiB");
}

TEST(SparkMemory, ReadsSizes) {
  EXPECT_EQ(parse_mib("4GiB"), 4096U);
  EXPECT_EQ(parse_mib("1.5GiB"), 1536U);
  EXPECT_EQ(parse_mib("2GB"), 1907U);
  EXPECT_EQ(parse_mib("1TiB"), 1048576U);
  for (const char* text : {"", "4", "4 GiB", "4g", "GiB", "1.2.3GiB", "-1GiB"})
    EXPECT_FALSE(parse_mib(text)) << text;
}

TEST(SparkProperties, EscapeWhatJavaWouldRead) {
  EXPECT_EQ(to_text({{"a b:c=d", " x\\y\n#z"}, {"#k", "v v"}, {"t", "\ta"}}),
            "a\\ b\\:c\\=d=\\ x\\\\y\\n#z\n\\#k=v v\nt=\\ta\n");
}

std::string refusal(const plugin::Value& with) {
  plugin::ShapeRequest request;
  request.with = with;
  const auto answer = shape(request);
  const auto* sentence = std::get_if<std::string>(&answer);
  return sentence != nullptr ? *sentence : "none";
}

plugin::Value with_conf(const std::string& key) {
  return plugin::Value::Map{{"script", "a.py"}, {"conf", plugin::Value::Map{{key, "x"}}}};
}

TEST(SparkWith, RefusesSettingsThatFozMakes) {
  EXPECT_EQ(refusal(with_conf("spark.master")),
            "'spark.master' in conf is set by foz: foz starts the master");
  EXPECT_EQ(refusal(with_conf("spark.driver.memory")),
            "'spark.driver.memory' in conf is set by foz: use driver_memory in 'with'");
  EXPECT_EQ(refusal(with_conf("sql.shuffle")),
            "'sql.shuffle' in conf is no setting of Spark: they begin with \"spark.\"");
  EXPECT_EQ(refusal(with_conf("spark.sql.x")), "none");
}

TEST(SparkWith, RefusesAClassBesidePython) {
  EXPECT_EQ(refusal(plugin::Value::Map{{"script", "etl.py"}, {"main_class", "org.Etl"}}),
            "'main_class' has no effect beside a Python script: it names a class in a jar");
  EXPECT_EQ(refusal(plugin::Value::Map{{"script", "etl.jar"}, {"main_class", "org.Etl"}}), "none");
  EXPECT_EQ(refusal(plugin::Value::Map{{"script", "${{ params.app }}"}, {"main_class", "org.Etl"}}),
            "none");
}

TEST(SparkWith, ChecksNumbersUnlessTheyAreNotYetKnown) {
  EXPECT_EQ(refusal(plugin::Value::Map{{"cores", "0"}}),
            "'cores' must be a number from 1, got \"0\"");
  EXPECT_EQ(refusal(plugin::Value::Map{{"cores", "${{ matrix.cores }}"},
                                       {"driver_memory", "${{ matrix.memory }}"}}),
            "none");
  EXPECT_EQ(std::get<std::string>(
                read_with(plugin::Value::Map{{"driver_memory", "${{ x }}"}}, Values::filled)),
            "'driver_memory' must be a size like \"4GiB\", got \"${{ x }}\"");
}

TEST(SparkShape, WarnsWhereRanksDoNotMatter) {
  plugin::ShapeRequest request;
  request.resources.ranks_per_node = 4;
  const auto answer = std::get<plugin::Shape>(shape(request));
  ASSERT_EQ(answer.roles.size(), 3U);
  EXPECT_EQ(
      answer.warnings,
      std::vector<std::string>{
          "ranks_per_node does not matter to Spark: one worker a node takes all of its cores"});
}

plugin::LaunchRequest two_nodes() {
  plugin::LaunchRequest request;
  request.with = plugin::Value::Map{{"script", "a.py"}, {"python", "python3"}};
  request.nodes = {{"n1", "a1", "", 4, 6144, {}, "/s1"}, {"n2", "a2", "", 4, 6144, {}, "/s2"}};
  request.ranks = {{"master", 0, 0, 0, 0, {}},
                   {"worker", 0, 0, 0, 0, {}},
                   {"worker", 1, 1, 1, 0, {}},
                   {"driver", 0, 0, 0, 0, {}}};
  request.task_dir = "/t/${{ odd }}";
  request.plugin_dir = "/p";
  request.nonce = "5ec3e7";
  return request;
}

TEST(SparkLaunch, KeepsTheSecretOutOfArgvAndEnvironment) {
  const auto launch = std::get<plugin::Launch>(spark::launch(two_nodes()));
  for (const auto& role : launch.roles) {
    for (const auto& argument : role.argv)
      EXPECT_EQ(argument.find("5ec3e7"), argument.npos) << argument;
    for (const auto& [name, value] : role.env) EXPECT_EQ(value.find("5ec3e7"), value.npos) << name;
    ASSERT_EQ(role.files.size(), 1U);
    EXPECT_NE(role.files[0].content.find("spark.authenticate.secret=5ec3e7\n"),
              role.files[0].content.npos);
    EXPECT_EQ(role.files[0].mode, 0600U);
  }
}

TEST(SparkLaunch, RunsAJarByItsMainClass) {
  plugin::LaunchRequest request = two_nodes();
  request.with = plugin::Value::Map{{"script", "app.jar"},
                                    {"main_class", "org.x.Main"},
                                    {"args", plugin::Value::List{"--class", "y"}}};
  const auto launch = std::get<plugin::Launch>(spark::launch(request));
  EXPECT_EQ(
      std::vector<std::string>(launch.roles[2].argv.begin() + 2, launch.roles[2].argv.end()),
      (std::vector<std::string>{"submit", "--properties-file", "${{ rank_dir }}/spark.properties",
                                "--class", "org.x.Main", "app.jar", "--class", "y"}));
}

TEST(SparkLaunch, AnswersTheSameToTheSameQuestion) {
  const auto once = std::get<plugin::Launch>(spark::launch(two_nodes()));
  const auto twice = std::get<plugin::Launch>(spark::launch(two_nodes()));
  EXPECT_EQ(once.roles[2].files[0].content, twice.roles[2].files[0].content);
}

TEST(SparkLaunch, WaitsForAllWorkersAndEndsWithTheDriver) {
  const auto launch = std::get<plugin::Launch>(spark::launch(two_nodes()));
  EXPECT_EQ(launch.ends_with, "driver");
  EXPECT_EQ(launch.roles[1].ready->role, "master");
  EXPECT_EQ(launch.roles[1].ready->json_equals.back(),
            (std::pair<std::string, std::string>{"aliveworkers", "2"}));
  EXPECT_EQ(launch.roles[2].after, std::vector<std::string>{"worker"});
}

TEST(SparkLaunch, WithoutScratchTheRanksFolderServes) {
  plugin::LaunchRequest request = two_nodes();
  request.nodes[1].scratch.clear();
  const auto launch = std::get<plugin::Launch>(spark::launch(request));
  EXPECT_EQ(launch.roles[0].env[1].second, "${{ rank_dir }}/local");
}

TEST(SparkLaunch, FoldersOfTheRunAreNoTemplates) {
  const auto launch = std::get<plugin::Launch>(spark::launch(two_nodes()));
  EXPECT_NE(
      launch.roles[2].files[0].content.find("spark.eventLog.dir=/t/$${{ odd }}/spark-events\n"),
      std::string::npos);
}

}  // namespace
}  // namespace foz::spark
