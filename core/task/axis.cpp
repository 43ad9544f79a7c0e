#include "core/task/axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/text.h"

namespace foz::task {

namespace {

std::uint64_t count_of_range(const RangeAxis& range) {
  if (range.step == 0) return 0;
  const bool up = range.step > 0;
  if (up ? range.first > range.last : range.first < range.last) return 0;
  const auto first = static_cast<std::uint64_t>(range.first);
  const auto last = static_cast<std::uint64_t>(range.last);
  const auto step = static_cast<std::uint64_t>(range.step);
  const std::uint64_t steps = up ? (last - first) / step : (first - last) / (~step + 1);
  return steps == std::numeric_limits<std::uint64_t>::max() ? steps : steps + 1;
}

Result<void> check_rows(const Axis& axis) {
  const auto* rows = std::get_if<RowsAxis>(&axis.values);
  if (rows == nullptr) return {};
  const std::size_t columns = std::max<std::size_t>(rows->columns.size(), 1);
  for (std::size_t i = 0; i < rows->rows.size(); ++i) {
    if (rows->rows[i].size() == columns) continue;
    return fail(Code::invalid, fmt::format("row {} of axis '{}' has {}, not {}", i + 1, axis.name,
                                           count_of(rows->rows[i].size(), "value"), columns));
  }
  return {};
}

}  // namespace

std::uint64_t count_of_axis(const Axis& axis) {
  if (const auto* list = std::get_if<ListAxis>(&axis.values)) return list->values.size();
  if (const auto* range = std::get_if<RangeAxis>(&axis.values)) return count_of_range(*range);
  return std::get<RowsAxis>(axis.values).rows.size();
}

std::vector<std::string> names_of(const MatrixRule& rule) {
  std::vector<std::string> names;
  for (const Axis& axis : rule.axes) {
    const auto* rows = std::get_if<RowsAxis>(&axis.values);
    if (rows == nullptr || rows->columns.empty()) names.push_back(axis.name);
    if (rows == nullptr) continue;
    for (const std::string& column : rows->columns) names.push_back(axis.name + "." + column);
  }
  return names;
}

std::string range_value(const RangeAxis& range, std::uint64_t digit) {
  const auto value = static_cast<std::int64_t>(static_cast<std::uint64_t>(range.first) +
                                               digit * static_cast<std::uint64_t>(range.step));
  if (range.width == 0) return fmt::format("{}", value);
  const int sign = value < 0 ? 1 : 0;
  return fmt::format("{:0{}}", value, range.width + sign);
}

void append_values(MatrixValues& values, const Axis& axis, std::uint64_t digit) {
  if (const auto* list = std::get_if<ListAxis>(&axis.values)) {
    values.emplace_back(axis.name, list->values[digit]);
  } else if (const auto* range = std::get_if<RangeAxis>(&axis.values)) {
    values.emplace_back(axis.name, range_value(*range, digit));
  } else {
    const auto& rows = std::get<RowsAxis>(axis.values);
    const auto& row = rows.rows[digit];
    if (rows.columns.empty()) values.emplace_back(axis.name, row.front());
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      values.emplace_back(axis.name + "." + rows.columns[i], row[i]);
    }
  }
}

Result<std::uint64_t> count_product(const std::vector<Axis>& axes) {
  std::uint64_t product = 1;
  for (const Axis& axis : axes) {
    FOZ_CHECK(check_rows(axis));
    const std::uint64_t count = count_of_axis(axis);
    if (count == 0) return fail(Code::invalid, fmt::format("axis '{}' is empty", axis.name));
    if (count > Matrix::k_max_elements / product) {
      return fail(Code::too_large,
                  fmt::format("the matrix has over {} elements", Matrix::k_max_elements));
    }
    product *= count;
  }
  return product;
}

}  // namespace foz::task
