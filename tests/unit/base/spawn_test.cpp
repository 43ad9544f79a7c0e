#include "core/base/spawn.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

Command shell(const std::string& script) {
  Command command;
  command.argv = {"sh", "-c", script};
  return command;
}

milliseconds time_of(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  (void)run_command(command);
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
}

/// Waits for `condition` to hold, for ten seconds at most.
template <class Condition>
bool holds_soon(Condition condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    ::usleep(5'000);
  }
  return true;
}

/// A process that is gone, or a zombie that nobody has reaped yet.
bool has_ended(pid_t pid) {
  const auto status = read_file("/proc/" + std::to_string(pid) + "/stat");
  return !status || status->find(") Z ") != std::string::npos;
}

TEST(RunCommand, CollectsBothStreamsAndTheStatus) {
  const auto finished = run_command(shell("echo out; echo err >&2; exit 3"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->out, "out\n");
  EXPECT_EQ(finished->err, "err\n");
  EXPECT_TRUE(finished->exited_with(3));
  EXPECT_FALSE(finished->exited_with(0));
  EXPECT_EQ(finished->describe(), "exit status 3");
}

TEST(RunCommand, TellsASignalFromAnExit) {
  const auto finished = run_command(shell("kill -9 $$"));
  ASSERT_TRUE(finished);
  EXPECT_FALSE(finished->exited_with(9));
  EXPECT_EQ(finished->describe(), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(run_command(shell("kill -TERM $$"))->describe(), "killed by signal 15 (SIGTERM)");
}

TEST(RunCommand, HandsOverArgumentsAsBytes) {
  Command command;
  command.argv = {"printf", "%s|", "a b", "$HOME", "'\"", "-n", "", "\n", "\xff", "*"};
  EXPECT_EQ(run_command(command)->out, "a b|$HOME|'\"|-n||\n|\xff|*|");
}

TEST(RunCommand, GivesInputAndThenItsEnd) {
  Command command;
  command.argv = {"cat"};
  command.input = std::string(3'000'000, 'x') + '\n';
  EXPECT_EQ(run_command(command)->out, command.input);
}

TEST(RunCommand, InputThatIsNotReadDoesNoHarm) {
  Command command = shell("exit 0");
  command.input = std::string(1'000'000, 'x');
  EXPECT_TRUE(run_command(command)->exited_with(0));
}

TEST(RunCommand, WithoutInputThereIsNothingToRead) {
  Command command;
  command.argv = {"readlink", "/proc/self/fd/0"};
  EXPECT_EQ(run_command(command)->out, "/dev/null\n");
}

TEST(RunCommand, TakesFloodsOnBothStreams) {
  const auto finished =
      run_command(shell("head -c 2000000 /dev/zero >&2 & head -c 3000000 /dev/zero; wait"));
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->out.size(), 3'000'000U);
  EXPECT_EQ(finished->err.size(), 2'000'000U);
}

TEST(RunCommand, GivesExactlyTheEnvironment) {
  Command command;
  command.argv = {"/usr/bin/env", "-0"};
  command.environment = Environment{"A=first", "B=a,b", "C=x=y\n\"z\"", "D=", "A=last"};
  std::string out = run_command(command)->out;
  std::replace(out.begin(), out.end(), '\0', '|');
  EXPECT_EQ(out, "B=a,b|C=x=y\n\"z\"|D=|A=last|");
}

TEST(RunCommand, SearchesThePathOfTheCommandsOwnEnvironment) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "sbatch", "#!/bin/sh\necho mine\n", Durability::cached, 0755));
  Command command;
  command.argv = {"sbatch"};
  command.environment = Environment{"PATH=/nonexistent:" + folder.path().native()};
  EXPECT_EQ(run_command(command)->out, "mine\n");
  command.environment = Environment{"PATH=/nonexistent"};
  EXPECT_EQ(run_command(command).error(),
            (Error{Code::not_found, "program 'sbatch' is not on PATH"}));
}

TEST(RunCommand, TakesNoProgramFromTheFolderItIsIn) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "squeue-x", "#!/bin/sh\necho wrong\n", Durability::cached, 0755));
  Command command;
  command.argv = {"squeue-x"};
  command.directory = folder.path();
  command.environment = Environment{"PATH=:.:./"};
  EXPECT_EQ(run_command(command).error().code, Code::not_found);
}

TEST(RunCommand, PassesOverFilesThatAreNoPrograms) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(make_directories(folder / "a/tool"));
  ASSERT_TRUE(make_directories(folder / "b"));
  ASSERT_TRUE(make_directories(folder / "c"));
  ASSERT_TRUE(write_file(folder / "b/tool", "text", Durability::cached, 0644));
  ASSERT_TRUE(write_file(folder / "c/tool", "#!/bin/sh\necho found\n", Durability::cached, 0755));
  Command command;
  command.argv = {"tool"};
  const std::string base = folder.path();
  command.environment = Environment{"PATH=" + base + "/a:" + base + "/b:" + base + "/c"};
  EXPECT_EQ(run_command(command)->out, "found\n");
}

TEST(RunCommand, SaysWhyAProgramCannotStart) {
  Command command;
  command.argv = {"/nonexistent/tool"};
  EXPECT_EQ(
      run_command(command).error(),
      (Error{Code::not_found, "cannot start '/nonexistent/tool': No such file or directory"}));
  command.argv = {"/etc/passwd"};
  EXPECT_EQ(run_command(command).error(),
            (Error{Code::failed, "cannot start '/etc/passwd': Permission denied"}));
}

TEST(RunCommand, WorksInTheFolderAskedFor) {
  const test::TemporaryFolder folder;
  Command command = shell("pwd");
  command.directory = folder.path();
  EXPECT_EQ(run_command(command)->out, folder.path().native() + "\n");
  command.directory = "/nonexistent";
  EXPECT_EQ(
      run_command(command).error(),
      (Error{Code::failed, "cannot work in folder '/nonexistent': No such file or directory"}));
}

TEST(RunCommand, StartsWithAnEmptySignalMaskAndDefaultActions) {
  sigset_t block;
  sigset_t before;
  sigemptyset(&block);
  sigaddset(&block, SIGTERM);
  sigaddset(&block, SIGUSR1);
  ::pthread_sigmask(SIG_BLOCK, &block, &before);
  const auto old = ::signal(SIGPIPE, SIG_IGN);
  const std::string blocked =
      run_command(shell("sed -n 's/^SigBlk:\\t//p' /proc/self/status"))->out;
  const std::string ignored =
      run_command(shell("sed -n 's/^SigIgn:\\t//p' /proc/self/status"))->out;
  ::signal(SIGPIPE, old);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(blocked, "0000000000000000\n");
  // glibc leaves its two internal signals, 32 and 33, ignored in every program that it spawns.
  constexpr std::uint64_t k_internal = 0x180000000U;
  EXPECT_EQ(std::stoull(ignored, nullptr, 16) & ~k_internal, 0U) << ignored;
}

TEST(RunCommand, StartsInAProcessGroupOfItsOwn) {
  const auto finished = run_command(shell("echo $$; cut -d' ' -f5 /proc/$$/stat"));
  const auto lines = split(finished->out, '\n');
  ASSERT_EQ(lines.size(), 3U) << finished->err;
  EXPECT_EQ(lines[0], lines[1]);
}

TEST(RunCommand, InheritsNoDescriptor) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // as a library might, without CLOEXEC
  const auto finished = run_command(shell("ls /proc/$$/fd"));
  ::close(leaked);
  EXPECT_EQ(finished->out, "0\n1\n2\n");
}

TEST(RunCommand, WorksWhereStandardDescriptorsAreClosed) {
  const int saved[3] = {::dup(0), ::dup(1), ::dup(2)};
  for (const int number : {0, 1, 2}) ::close(number);
  const auto finished = run_command(shell("cat; echo out; echo err >&2"));
  for (const int number : {0, 1, 2}) {
    ::dup2(saved[number], number);
    ::close(saved[number]);
  }
  ASSERT_TRUE(finished);
  EXPECT_EQ(finished->out, "out\n");
  EXPECT_EQ(finished->err, "err\n");
}

TEST(RunCommand, LeavesNoDescriptorAndNoChild) {
  const auto count = [] {
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
  };
  const auto before = count();
  for (int i = 0; i < 5; ++i) (void)run_command(shell("true"));
  Command slow = shell("sleep 60");
  slow.deadline = milliseconds(50);
  (void)run_command(slow);
  EXPECT_EQ(count(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(RunCommand, KillsTheGroupWhenTheWordsAreSaid) {
  Command command = shell("trap '' TERM; sleep 60 & echo $!; printf 'queue full, sleep' >&2; wait");
  command.kill_when_said = "full, sleep";
  const auto finished = run_command(command);
  ASSERT_TRUE(finished) << finished.error().message;
  EXPECT_EQ(finished->describe(), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(finished->err, "queue full, sleep");
  const auto sleeper = parse_integer(trim(finished->out));
  ASSERT_TRUE(sleeper);
  EXPECT_TRUE(holds_soon([&] { return has_ended(static_cast<pid_t>(*sleeper)); }));
  EXPECT_LT(time_of(command), milliseconds(10'000));
}

TEST(RunCommand, LetsAProgramThatSaysOtherThingsGoOn) {
  Command command = shell("echo 'full, sleep'; echo 'not full' >&2");
  command.kill_when_said = "full, sleep";
  const auto finished = run_command(command);
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->exited_with(0));
}

TEST(RunCommand, EndsAtTheDeadline) {
  Command command = shell("echo 'still trying' >&2; exec sleep 60");
  command.deadline = milliseconds(200);
  EXPECT_EQ(
      run_command(command).error(),
      (Error{Code::unavailable,
             "'sh' did not end within 200ms and was stopped; it last said \"still trying\""}));
  command = shell("exec sleep 60");
  command.deadline = milliseconds(1'000);
  EXPECT_EQ(run_command(command).error(),
            (Error{Code::unavailable, "'sh' did not end within 1s and was stopped"}));
}

TEST(RunCommand, TermComesFirst) {
  const test::TemporaryFolder folder;
  Command command = shell("trap 'echo asked > asked; exit 0' TERM; sleep 60 & wait");
  command.directory = folder.path();
  command.deadline = milliseconds(300);
  EXPECT_EQ(run_command(command).error().code, Code::unavailable);
  EXPECT_EQ(read_file(folder / "asked").value(), "asked\n");
}

TEST(RunCommand, KillsTheWholeGroupOfOneThatIgnoresTerm) {
  const test::TemporaryFolder folder;
  Command command = shell("trap '' TERM; sleep 61 & echo $! > child; while :; do wait; done");
  command.directory = folder.path();
  command.deadline = milliseconds(300);
  const milliseconds time = time_of(command);
  EXPECT_GE(time, milliseconds(1'300));
  EXPECT_LT(time, milliseconds(6'000));
  const auto child = parse_integer(trim(read_file(folder / "child").value()));
  ASSERT_TRUE(child);
  EXPECT_TRUE(holds_soon([&] { return has_ended(static_cast<pid_t>(*child)); }));
}

TEST(RunCommand, AGrandchildInTheGroupThatIgnoresTermIsKilledToo) {
  const test::TemporaryFolder folder;
  Command command = shell("(trap '' TERM; exec sleep 62) & echo $! > child; exec sleep 63");
  command.directory = folder.path();
  command.deadline = milliseconds(300);
  EXPECT_EQ(run_command(command).error().code, Code::unavailable);
  const auto child = parse_integer(trim(read_file(folder / "child").value()));
  ASSERT_TRUE(child);
  EXPECT_TRUE(holds_soon([&] { return has_ended(static_cast<pid_t>(*child)); }));
}

TEST(RunCommand, WaitsASecondForAGrandchildThatHoldsThePipe) {
  Command command = shell("echo out; sleep 30 & echo $!");
  const auto start = std::chrono::steady_clock::now();
  const auto finished = run_command(command);
  const auto time = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->exited_with(0));
  EXPECT_GE(time, milliseconds(900));
  EXPECT_LT(time, milliseconds(5'000));
  const auto lines = split(finished->out, '\n');
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "out");
  ::kill(static_cast<pid_t>(parse_integer(lines[1]).value()), SIGKILL);
}

TEST(RunCommand, TakesWhatAGrandchildStillWrites) {
  EXPECT_EQ(run_command(shell("(sleep 0.2; echo late) & echo early"))->out, "early\nlate\n");
}

TEST(RunCommand, WaitsForOneThatHasClosedItsStreams) {
  const auto finished = run_command(shell("exec >&- 2>&-; sleep 0.3; exit 4"));
  ASSERT_TRUE(finished);
  EXPECT_TRUE(finished->exited_with(4));
}

TEST(RunCommand, StopsOneThatPrintsTooMuch) {
  Command command;
  command.argv = {"yes"};
  command.output_limit = 100'000;
  EXPECT_EQ(run_command(command).error(),
            (Error{Code::too_large, "'yes' printed more than 100000 bytes and was stopped"}));
}

TEST(RunCommand, SaysWhenAStatusIsLost) {
  const auto old = ::signal(SIGCHLD, SIG_IGN);
  const auto finished = run_command(shell("exit 5"));
  ::signal(SIGCHLD, old);
  EXPECT_EQ(finished.error(), (Error{Code::unknown_outcome, "the exit status of 'sh' is lost"}));
}

TEST(RunCommand, IsQuick) {
  (void)time_of(shell("true"));
  EXPECT_LT(time_of(shell("true")), milliseconds(500));
}

TEST(WaitStatus, IsDescribed) {
  EXPECT_EQ(describe_wait_status(0), "exit status 0");
  EXPECT_EQ(describe_wait_status(0x0300), "exit status 3");
  EXPECT_EQ(describe_wait_status(9), "killed by signal 9 (SIGKILL)");
  EXPECT_EQ(describe_wait_status(0x8b), "killed by signal 11 (SIGSEGV)");
  EXPECT_EQ(describe_wait_status(60), "killed by signal 60");
}

}  // namespace
}  // namespace foz
