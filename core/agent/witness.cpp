#include "core/agent/witness.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>
#include <utility>

#include "core/agent/child.h"

namespace foz::agent {

namespace {

/// What a paused process needs to die of SIGKILL is microseconds.
constexpr std::chrono::microseconds k_between_looks{50};
constexpr int k_looks = 400;

[[noreturn]] void stand(pid_t agent) noexcept {
  leave_agent(agent);
  if (::chdir("/") != 0) ::_exit(127);
  ::prctl(PR_SET_NAME, k_witness);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM})
    ::signal(number, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  close_all_descriptors();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  while (true) ::pause();
}

}  // namespace

void Witness::call() {
  if (is_standing()) return;
  told_ = false;
  const pid_t agent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) stand(agent);
  if (pid < 0) return;
  pid_ = pid;
  reaper_.watch(pid_, [this](int status) {
    take_note(status);
    if (auto ended = std::exchange(ended_, nullptr)) ended();
  });
}

void Witness::take_note(int status) {
  pid_ = -1;
  told_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
}

/// It is waited for, so that an agent whose ranks have ended has no child left and need not look
/// for processes below it; but not for long: it may hang in closing a file of a filesystem that
/// does not answer. The reaper finds it then.
void Witness::dismiss() {
  ended_ = nullptr;
  if (!is_standing()) return;
  reaper_.forget(pid_);
  ::kill(pid_, SIGKILL);
  int status = 0;
  for (int look = 0; look < k_looks && ::waitpid(pid_, &status, WNOHANG) == 0; ++look)
    std::this_thread::sleep_for(k_between_looks);
  take_note(status);
}

}  // namespace foz::agent
