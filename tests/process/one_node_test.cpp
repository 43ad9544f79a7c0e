/// Real processes below a real agent on one node: what they get and print, and what is told of
/// them.
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/task/variables.h"
#include "tests/process/task_run.h"

namespace foz::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

TEST(OneNode, RunsAScriptAndRecordsItsSuccess) {
  TaskRun run;
  run.add_shell("echo hello\necho to stderr >&2\npwd > where");
  const Finished finished = run.keep();
  EXPECT_TRUE(finished.exited_with(0)) << finished.err;
  EXPECT_EQ(finished.err, "");
  EXPECT_EQ(run.log(), "hello\nto stderr\n");
  EXPECT_EQ(run.file("where"), run.workdir().native() + "\n");
  EXPECT_EQ(run.end().text("outcome"), "succeeded");
  EXPECT_EQ(run.end().text("log"), "logs/train/train.1.log");
  EXPECT_EQ(run.records(journal::kind::task_started).size(), 1U);
  EXPECT_EQ(run.records(journal::kind::step_started).size(), 1U);
  EXPECT_EQ(run.records(journal::kind::world_up).size(), 1U);
  EXPECT_EQ(run.records(journal::kind::step_ended).size(), 1U);
}

TEST(OneNode, KeepsTheExitCodeAndSaysTheLastLine) {
  TaskRun run;
  run.add_shell("echo working; echo 'ValueError: bad shape' >&2; exit 42");
  const Finished finished = run.keep();
  EXPECT_TRUE(finished.exited_with(42)) << finished.describe();
  EXPECT_EQ(finished.err,
            "foz-agent: failed: rank 0 on n1 ended with exit status 42: the last line of its log "
            "is \"ValueError: bad shape\"\n");
  EXPECT_EQ(run.end().text("outcome"), "failed");
  EXPECT_EQ(run.end().text("class"), "user_error");
  EXPECT_EQ(run.end().integer("exit"), 42);
}

TEST(OneNode, SaysWhatOfALogCouldNotBeWritten) {
  TaskRun run;
  run.add_shell("echo hello");
  const fs::path log = run.folder().logs("train") / "train.1.log";
  fs::create_directories(log.parent_path());
  fs::create_symlink("/dev/full", log);
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_EQ(run.end().text("outcome"), "succeeded");
  const auto lost = run.records(journal::kind::log_lost);
  ASSERT_EQ(lost.size(), 1U);
  EXPECT_EQ(lost[0].text("sentence"),
            "6 bytes of log '" + log.native() + "' were lost: No space left on device");
}

TEST(OneNode, StopsAScriptAtItsFirstError) {
  TaskRun run;
  run.add_shell("false | true\necho not reached");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.log(), "");
}

TEST(OneNode, KeepsSignalsExact) {
  for (const int signal : {SIGKILL, SIGSEGV, SIGABRT, SIGTERM, SIGUSR1}) {
    TaskRun run;
    run.add_shell("kill -" + std::to_string(signal) + " $$");
    EXPECT_TRUE(run.keep().exited_with(128 + signal));
    EXPECT_THAT(run.end().text("sentence"),
                HasSubstr("was killed by signal " + std::to_string(signal) + " "));
  }
}

TEST(OneNode, NamesAProgramThatIsMissing) {
  TaskRun run;
  run.add_argv({"pythn", "train.py"});
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "launch_failed");
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: program 'pythn' is not on PATH");
  EXPECT_THAT(run.records(journal::kind::world_up), IsEmpty());
}

TEST(OneNode, NamesAnInterpreterThatIsMissing) {
  TaskRun run;
  ASSERT_TRUE(
      write_file(run.workdir() / "run.py", "#!/opt/none/python3 -u\n", Durability::cached, 0755));
  run.add_argv({"./run.py"});
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: cannot execute './run.py': No such file or "
            "directory: its interpreter '/opt/none/python3' is missing");
}

TEST(OneNode, SaysWhyAScriptWithoutAFirstLineCannotRun) {
  TaskRun run;
  ASSERT_TRUE(write_file(run.workdir() / "run", "echo hello\n", Durability::cached, 0755));
  run.add_argv({"./run"});
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: cannot execute './run': Exec format error; a "
            "script needs a first line such as '#!/bin/bash'");
}

TEST(OneNode, SaysThatItsFolderIsMissing) {
  TaskRun run;
  run.stage.workdir = "/nowhere/at/all";
  run.add_argv({"true"});
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: cannot work in folder '/nowhere/at/all': No such "
            "file or directory");
}

TEST(OneNode, PassesArgumentsAndVariablesAsBytes) {
  const std::vector<std::string> hostile = {
      "a,b",    "x=y z",  "it's \"quoted\"", "two\nlines", "", "$HOME $(id) `id`",
      "grün ☃", "--flag", "${{ literal }}",  "tab\tend\\"};
  TaskRun run;
  std::vector<std::string> argv = {
      "python3", "-c",
      "import os,sys,json; json.dump([sys.argv[1:], [os.environ['V%d'%i] for i in "
      "range(len(sys.argv)-1)]], open('seen','w'))"};
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    argv.push_back(plugin::literal(hostile[i]));
    run.stage.env.emplace_back("V" + std::to_string(i), plugin::literal(hostile[i]));
  }
  run.add_argv(argv);
  run.stage.steps.push_back(
      {"",
       task::ArgvCommand{{"python3", "-c",
                          "import json; a,b = json.load(open('seen')); assert a == b, (a, b); "
                          "open('joined','w').write('|'.join(a))"}},
       task::StepPlace::ranks, false});
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.file("joined"), join(hostile, "|"));
}

TEST(OneNode, GivesTheTaskItsNames) {
  TaskRun run;
  run.stage.matrix.axes = {{"lr", task::ListAxis{{"0.10", "1e-3"}}},
                           {"sample", task::RowsAxis{{"id", "fast-q"}, {{"a7", "x y"}}}}};
  run.stage.tasks = 2;
  run.stage.is_array = true;
  run.set("SLURM_ARRAY_TASK_ID", "1");
  run.set("SLURM_RESTART_COUNT", "2");
  run.add_shell("env | grep ^FOZ_ | sort > names");
  ASSERT_TRUE(run.keep().exited_with(0));
  EXPECT_EQ(run.file("names"),
            "FOZ_ATTEMPT=3\nFOZ_LOCAL_RANK=0\nFOZ_MATRIX_LR=1e-3\nFOZ_MATRIX_SAMPLE_FAST_Q=x "
            "y\nFOZ_MATRIX_SAMPLE_ID=a7\nFOZ_RANK=0\nFOZ_RUN_DIR=" +
                run.folder().root().native() +
                "\nFOZ_STAGE=train\nFOZ_TASK_INDEX=1\nFOZ_TASK_NAME=train.1\nFOZ_WORLD_SIZE=1\n");
  EXPECT_EQ(run.end().integer("index"), 1);
  EXPECT_EQ(run.end().integer("attempt"), 3);
}

/// What the page about workflows says of foz's own variables.
TEST(OneNode, SetsTheVariablesOfTheTableAndNoOthers) {
  TaskRun run;
  run.stage.matrix.axes = {{"", task::ListAxis{{"x"}}}};
  run.stage.setup = {"env | grep -o '^FOZ_[A-Z_]*' | sort > setup"};
  run.add_shell("env | grep -o '^FOZ_[A-Z_]*' | sort > rank");
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  std::set<std::string> in_setup, all;
  for (const task::VariableHelp& one : task::k_variables) {
    all.emplace(one.name);
    if (one.in_setup) in_setup.emplace(one.name);
  }
  EXPECT_EQ(run.file("setup"), fmt::format("{}\n", fmt::join(in_setup, "\n")));
  EXPECT_EQ(run.file("rank"), fmt::format("{}\n", fmt::join(all, "\n")));
}

TEST(OneNode, KeepsEveryByteOfAFlood) {
  TaskRun run;
  run.add_argv({"python3", "-c",
                "import os\nfor i in range(200000): os.write(1, b'%06d %s\\n' % (i, b'x' * 90))"});
  ASSERT_TRUE(run.keep().exited_with(0));
  const std::string log = run.log();
  EXPECT_EQ(log.size(), 200'000U * 98);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 200'000);
  EXPECT_EQ(log.substr(log.size() - 98, 7), "199999 ");
}

TEST(OneNode, KeepsBinaryOutputAndALastLineWithoutItsEnd) {
  TaskRun run;
  run.add_argv({"python3", "-c",
                "import sys; sys.stdout.buffer.write(bytes(range(256)) + b'\\n\\xff\\x00no end')"});
  ASSERT_TRUE(run.keep().exited_with(0));
  std::string expected;
  for (int i = 0; i < 256; ++i) expected += static_cast<char>(i);
  EXPECT_EQ(run.log(), expected + "\n\xff" + std::string(1, '\0') + "no end");
}

TEST(OneNode, GivesEachRankALogOfItsOwn) {
  TaskRun run;
  run.stage.geometry.ranks_per_node = 8;
  run.add_shell("for i in {1..500}; do echo \"rank $FOZ_RANK of $FOZ_WORLD_SIZE line $i\"; done");
  ASSERT_TRUE(run.keep().exited_with(0));
  for (int rank = 0; rank < 8; ++rank) {
    std::string expected;
    for (int i = 1; i <= 500; ++i)
      expected += "rank " + std::to_string(rank) + " of 8 line " + std::to_string(i) + "\n";
    EXPECT_EQ(run.log("train.1.rank." + std::to_string(rank) + ".log"), expected);
  }
}

TEST(OneNode, SplitsGpusByPositionAndKeepsTheirNames) {
  TaskRun run;
  run.stage.geometry.ranks_per_node = 2;
  run.set("CUDA_VISIBLE_DEVICES", "GPU-5f1c0d2e,3,MIG-8b/1/0");
  run.add_shell("echo \"$CUDA_VISIBLE_DEVICES\"");
  ASSERT_TRUE(run.keep().exited_with(0));
  EXPECT_EQ(run.log("train.1.rank.0.log"), "GPU-5f1c0d2e,3\n");
  EXPECT_EQ(run.log("train.1.rank.1.log"), "MIG-8b/1/0\n");
}

TEST(OneNode, RunsItsStepsInOrderAndStopsAtTheFirstThatFails) {
  TaskRun run;
  run.add_shell("echo one >> order");
  run.add_shell("echo two >> order; exit 5");
  run.add_shell("echo three >> order");
  EXPECT_TRUE(run.keep().exited_with(5));
  EXPECT_EQ(run.file("order"), "one\ntwo\n");
  EXPECT_EQ(run.end().text("log"), "logs/train/train.1.s1.log");
}

TEST(OneNode, AStepThatMayFailDoesNotStopTheOthers) {
  TaskRun run;
  run.add_shell("echo no luck; exit 5");
  run.stage.steps.back().may_fail = true;
  run.add_shell("echo done");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_EQ(run.log("train.1.s1.log"), "done\n");
  const auto steps = run.records(journal::kind::step_ended);  // what status tells of it
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].integer("step"), 0);
  EXPECT_EQ(steps[0].text("status"), "failed");
  EXPECT_EQ(steps[0].text("class"), "user_error");
  EXPECT_EQ(steps[0].text("sentence"),
            "rank 0 on n1 ended with exit status 5: the last line of its log is \"no luck\"");
  EXPECT_EQ(steps[1].text("status"), "succeeded");
}

TEST(OneNode, SetsLimitsAndUmaskAndNoCore) {
  TaskRun run;
  run.stage.umask = 027;
  run.stage.limits.values = {{"nofile", "123"}};
  run.add_shell("umask; ulimit -n; ulimit -c");
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log(), "0027\n123\n0\n");
}

TEST(OneNode, NamesALimitThatCannotBeSet) {
  TaskRun run;
  run.stage.limits.values = {{"nofiles", "123"}};
  run.add_shell("true");
  run.keep();
  EXPECT_EQ(run.end().text("sentence"),
            "rank 0 on n1 could not be started: there is no limit named 'nofiles'");
}

TEST(OneNode, RunsSetupOnceAndKeepsItsEnvironment) {
  TaskRun run;
  run.stage.geometry.ranks_per_node = 2;
  run.stage.setup = {"echo run >> setups", "export TWO=$'a\\nb'",
                     "helper() { echo \"from a function: $1\"; }\nexport -f helper",
                     "export PATH=/nowhere"};
  run.add_argv({"/bin/bash", "-c", "helper \"$TWO\"; echo $PATH"});
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.file("setups"), "run\n");
  EXPECT_EQ(run.log("train.1.rank.1.log"), "from a function: a\nb\n/nowhere\n");
}

TEST(OneNode, NamesTheSetupLineThatFailed) {
  TaskRun run;
  run.stage.setup = {"true", "echo 'no such module: tensorflo' >&2; false"};
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("class"), "launch_failed");
  EXPECT_EQ(run.end().text("sentence"),
            "on n1: setup line 2 'echo 'no such module: tensorflo' >&2; false' ended with status "
            "1: no such module: tensorflo");
}

TEST(OneNode, DoesNotStartWhenItsStartCannotBeRecorded) {
  TaskRun run;
  fs::remove_all(run.folder().journal());
  run.add_shell("touch ran");
  const Finished finished = run.keep();
  EXPECT_FALSE(finished.exited_with(0));
  EXPECT_THAT(finished.err, HasSubstr("cannot open journal"));
  EXPECT_FALSE(fs::exists(run.workdir() / "ran"));
}

TEST(OneNode, RefusesAnElementThatIsNotThere) {
  TaskRun run;
  run.add_shell("true");
  const Finished finished = run.keep({"--offset", "7"});
  EXPECT_TRUE(finished.exited_with(3));
  EXPECT_EQ(finished.err, "foz-agent: stage 'train' has 1 task, so there is no element 7\n");
}

}  // namespace
}  // namespace foz::test
