/// What every command file shares: the registration, the options that all commands take, and the
/// exit codes. A command file registers its options and calls core; it holds no logic that a second
/// front end would need. Only this folder prints, and prints an error once.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.h"

namespace CLI {
class App;
}

namespace foz::cli {

/// Documented in `foz --help` and docs/reference/commands.md.
enum Exit : int {
  k_done = 0,
  k_workload_failed = 1,
  k_bad_usage = 2,    ///< usage or spec
  k_environment = 3,  ///< Slurm, files, the environment
  k_bug = 70,
};

/// Set by main() from the command line before a command's action runs.
struct Global {
  std::string scheduler = "auto";
  std::string site;
  std::string plugins;
};

/// A command registers itself; its callback leaves the exit code in `status`.
struct Program {
  CLI::App& app;
  Global& global;
  int& status;
};

void add_validate(Program program);
void add_plan(Program program);
void add_run(Program program);
void add_advance(Program program);
void add_status(Program program);
void add_list(Program program);
void add_logs(Program program);
void add_cancel(Program program);
void add_plugin(Program program);
void add_sandbox(Program program);

/// Prints "foz: message" on stderr and gives the exit code for it.
int report(const Error& error);

}  // namespace foz::cli
