/// `matrix:` of a stage: axes as lists, ranges and rows, and what is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/spec/reading.h"
#include "core/task/matrix.h"

namespace foz::spec {

/// A rule that Matrix::make() accepts, and how many elements it has.
struct MatrixSpec {
  Located<task::MatrixRule> rule;  ///< where: the key
  std::uint64_t size = 1;
};

/// nullopt after errors.
[[nodiscard]] std::optional<MatrixSpec> read_matrix(const yaml::Entry& matrix, Reading& reading);

}  // namespace foz::spec
