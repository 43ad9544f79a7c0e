#include "core/agent/witness.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "core/agent/spawn_rank.h"

namespace foz::agent {

void stand_witness() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM})
    ::signal(number, SIG_IGN);
  while (true) ::pause();
}

void Witness::call(const std::string& program) {
  if (is_standing()) return;
  told_ = false;
  const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  SpawnRequest request;
  request.argv = {program, std::string(k_witness)};
  request.workdir = "/";
  request.output = null.get();
  const auto spawned = spawn_rank(request);
  if (!spawned) return;
  pid_ = spawned->pid;
  reaper_.watch(pid_, [this](int status) {
    pid_ = -1;
    told_ = WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    if (auto ended = std::exchange(ended_, nullptr)) ended();
  });
}

void Witness::dismiss() {
  ended_ = nullptr;
  if (!is_standing()) return;
  reaper_.forget(pid_);
  ::kill(std::exchange(pid_, -1), SIGKILL);
}

}  // namespace foz::agent
