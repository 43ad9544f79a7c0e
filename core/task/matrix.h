/// A stage's matrix as a rule: element number <-> values, without ever being a list. Size is in
/// proportion to what the user wrote.
///
/// Elements are numbered from 0 in the order of the axes as written, the last axis fastest;
/// excluded combinations get no number.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"

namespace foz::task {

/// Values as written: [0.10, 1e-3].
struct ListAxis {
  std::vector<std::string> values;
  bool operator==(const ListAxis&) const = default;
};
/// "1..10" or "1..10..3", inclusive; "001..100" keeps its width.
struct RangeAxis {
  std::int64_t first = 0, last = 0, step = 1;
  int width = 0;  ///< zero-padded to this width; 0: none
  bool operator==(const RangeAxis&) const = default;
};
/// Rows of a CSV, lines or a glob, frozen when planning: matrix.NAME.COLUMN; a single unnamed
/// column is matrix.NAME.
struct RowsAxis {
  std::vector<std::string> columns;  ///< empty: one unnamed column
  std::vector<std::vector<std::string>> rows;
  bool operator==(const RowsAxis&) const = default;
};

struct Axis {
  std::string name;
  std::variant<ListAxis, RangeAxis, RowsAxis> values;
  bool operator==(const Axis&) const = default;
};

/// Text values of one element: ("lr","0.1"), ("sample.id","a7"), in axis order.
using MatrixValues = std::vector<std::pair<std::string, std::string>>;

struct MatrixRule {
  std::vector<Axis> axes;  ///< none: the stage has one task
  /// Partial assignments; an element that matches one whole entry does not exist.
  std::vector<MatrixValues> except;
  bool operator==(const MatrixRule&) const = default;
};

/// Names of an element's values, in axis order: "lr", "sample.id".
[[nodiscard]] std::vector<std::string> names_of(const MatrixRule& rule);

/// A rule made ready for questions. Immutable.
class Matrix {
 public:
  static constexpr std::uint64_t k_max_elements = 100'000'000;

  /// Code::too_large over k_max_elements; Code::invalid for an empty axis, an `except` that names
  /// no axis or value, or when nothing is left.
  [[nodiscard]] static Result<Matrix> make(MatrixRule rule);

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const MatrixRule& rule() const { return rule_; }
  /// `index` < size().
  [[nodiscard]] MatrixValues values(TaskIndex index) const;

 private:
  MatrixRule rule_;
  std::uint64_t size_ = 1;
  std::vector<std::uint64_t> excluded_;  ///< positions in the full product, sorted
};

}  // namespace foz::task
