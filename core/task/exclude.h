/// Which positions of the full product a matrix' `except` entries take away. Behind matrix.h. The
/// only list that a matrix keeps, so it is bounded.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/result.h"
#include "core/task/matrix.h"

namespace foz::task {

/// Positions that all entries together may name.
inline constexpr std::uint64_t k_max_excluded = 1'000'000;

/// Sorted, each once. Code::invalid for a key that is no axis or column, a value that stands
/// nowhere, an entry that matches no element; Code::too_large over k_max_excluded. The product of
/// `axes` must be within Matrix::k_max_elements.
[[nodiscard]] Result<std::vector<std::uint64_t>> excluded_positions(
    const std::vector<Axis>& axes, const std::vector<MatrixValues>& except);

}  // namespace foz::task
