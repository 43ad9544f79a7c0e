#include "core/agent/witness.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "core/agent/spawn_rank.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// The agent's files, pipes and sockets: who reads their other ends must not wait for the witness.
void close_all() {
  if (::syscall(SYS_close_range, 0, ~0U, 0) == 0) return;
  std::error_code error;  // a kernel before 5.9
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error))
    if (const auto number = parse_integer(entry.path().filename().native()))
      ::close(static_cast<int>(*number));
}

[[noreturn]] void stand(pid_t agent) {
  start_child(agent);
  if (::chdir("/") != 0) ::_exit(127);
  ::prctl(PR_SET_NAME, k_witness);
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM})
    ::signal(number, SIG_IGN);
  ::signal(SIGTERM, SIG_DFL);
  close_all();
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
/// for processes below it.
void Witness::dismiss() {
  ended_ = nullptr;
  if (!is_standing()) return;
  reaper_.forget(pid_);
  ::kill(pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  take_note(status);
}

}  // namespace foz::agent
