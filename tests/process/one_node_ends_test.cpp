/// How real processes below a real agent on one node are ended and signalled, and that nothing is
/// left.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>

#include "tests/process/task_run.h"

namespace foz::test {
namespace {

using testing::IsEmpty;

TEST(OneNode, LeavesNothingBehindARankThatForkedAndExited) {
  TaskRun run;
  run.set("FOZ_TEST_MARK", "unused");  // FOZ_* of an outer run never reach a rank
  run.stage.env = {{"LEFT_BEHIND", run.root().native()}};
  run.add_shell(
      "test -z \"$FOZ_TEST_MARK\"\nsetsid bash -c 'trap \"\" TERM HUP; (setsid sleep 1000) & sleep "
      "1000' &\n(sleep 1000 & ) \necho started");
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log(), "started\n");
  EXPECT_THAT(find_processes_with("LEFT_BEHIND=" + run.root().native()), IsEmpty());
}

TEST(OneNode, EndsARankThatIgnoresTerm) {
  TaskRun run;
  run.stage.env = {{"STUBBORN", run.root().native()}};
  run.add_shell("trap '' TERM\ntouch ready\nwhile true; do sleep 1000; done");
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  ASSERT_EQ(::kill(keeper, SIGTERM), 0);
  EXPECT_EQ(run.wait_keeper(keeper), 1 << 8);
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
  EXPECT_EQ(run.end().text("sentence"), "it was told to end by a signal");
  EXPECT_THAT(find_processes_with("STUBBORN=" + run.root().native()), IsEmpty());
}

TEST(OneNode, GivesARankThatHearsTermTheTimeToSave) {
  TaskRun run;
  run.add_shell(
      "trap 'sleep 0.3; echo saved; exit 0' TERM\ntouch ready\nwhile true; do sleep 0.05; done");
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  ::kill(keeper, SIGTERM);
  run.wait_keeper(keeper);
  EXPECT_EQ(run.log(), "saved\n");
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
}

TEST(OneNode, OfAShortKillWaitHalfIsKeptForTheRecord) {
  TaskRun run;
  run.stage.kill_wait = Seconds(4);
  run.add_shell("trap 'sleep 15; echo late' TERM\ntouch ready\nwhile true; do sleep 0.05; done");
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  const auto told = std::chrono::steady_clock::now();
  ::kill(keeper, SIGTERM);
  run.wait_keeper(keeper);
  EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::seconds(10));  // not 20
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
  EXPECT_EQ(run.log(), "");
}

/// What slurmstepd writes into the job's output before it signals says how the attempt ended.
class ToldToEnd : public testing::Test {
 protected:
  void end_with(const std::string& line) {
    run.set("SLURM_JOB_ID", "7");
    ASSERT_TRUE(write_file(output,
                           "slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:00:00 "
                           "DUE TO TIME LIMIT ***\n",
                           Durability::cached));
    run.add_shell("touch ready; sleep 1000");
    const pid_t keeper = run.start_keeper(output);
    wait_until([&] { return fs::exists(run.workdir() / "ready"); });
    ASSERT_TRUE(write_all(Fd(::open(output.c_str(), O_WRONLY | O_APPEND)).get(), line + "\n"));
    ::kill(keeper, SIGTERM);
    EXPECT_EQ(run.wait_keeper(keeper), 1 << 8);
  }
  TaskRun run;
  const fs::path output = run.root() / "slurm-7.out";
};

TEST_F(ToldToEnd, ByTheTimeLimitIsAFailure) {
  end_with(
      "slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:27:14 DUE TO TIME LIMIT "
      "***");
  EXPECT_EQ(run.end().text("outcome"), "failed");
  EXPECT_EQ(run.end().text("class"), "timeout");
}

TEST_F(ToldToEnd, ByACancelIsCancelled) {
  end_with("slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:27:14 ***");
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
  EXPECT_EQ(run.end().text("sentence"), "it was cancelled");
}

TEST_F(ToldToEnd, ByAPreemptionSaysNothingFinal) {
  end_with(
      "slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:27:14 DUE TO PREEMPTION "
      "***");
  EXPECT_THAT(run.records(journal::kind::task_ended), IsEmpty());
  EXPECT_EQ(run.records(journal::kind::note).back().text("text"), "it was preempted");
}

TEST(OneNode, ForwardsASignalOnceToTheProcessThatHandlesIt) {
  TaskRun run;
  ASSERT_TRUE(write_file(run.workdir() / "train.py",
                         "import os, signal, time\n"
                         "n = 0\n"
                         "def save(*_):\n"
                         "  global n; n += 1\n"
                         "signal.signal(signal.SIGUSR1, save)\n"
                         "loader = os.fork()\n"
                         "if loader == 0:\n"
                         "  def hit(*_): open('loader hit', 'w').close()\n"
                         "  signal.signal(signal.SIGUSR1, hit); time.sleep(1000)\n"
                         "open('ready', 'w').close()\n"
                         "while n == 0: time.sleep(0.01)\n"
                         "time.sleep(0.2); print('saved', n); os.kill(loader, 9)\n",
                         Durability::cached));
  run.add_shell("python3 train.py; echo after");  // a shell above, which would die of USR1
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  ::kill(keeper, SIGUSR1);
  EXPECT_EQ(run.wait_keeper(keeper), 0);
  EXPECT_EQ(run.log(), "saved 1\nafter\n");
  EXPECT_FALSE(fs::exists(run.workdir() / "loader hit"));
}

TEST(OneNode, NotesASignalThatNobodyHandles) {
  TaskRun run;
  run.add_shell("touch ready; while [ ! -e go ]; do sleep 0.02; done");
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  ::kill(keeper, SIGUSR2);
  wait_until([&] { return !run.records(journal::kind::note).empty(); });
  ASSERT_TRUE(write_file(run.workdir() / "go", "", Durability::cached));
  EXPECT_EQ(run.wait_keeper(keeper), 0);
  EXPECT_EQ(run.records(journal::kind::note).front().text("text"),
            "rank 0 on n1 does not handle signal 12: it was not sent");
}

TEST(OneNode, ItsRanksDieWithAKilledKeeper) {
  TaskRun run;
  run.stage.env = {{"FENCED", run.root().native()}};
  run.add_argv({"python3", "-c", "import time; open('ready','w').close(); time.sleep(1000)"});
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return fs::exists(run.workdir() / "ready"); });
  ::kill(keeper, SIGKILL);
  EXPECT_EQ(run.wait_keeper(keeper), SIGKILL);
  wait_until([&] { return find_processes_with("FENCED=" + run.root().native()).empty(); });
  EXPECT_THAT(run.records(journal::kind::task_ended), IsEmpty());
}

}  // namespace
}  // namespace foz::test
