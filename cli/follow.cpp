#include "cli/runs.h"
#include "cli/terminal.h"

namespace foz::cli {}
