/// The params of a workflow: what the file says of each, and what the command line puts in its
/// place.
#pragma once

#include <vector>

#include "core/spec/reading.h"

namespace foz::spec {

/// Reads `params:` and applies the command line's values. Values stay as written.
[[nodiscard]] std::vector<Param> read_params(const yaml::Node* node, const ReadOptions& options,
                                             Diagnostics& diagnostics);

}  // namespace foz::spec
