#include "cli/interrupt.h"

#include <unistd.h>
#include <csignal>

#include <utility>

#include "cli/fault.h"
#include "core/base/spawn.h"

namespace foz::cli {

namespace {

/// A handler gets no argument of ours. Set while SIGINT is not handled.
const std::string* g_message = nullptr;

extern "C" void say_and_end(int) {
  end_running_command();
  [[maybe_unused]] const ssize_t written =
      ::write(STDERR_FILENO, g_message->data(), g_message->size());
  ::_exit(k_interrupted);
}

}  // namespace

Interrupt::Interrupt(std::string message) : message_("\n" + std::move(message) + "\n") {
  g_message = &message_;
  if (std::signal(SIGINT, say_and_end) == SIG_IGN) std::signal(SIGINT, SIG_IGN);
}

Interrupt::~Interrupt() {
  if (std::signal(SIGINT, SIG_DFL) == SIG_IGN) std::signal(SIGINT, SIG_IGN);
}

}  // namespace foz::cli
