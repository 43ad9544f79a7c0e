#include "core/agent/reaper.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <cerrno>
#include <utility>

namespace foz::agent {

Reaper::Reaper() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

void Reaper::watch(pid_t pid, Ended ended) {
  watched_[pid] = std::move(ended);
}

void Reaper::reap() {
  while (true) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, WNOHANG);
    if (pid < 0 && errno == EINTR) continue;
    if (pid <= 0) break;
    auto node = watched_.extract(pid);
    if (!node.empty()) node.mapped()(status);
  }
  if (reaped_) reaped_();
}

bool Reaper::has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace foz::agent
