#include "core/run/lock.h"

#include <fcntl.h>
#include <sys/wait.h>

#include <csignal>

#include "core/base/host.h"
#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using std::chrono::milliseconds;

class Lock : public RunTest {
 protected:
  Lock() { fs::create_directories(run_folder()); }

  [[nodiscard]] Result<RunLock> take() { return RunLock::take(folder(), effects_.pause); }
  [[nodiscard]] fs::path path(int number = 1) const {
    return folder().root() / "lock" / std::to_string(number);
  }
  void put(const std::string& holder) const {
    ASSERT_TRUE(make_directories(path().parent_path()));
    ASSERT_TRUE(write_file(path(), holder, Durability::cached));
  }
};

TEST_F(Lock, IsGivenBackAtTheEnd) {
  {
    const auto lock = take();
    ASSERT_TRUE(lock);
    EXPECT_TRUE(lock->touch());
  }
  EXPECT_EQ(read_file(path()), "released\n");
  EXPECT_TRUE(take());
  EXPECT_EQ(read_file(path(2)), "released\n");
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_EQ(paused_, milliseconds{0});
}

TEST_F(Lock, OfALivingProcessOfThisHostIsWaitedForAndThenSaid) {
  const auto mine = take();
  ASSERT_TRUE(mine);
  effects_.pause = [&](milliseconds time) {
    paused_ += time;
    EXPECT_TRUE(mine->touch());  // its holder is at work
  };
  const auto other = take();
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(),
            (Error{Code::unavailable,
                   "another foz (process " + std::to_string(::getpid()) + " on " + host_name() +
                       ") is at work on this run; try again when it has ended"}));
  EXPECT_EQ(paused_, k_lock_wait);
}

TEST_F(Lock, OfADeadProcessIsBrokenAtOnce) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = take();
    if (!lock) ::_exit(1);
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_NE(read_file(path()), "released\n");
  EXPECT_TRUE(take());
  EXPECT_EQ(paused_, milliseconds{0});
}

TEST_F(Lock, OfAnotherHostIsBrokenWhenNobodyTouchesIt) {
  put("login9 boot-9 pid:[1] 77 5 00000000deadbeef\n");
  EXPECT_TRUE(take());
  EXPECT_GE(paused_, k_lock_patience);
  EXPECT_LT(paused_, k_lock_patience + milliseconds{1000});
}

TEST_F(Lock, OfThisHostBeforeItsLastBootIsBrokenAtOnce) {
  put(host_name() + " earlier-boot pid:[1] 77 5 00000000deadbeef\n");
  EXPECT_TRUE(take());
  EXPECT_EQ(paused_, milliseconds{0});
}

TEST_F(Lock, ThatWasTakenOverStopsItsHolder) {
  const auto lock = take();
  ASSERT_TRUE(lock);
  put("login9 boot-9 pid:[1] 77 5 00000000deadbeef\n");
  const auto touched = lock->touch();
  ASSERT_FALSE(touched);
  EXPECT_EQ(touched.error(),
            (Error{Code::unavailable, "another foz has taken over this run; it goes on there"}));
}

TEST_F(Lock, WithANextOneStopsItsHolder) {
  const auto lock = take();
  ASSERT_TRUE(lock);
  ASSERT_TRUE(
      write_file(path(2), "login9 boot-9 pid:[1] 77 5 00000000deadbeef\n", Durability::cached));
  EXPECT_FALSE(lock->touch());
}

TEST_F(Lock, ThatIsNotReadableIsNotBrokenBeforeItsTime) {
  put("what?");
  EXPECT_TRUE(take());
  EXPECT_GE(paused_, k_lock_patience);
}

TEST_F(Lock, IsHeldByOneOfManyProcesses) {
  constexpr int k_processes = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < k_processes; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto lock = RunLock::take(folder(), [](milliseconds) { ::usleep(1000); });
      if (!lock) ::_exit(1);
      // two at once would see each other's file
      const fs::path witness = folder().root() / "witness";
      const int file = ::open(witness.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0600);
      if (file < 0) ::_exit(2);
      ::usleep(2000);
      ::unlink(witness.c_str());
      ::_exit(lock->touch() ? 0 : 3);  // without giving it back: the next one has to break it
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
}

}  // namespace
}  // namespace foz::run
