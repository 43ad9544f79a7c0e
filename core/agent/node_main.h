/// `foz-agent node`: a node agent in a process of its own, below the keeper's srun. Orders come in
/// on standard input, reports go out on standard output, both as lines (wire.h). When the input
/// ends, the keeper is gone: all that runs here ends too.
#pragma once

#include <string>

#include "core/base/result.h"

namespace foz::agent {

/// Until the input ends; the exit status.
[[nodiscard]] Result<int> run_node(const std::string& task_file);

}  // namespace foz::agent
