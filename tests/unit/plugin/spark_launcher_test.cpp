/// plugins/spark/foz_spark.sh with programs that only say how they were called.
#include <gtest/gtest.h>

#include "core/base/spawn.h"
#include "tests/support/folders.h"
#include "tests/support/temporary_folder.h"

namespace foz::plugin {
namespace {

constexpr const char* k_say =
    "#!/bin/sh\necho \"$(basename \"$0\") in $SPARK_HOME\"\nfor word in \"$@\"; do echo "
    "\"<$word>\"; done\nexit 5\n";

class SparkLauncher : public testing::Test {
 protected:
  void SetUp() override {
    write_spark("spark one");
    folder_.write("java/bin/java", "#!/bin/sh\n", 0755);
    environment_ = {"PATH=/usr/bin:/bin", "JAVA_HOME=" + path("java"),
                    "FOZ_SPARK_HOME=" + path("spark one")};
  }

  void write_spark(const std::string& name) {
    folder_.write(name + "/bin/spark-class", k_say, 0755);
    folder_.write(name + "/bin/spark-submit", k_say, 0755);
  }

  std::string path(const std::string& name) { return (folder_.path() / name).string(); }

  std::string run(std::vector<std::string> words) {
    Command command;
    command.argv = {"/bin/sh", test::source_folder() / "plugins/spark/foz_spark.sh"};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.environment = environment_;
    command.directory = folder_.path().string();
    const auto done = run_command(command);
    std::string said =
        done ? done->describe() + "\n" + done->out + done->err : done.error().message;
    for (std::size_t at = said.find(path("")); at != said.npos; at = said.find(path("")))
      said.erase(at, path("").size());
    return said;
  }

  test::TemporaryFolder folder_;
  Environment environment_;
};

TEST_F(SparkLauncher, BecomesTheProcessWithItsExitCodeAndWords) {
  EXPECT_EQ(run({"daemon", "org.x.Master", "--host", "a b", ""}),
            "exit status 5\nspark-class in spark one\n<org.x.Master>\n<--host>\n<a b>\n<>\n");
  EXPECT_EQ(run({"submit", "$(x).py", "--class"}),
            "exit status 5\nspark-submit in spark one\n<$(x).py>\n<--class>\n");
}

TEST_F(SparkLauncher, LooksForSparkInOrder) {
  write_spark("two");
  unset_variable(environment_, "FOZ_SPARK_HOME");
  set_variable(environment_, "SPARK_HOME", path("two"));
  EXPECT_EQ(run({"submit"}), "exit status 5\nspark-submit in two\n");
  unset_variable(environment_, "SPARK_HOME");
  write_spark("packages/pyspark");
  folder_.write("packages/pyspark/__init__.py", "raise SystemExit('imported')\n");
  set_variable(environment_, "PYTHONPATH", path("packages"));
  EXPECT_EQ(run({"submit"}), "exit status 5\nspark-submit in packages/pyspark\n");
}

TEST_F(SparkLauncher, AFolderOfThatNameInTheWorkdirIsNoSpark) {
  unset_variable(environment_, "FOZ_SPARK_HOME");
  write_spark("pyspark");
  set_variable(environment_, "FOZ_SPARK_PYTHON", "/usr/bin/python3");
  EXPECT_EQ(run({"submit"}),
            "exit status 127\nfoz_spark.sh: no Spark was found: no spark_home, no SPARK_HOME, and "
            "'/usr/bin/python3' has no pyspark\n");
}

TEST_F(SparkLauncher, SaysWhatIsMissing) {
  set_variable(environment_, "FOZ_SPARK_HOME", "/nonexistent");
  EXPECT_EQ(run({"submit"}),
            "exit status 127\nfoz_spark.sh: no Spark was found in '/nonexistent': it has no "
            "bin/spark-class\n");
  folder_.write("bin/nothing", "");
  fs::create_symlink("/bin/sh", folder_.path() / "bin/sh");
  environment_ = {"PATH=" + path("bin"), "JAVA_HOME=/no/java"};
  EXPECT_EQ(run({"submit"}),
            "exit status 127\nfoz_spark.sh: no Java was found (JAVA_HOME is '/no/java', and no "
            "java is on PATH)\n");
}

TEST_F(SparkLauncher, MakesTheEventLogsFolder) {
  set_variable(environment_, "FOZ_SPARK_EVENT_LOG", path("logs/deep down"));
  run({"submit"});
  EXPECT_TRUE(fs::is_directory(path("logs/deep down")));
  set_variable(environment_, "FOZ_SPARK_EVENT_LOG", "hdfs://n/logs");
  EXPECT_EQ(run({"submit"}), "exit status 5\nspark-submit in spark one\n");
  folder_.write("file", "");
  set_variable(environment_, "FOZ_SPARK_EVENT_LOG", path("file/x"));
  EXPECT_NE(run({"submit"}).find("foz_spark.sh: the event log's folder 'file/x' cannot be made"),
            std::string::npos);
}

TEST_F(SparkLauncher, GivesTheJarsOfAFolder) {
  folder_.write("my jars/a.jar", "");
  folder_.write("my jars/b c.jar", "");
  folder_.write("my jars/notes.txt", "");
  set_variable(environment_, "FOZ_SPARK_PACKAGES", "my jars");
  EXPECT_EQ(run({"submit", "x.py"}),
            "exit status 5\nspark-submit in spark one\n<--jars>\n<my jars/a.jar,my jars/b "
            "c.jar>\n<x.py>\n");
  folder_.write("my jars/d,e.jar", "");
  EXPECT_EQ(run({"submit", "x.py"}),
            "exit status 127\nfoz_spark.sh: a comma in the name of 'my jars/d,e.jar': Spark cannot "
            "take it\n");
  set_variable(environment_, "FOZ_SPARK_PACKAGES", "none");
  EXPECT_EQ(run({"submit", "x.py"}),
            "exit status 127\nfoz_spark.sh: packages folder 'none' holds no jar\n");
}

}  // namespace
}  // namespace foz::plugin
