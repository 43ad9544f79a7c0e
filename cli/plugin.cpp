#include <CLI/CLI.hpp>

#include "cli/command.h"

namespace foz::cli {
void add_plugin(Program) {}
}  // namespace foz::cli
