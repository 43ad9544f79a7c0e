/// Whether outputs keep apart: two of one stage, those of a stage's tasks, those of two stages.
/// What is written over by somebody else would look like a success.
#pragma once

#include <vector>

#include "core/spec/draft.h"

namespace foz::spec {

void check_output_paths(const std::vector<Draft>& drafts, Diagnostics& diagnostics);

}  // namespace foz::spec
