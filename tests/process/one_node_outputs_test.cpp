/// Declared outputs of a task on one node: what is one of this attempt, and the folders they lie
/// in.
#include <gmock/gmock.h>

#include "tests/process/task_run.h"

namespace foz::test {
namespace {

TEST(OneNode, FailsATaskWhoseOutputIsMissing) {
  TaskRun run;
  run.stage.outputs = {{"table", "data/x.parquet"}};
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "output_missing");
  EXPECT_EQ(run.end().text("sentence"),
            "output 'table' ('" + run.workdir().native() + "/data/x.parquet') is not there");
}

TEST(OneNode, MakesTheFoldersThatItsOutputsLieInButNoOutput) {
  TaskRun run;
  const std::string elsewhere = (run.root() / "elsewhere/deep/x").native();
  run.stage.outputs = {{"table", "data/x/table"}, {"folder", "parts/folder/"}, {"far", elsewhere}};
  run.stage.umask = 0027;
  run.add_shell(
      "stat -c %a data data/x parts; test ! -e parts/folder; mkdir parts/folder; touch "
      "data/x/table " +
      std::string("../elsewhere/deep/x"));
  EXPECT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log(), "750\n750\n750\n");
}

TEST(OneNode, LetsTheSetupPutALinkWhereItsOutputsLie) {
  TaskRun run;
  fs::create_directory(run.root() / "fast");
  run.stage.outputs = {{"table", "data/table"}};
  run.stage.setup = {"ln -sfn ../fast data"};
  run.add_shell("touch data/table");
  EXPECT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_TRUE(fs::exists(run.root() / "fast" / "table"));
}

TEST(OneNode, DoesNotRunWhereAFolderOfItsOutputsCannotBeMade) {
  TaskRun run;
  ASSERT_TRUE(write_file(run.workdir() / "data", "a file", Durability::cached));
  run.stage.outputs = {{"table", "data/x/table"}};
  run.add_shell("touch ran");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "storage");
  EXPECT_EQ(run.end().text("sentence"), "output 'table': cannot make folder '" +
                                            run.workdir().native() + "/data': File exists");
  EXPECT_FALSE(fs::exists(run.workdir() / "ran"));
}

TEST(OneNode, MakesNoWorkdirForItsOutputs) {
  TaskRun run;
  run.stage.workdir = (run.root() / "none").native();
  run.stage.outputs = {{"table", "data/table"}};
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: cannot work in folder '" + run.stage.workdir +
                "': No such file or directory");
}

TEST(OneNode, FailsATaskWhoseOutputIsAnOldOne) {
  TaskRun run;
  run.stage.outputs = {{"table", "table"}};
  ASSERT_TRUE(write_file(run.workdir() / "table", "old", Durability::cached));
  run.add_shell("true");
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "output 'table' ('" + run.workdir().native() +
                "/table') was there before and was not written by this attempt");
}

TEST(OneNode, TakesAnOutputThatWasWrittenAnewWhateverItsTime) {
  TaskRun run;
  run.stage.outputs = {{"table", "table"}, {"folder", "folder/"}};
  fs::create_directories(run.workdir() / "folder" / "deep");
  ASSERT_TRUE(write_file(run.workdir() / "table", "same", Durability::cached));
  run.add_shell("printf same > table; touch -d '2001-01-01' table; echo x > folder/deep/part");
  EXPECT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
}

TEST(OneNode, WaitsForAnOutputThatComesLate) {
  TaskRun run;
  run.stage.outputs = {{"late", "late"}};
  run.stage.outputs_wait = Seconds(20);
  const pid_t keeper = [&] {
    run.add_shell("touch ended");
    return run.start_keeper();
  }();
  wait_until([&] { return !run.records(journal::kind::step_ended).empty(); });
  ASSERT_TRUE(write_file(run.workdir() / "late", "x", Durability::cached));
  EXPECT_EQ(run.wait_keeper(keeper), 0);
}

}  // namespace
}  // namespace foz::test
