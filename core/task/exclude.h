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

/// What is wrong with one entry.
struct ExceptMistake {
  std::size_t entry = 0;  ///< its place in `except`
  Error error;  ///< Code::invalid for a key that is no axis or column, a value that stands nowhere,
                ///< an entry that matches no element; Code::too_large over k_max_excluded
};

struct Exclusion {
  std::vector<std::uint64_t> positions;  ///< sorted, each once
  std::vector<ExceptMistake> mistakes;   ///< in the order of the entries
};

/// The product of `axes` must be within Matrix::k_max_elements.
[[nodiscard]] Exclusion exclude(const std::vector<Axis>& axes,
                                const std::vector<MatrixValues>& except);

}  // namespace foz::task
