/// The shipped plugins with the real frameworks, two nodes pretended on this machine. Needs
/// $FOZ_FLIGHTS_VENV (tests/run makes it).
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <regex>

#include "core/base/text.h"
#include "tests/plugins/probe_json.h"
#include "tests/plugins/world_runner.h"
#include "tests/support/folders.h"
#include "tests/support/temporary_folder.h"

namespace foz::plugin {
namespace {

class Frameworks : public testing::Test {
 protected:
  void SetUp() override {
    const auto venv = find_variable(current_environment(), "FOZ_FLIGHTS_VENV");
    if (!venv || !fs::exists(fs::path(*venv) / "bin/python"))
      GTEST_SKIP() << "FOZ_FLIGHTS_VENV names no Python environment with the frameworks";
    python_ = (fs::path(*venv) / "bin/python").string();
    options_.folder = folder_.path() / "world";
    options_.workdir = test::source_folder() / "tests/plugins/scripts";
    options_.environment = current_environment();
    set_variable(options_.environment, "CUDA_VISIBLE_DEVICES", "");
    ASSERT_TRUE(make_directories(options_.folder).has_value());
  }

  WorldEnd run(const std::string& name, Value::Map with) {
    with.emplace_back("python", python_);
    const auto end = run_world(registry_, name, std::move(with), options_);
    EXPECT_TRUE(end.has_value()) << end.error().message;
    return end.value_or(WorldEnd{});
  }

  const LastWords* last_words(const std::string& name, const RankEnd& rank) {
    return find_last_words((*registry_.find(name))->description, rank.log);
  }

  /// The sentence that a user would read, empty where no last words are known.
  std::string sentence(const std::string& name, const RankEnd& rank) {
    const LastWords* words = last_words(name, rank);
    return words != nullptr ? words->sentence : "";
  }

  test::TemporaryFolder folder_;
  Registry registry_{{test::source_folder() / "plugins"}};
  WorldOptions options_;
  std::string python_;
};

TEST_F(Frameworks, SparkComputesOnTwoWorkersAndKeepsItsEventLog) {
  const WorldEnd end =
      run("spark", {{"script", "sums.py"}, {"args", Value::List{"a b", "$(x)", "--day", "ü"}}});
  ASSERT_EQ(end.ranks.size(), 4U);
  EXPECT_EQ(end.rank("driver.0").wait_status, 0) << end.logs();
  EXPECT_NE(end.rank("driver.0")
                .log.find("sums are right on 2 executors, arguments ['a b', '$(x)', '--day', 'ü']"),
            std::string::npos)
      << end.logs();
  for (const char* name : {"master.0", "worker.0", "worker.1"})
    EXPECT_TRUE(end.rank(name).ended_by_us) << name;
  EXPECT_FALSE(fs::is_empty(options_.folder / "spark-events"));
  EXPECT_TRUE(fs::exists(options_.folder / "scratch/n2/spark-worker-1/work"));
}

TEST_F(Frameworks, SparkRunsFromAnUnpackedDistribution) {
  const auto found =
      run_command({.argv = {python_, "-c", "import pyspark; print(pyspark.__path__[0])"}});
  ASSERT_TRUE(found.has_value() && found->exited_with(0));
  const fs::path distribution =
      folder_.path() / "spark 4";  // a folder with a blank, as people have them
  fs::create_directory_symlink(trim(found->out), distribution);
  python_ = "/usr/bin/python3";  // has no pyspark of its own
  const WorldEnd end = run("spark", {{"script", "sums.py"}, {"spark_home", distribution.string()}});
  EXPECT_EQ(end.rank("driver.0").wait_status, 0) << end.logs();
  EXPECT_NE(end.rank("driver.0").log.find("sums are right on 2 executors"), std::string::npos)
      << end.logs();
}

TEST_F(Frameworks, SparkEndsWithTheDriversExitCode) {
  const WorldEnd end = run("spark", {{"script", "sums.py"}, {"args", Value::List{"fail"}}});
  EXPECT_EQ(end.rank("driver.0").wait_status, 7 << 8) << end.logs();
}

TEST_F(Frameworks, SparkNamesATakenPort) {
  const std::uint16_t port = free_port();
  const Fd holder = hold_port(port);
  options_.ports = {{"master.0.rpc", port}};
  const WorldEnd end = run("spark", {{"script", "sums.py"}});
  EXPECT_NE(end.rank("master.0").wait_status, 0);
  const LastWords* words = last_words("spark", end.rank("master.0"));
  ASSERT_NE(words, nullptr) << end.logs();
  EXPECT_TRUE(words->bind_failure);
}

TEST_F(Frameworks, SparkNamesAMissingJava) {
  options_.environment = {"PATH=" + (folder_.path() / "empty").string() + ":/nowhere",
                          "JAVA_HOME=/no/java"};
  ASSERT_TRUE(make_directories(folder_.path() / "empty").has_value());
  fs::create_symlink("/bin/sh", folder_.path() / "empty/sh");
  const WorldEnd end = run("spark", {{"script", "sums.py"}});
  EXPECT_EQ(sentence("spark", end.rank("master.0")),
            "no Java was found on the node; on Debian: apt-get install openjdk-17-jre-headless")
      << end.logs();
}

TEST_F(Frameworks, TensorflowTrainsTogetherAndProvesIt) {
  const WorldEnd end = run("tensorflow", {{"script", "fit.py"}, {"args", Value::List{"train"}}});
  ASSERT_EQ(end.ranks.size(), 2U);
  std::vector<std::string> said;
  for (const RankEnd& rank : end.ranks) {
    EXPECT_EQ(rank.wait_status, 0) << end.logs();
    EXPECT_EQ(rank.proof, "2");
    EXPECT_TRUE(rank.is_proved);
    said.push_back(
        rank.log.substr(std::min(rank.log.find("replicas 2, weights"), rank.log.size())));
  }
  EXPECT_FALSE(said[0].empty()) << end.logs();
  EXPECT_EQ(said[0], said[1]);
}

TEST_F(Frameworks, TensorflowThatTrainsAloneProvesNothing) {
  const WorldEnd end = run("tensorflow", {{"script", "fit.py"}, {"args", Value::List{"alone"}}});
  for (const RankEnd& rank : end.ranks) {
    EXPECT_EQ(rank.wait_status, 0);
    EXPECT_FALSE(rank.is_proved);
  }
}

TEST_F(Frameworks, TensorflowNamesATakenPort) {
  const std::uint16_t port = free_port();
  const Fd holder = hold_port(port);
  options_.ports = {{"worker.1.grpc", port}};
  const WorldEnd end = run("tensorflow", {{"script", "fit.py"}, {"args", Value::List{"train"}}});
  const LastWords* words = last_words("tensorflow", end.rank("worker.1"));
  ASSERT_NE(words, nullptr) << end.logs();
  EXPECT_TRUE(words->bind_failure);
}

TEST_F(Frameworks, TensorflowKeepsTheScriptsExitCode) {
  const WorldEnd end = run("tensorflow", {{"script", "fit.py"}, {"args", Value::List{"die"}}});
  for (const RankEnd& rank : end.ranks)
    EXPECT_TRUE(rank.wait_status == 9 << 8 || rank.ended_by_us) << end.logs();
}

}  // namespace
}  // namespace foz::plugin
