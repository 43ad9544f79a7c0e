/// `resources:` of a stage: what each of its tasks asks for, in the user's words.
#pragma once

#include "core/spec/reading.h"

namespace foz::spec {

/// Whether a block is what a stage gets, or only what it may get: `gpu` alone is fine in the
/// defaults.
enum class Layer { defaults, stage };

/// Reads and checks the block by itself: alternatives, ranges, what needs what.
[[nodiscard]] Resources read_resources(const yaml::Node& node, Layer layer,
                                       Diagnostics& diagnostics);

}  // namespace foz::spec
