/// One axis of a matrix as arithmetic: how many values, which value stands at a place. Behind
/// matrix.h; knows no other axis.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/task/matrix.h"

namespace foz::task {

/// 0 for an empty axis and for a range that runs the wrong way. Saturates, so that over a limit
/// stays over it.
[[nodiscard]] std::uint64_t count_of_axis(const Axis& axis);

/// Elements of all combinations, before `except`. Code::invalid for an empty axis or uneven rows,
/// Code::too_large over Matrix::k_max_elements; never overflows.
[[nodiscard]] Result<std::uint64_t> count_product(const std::vector<Axis>& axes);

/// Text of value `digit` (< count) of a range: "007".
[[nodiscard]] std::string range_value(const RangeAxis& range, std::uint64_t digit);

/// The axis' own pairs of one element: one, or one for each column.
void append_values(MatrixValues& values, const Axis& axis, std::uint64_t digit);

}  // namespace foz::task
