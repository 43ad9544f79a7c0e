/// What every command file shares: the registration, and the options that all commands take. A
/// command file registers its options and calls core; it holds no logic that a second front end
/// would need. Only this folder prints, and prints an error once.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "cli/fault.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
}

namespace foz::cli {

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
void add_help(Program program);

/// Prints "foz: message" on stderr and gives the exit code for it.
int report(const Fault& fault);

}  // namespace foz::cli
