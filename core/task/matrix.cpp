#include "core/task/matrix.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/base/text.h"
#include "core/task/axis.h"
#include "core/task/exclude.h"

namespace foz::task {

namespace {

Result<void> check_names(const std::vector<Axis>& axes) {
  std::vector<std::string_view> names;
  for (const Axis& axis : axes) names.push_back(axis.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return {};
  return fail(Code::invalid, fmt::format("axis '{}' stands twice", *twice));
}

}  // namespace

Result<Matrix> Matrix::make(MatrixRule rule) {
  Matrix matrix;
  matrix.rule_ = std::move(rule);
  FOZ_CHECK(check_names(matrix.rule_.axes));
  FOZ_TRY(const std::uint64_t product, count_product(matrix.rule_.axes));
  Exclusion exclusion = exclude(matrix.rule_.axes, matrix.rule_.except);
  if (!exclusion.mistakes.empty()) return fail(std::move(exclusion.mistakes.front().error));
  matrix.excluded_ = std::move(exclusion.positions);
  matrix.size_ = product - matrix.excluded_.size();
  if (matrix.size_ == 0) return fail(Code::invalid, "'except' takes away every element");
  return matrix;
}

MatrixValues Matrix::values(TaskIndex index) const {
  FOZ_ASSERT(index.value < size_);
  // Of the excluded positions, those that stand before this element are the ones with at most
  // `index` kept positions before them; kept-before(k) = excluded_[k] - k never falls.
  std::size_t low = 0, high = excluded_.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (excluded_[middle] - middle <= index.value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  std::uint64_t position = index.value + low;
  std::vector<std::uint64_t> digits(rule_.axes.size());
  for (std::size_t i = digits.size(); i-- > 0;) {
    const std::uint64_t count = count_of_axis(rule_.axes[i]);
    digits[i] = position % count;
    position /= count;
  }
  MatrixValues values;
  for (std::size_t i = 0; i < digits.size(); ++i) append_values(values, rule_.axes[i], digits[i]);
  return values;
}

}  // namespace foz::task
