/// The stages as a graph: whether every stage that is needed exists, nothing waits for itself, and
/// which matrix an `each` stage takes.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "core/spec/draft.h"

namespace foz::spec {

using StageIndex = std::unordered_map<std::string_view, std::size_t>;  ///< name -> place

[[nodiscard]] StageIndex index_of(const std::vector<Draft>& drafts);

/// Reports missing stages, circles, and matrices that do not fit; settles each draft's matrix and
/// tasks.
void check_graph(std::vector<Draft>& drafts, const StageIndex& index, Diagnostics& diagnostics);

/// Parents before children, the smallest place first where there is a choice. What stands in or
/// behind a circle is left out.
[[nodiscard]] std::vector<std::size_t> sort_stages(
    const std::vector<std::vector<std::size_t>>& parents);

}  // namespace foz::spec
