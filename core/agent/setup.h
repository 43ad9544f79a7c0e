/// A stage's `setup:` lines: run once on a node by bash, and the environment that they leave behind
/// captured byte for byte (values with newlines and exported functions survive). Each line must end
/// with status 0. The program that prints the environment is this one, so that nothing depends on
/// what the lines did to PATH.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/agent/loop.h"
#include "core/agent/output.h"
#include "core/agent/reaper.h"
#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::agent {

/// The first argument with which foz-agent prints its environment, NUL after each entry, to
/// descriptor 3.
inline constexpr std::string_view k_print_environment = "print-environment";
/// What it does; the exit status.
[[nodiscard]] int print_environment();

/// The script: every line evaluated by itself, the first that fails named, then the environment.
[[nodiscard]] std::string setup_script(const std::vector<std::string>& lines,
                                       const std::string& agent);

/// NUL-terminated entries, without what belongs to the shell itself (_, SHLVL, PWD, OLDPWD).
[[nodiscard]] Environment parse_environment(std::string_view bytes);

class Setup {
 public:
  /// The environment, or a sentence: "setup line 2 'module load x' ended with status 1".
  using Done = std::function<void(Result<Environment>)>;
  struct Request {
    std::vector<std::string> lines;
    Environment environment;
    std::string workdir;
    std::string log;
    std::string agent;  ///< this program
    std::chrono::milliseconds limit{600'000};
  };

  Setup(Loop& loop, Reaper& reaper) : loop_(loop), reaper_(reaper) {}
  ~Setup();

  /// Calls `done` once, never before this returns.
  void start(Request request, Done done);

 private:
  [[nodiscard]] Result<void> spawn();
  void ended(int wait_status);
  void finish(Result<Environment> result);
  [[nodiscard]] Error describe_failure(int wait_status) const;

  Loop& loop_;
  Reaper& reaper_;
  Request request_;
  Done done_;
  std::unique_ptr<Output> output_;
  Fd captured_;  ///< an anonymous file: it cannot fill like a pipe
  Fd outcome_;
  pid_t pid_ = -1;
  bool timed_out_ = false;
  Loop::Handle timer_;
};

}  // namespace foz::agent
