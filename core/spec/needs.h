/// `needs:` of a stage in all its forms. Whether the stages exist is a question for the whole graph
/// (graph.h).
#pragma once

#include <vector>

#include "core/spec/reading.h"

namespace foz::spec {

[[nodiscard]] std::vector<Need> read_needs(const yaml::Node& node, Diagnostics& diagnostics);

}  // namespace foz::spec
