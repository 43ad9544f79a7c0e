#include "core/agent/child.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <vector>

#include "core/base/text.h"

namespace foz::agent {

void leave_agent(pid_t agent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != agent) ::_exit(127);  // it died before that was set
}

void close_all_descriptors() noexcept {
  if (::syscall(SYS_close_range, 0, ~0U, 0) != 0) close_listed_descriptors();
}

/// The list's own descriptor is among them: it is read to its end first.
void close_listed_descriptors() noexcept {
  std::vector<int> listed;
  std::error_code error;
  auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (const auto number = parse_integer(entry->path().filename().native()))
      listed.push_back(static_cast<int>(*number));
  for (const int descriptor : listed) ::close(descriptor);
}

}  // namespace foz::agent
