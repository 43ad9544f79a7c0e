/// Runs a program to its end and collects what it prints: the way foz talks to sbatch, squeue and
/// the like. argv vectors only, never a shell; own process group, empty signal mask, /dev/null as
/// input, nothing inherited.
///
/// The agent has its own spawning (ranks live long and are watched); this is for calls that must
/// end by a deadline.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace foz {

/// NAME=VALUE strings as bytes, in order; a later one of a name wins.
using Environment = std::vector<std::string>;

struct Command {
  /// argv[0] is looked for on the PATH of `environment`, in its absolute folders only, unless it
  /// has a slash.
  std::vector<std::string> argv;
  std::optional<Environment> environment;      ///< nullopt: this process's own
  std::string input;                           ///< on standard input, as a file; empty: /dev/null
  std::string directory;                       ///< working directory; empty: this process's own
  std::chrono::milliseconds deadline{30'000};  ///< then TERM to the group, KILL one second later
  std::size_t output_limit = 256U << 20U;      ///< of each stream; more is an error
  /// Said on standard error, it has the group killed at once: the program would only wait. Empty:
  /// nothing does.
  std::string kill_when_said;
};

struct Finished {
  int wait_status = 0;  ///< as waitpid gives it
  std::string out;
  std::string err;

  [[nodiscard]] bool exited_with(int code) const;
  /// "exit status 3", "killed by signal 9 (SIGKILL)".
  [[nodiscard]] std::string describe() const;
};

/// Waits for the end (exit and both pipes closed; a grandchild that keeps a pipe is waited for one
/// second at most). A program that cannot be started is Code::not_found (no such program) or
/// failed; a passed deadline is Code::unavailable. A non-zero exit is not an error here.
[[nodiscard]] Result<Finished> run_command(const Command& command);

/// KILL to the group of a command that run_command() waits for: to the first one's, should several
/// threads wait. Safe in a signal handler, which leaves the program behind it.
void end_running_command();

/// "exit status 3" or "killed by signal 9 (SIGKILL)" for a status of waitpid.
[[nodiscard]] std::string describe_wait_status(int wait_status);
/// This process's environment.
[[nodiscard]] Environment current_environment();
/// The value of `name` in `environment` (last one wins).
[[nodiscard]] std::optional<std::string> find_variable(const Environment& environment,
                                                       std::string_view name);
void set_variable(Environment& environment, std::string_view name, std::string_view value);
void unset_variable(Environment& environment, std::string_view name);

}  // namespace foz
