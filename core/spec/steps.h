/// What a stage does: `run`, `uses` with `with`, or `steps`.
#pragma once

#include <vector>

#include "core/spec/reading.h"

namespace foz::spec {

/// The steps of a stage's mapping; reports one that says nothing to do, or several things at once.
/// `name` is the stage's, for errors without a place.
[[nodiscard]] std::vector<StepSpec> read_steps(const BlockReader& stage,
                                               const Located<std::string>& name,
                                               Diagnostics& diagnostics);

}  // namespace foz::spec
