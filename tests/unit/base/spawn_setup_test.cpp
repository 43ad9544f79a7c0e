#include "core/base/spawn_setup.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

/// Its exit status, and what it printed in a file.
class SpawnSetupTest : public testing::Test {
 protected:
  std::string say(const std::string& script, const std::string& directory = "") {
    const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const fs::path said = folder_ / "said";
    const Fd out(::open(said.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600));
    SpawnSetup setup;
    setup.connect(nothing, out, nothing);
    setup.change_directory(directory);
    EXPECT_EQ(setup.start("/bin/sh", {"sh", "-c", script}, {"A=b c"}, pid_), 0);
    int status = -1;
    EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
    EXPECT_EQ(status, 0);
    return read_file(said).value();
  }

  test::TemporaryFolder folder_;
  pid_t pid_ = -1;
};

/// Of a line "NAME:\tVALUE" in /proc/PID/status.
std::string value_in(const std::string& status, const std::string& name) {
  const std::size_t begin = status.find("\n" + name + ":\t");
  if (begin == status.npos) return "no " + name;
  const std::size_t value = begin + name.size() + 3;
  return status.substr(value, status.find('\n', value) - value);
}

TEST_F(SpawnSetupTest, GivesItsEnvironmentAndFolderAndNoOther) {
  EXPECT_EQ(say("echo \"$A/$HOME/$(pwd)\"", "/usr"), "b c///usr\n");
}

TEST_F(SpawnSetupTest, InheritsNothingButTheStreams) {
  const Fd left_open(::open("/dev/null", O_RDONLY));  // no CLOEXEC
  ASSERT_GT(left_open.get(), STDERR_FILENO);
  EXPECT_EQ(say("for f in /proc/$$/fd/*; do echo ${f##*/}; done | head -3 | tr '\\n' ' '"),
            "0 1 2 ");
  EXPECT_EQ(say("test -e /proc/$$/fd/" + std::to_string(left_open.get()) + " || echo closed"),
            "closed\n");
}

TEST_F(SpawnSetupTest, LeadsAGroupOfItsOwnWithNoSignalBlockedOrIgnored) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const auto ignored = ::signal(SIGUSR2, SIG_IGN);
  const std::string said = say("exec cat /proc/self/status");
  ::signal(SIGUSR2, ignored);
  ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
  EXPECT_EQ(value_in(said, "NSpgid"), std::to_string(pid_));
  EXPECT_EQ(value_in(said, "SigBlk"), "0000000000000000");
  // 32 and 33 are the C library's own, and keep what they were
  EXPECT_EQ(std::stoull(value_in(said, "SigIgn"), nullptr, 16) & 0x7fffffffU, 0U);
}

TEST(SpawnSetup, SaysWhyAProgramDidNotStart) {
  pid_t pid = -1;
  EXPECT_EQ(SpawnSetup().start("/nowhere", {"nowhere"}, {}, pid), ENOENT);
  EXPECT_EQ(pid, -1);
}

}  // namespace
}  // namespace foz
