#include "core/agent/child.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace foz::agent {
namespace {

/// The exit status of a child that calls `close` and then tells whether any descriptor is left.
int status_after(void (*close)() noexcept) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0 || ::dup2(ends[0], 200) < 0) ::_exit(2);
    close();
    for (int descriptor = 0; descriptor < 300; ++descriptor)
      if (::fcntl(descriptor, F_GETFD) >= 0) ::_exit(1);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

TEST(Child, ClosesAllDescriptors) {
  EXPECT_EQ(status_after(close_all_descriptors), 0);
}

TEST(Child, ClosesThemOneByOneWhereTheKernelHasNoCallForIt) {
  EXPECT_EQ(status_after(close_listed_descriptors), 0);
}

}  // namespace
}  // namespace foz::agent
