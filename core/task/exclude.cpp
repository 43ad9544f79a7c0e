#include "core/task/exclude.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/base/text.h"
#include "core/task/axis.h"

namespace foz::task {

namespace {

using Digits = std::vector<std::uint64_t>;  ///< sorted

/// What `except` entries name, found fast however many entries and values there are.
class Excluder {
 public:
  explicit Excluder(const std::vector<Axis>& axes) : axes_(axes) {
    for (const Axis& axis : axes) counts_.push_back(count_of_axis(axis));
  }

  Result<void> add(const MatrixValues& entry) {
    std::vector<std::optional<Digits>> chosen(axes_.size());
    for (const auto& [key, value] : entry) FOZ_CHECK(choose(chosen, key, value));
    std::uint64_t matches = entry.empty() ? 0 : 1;
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      matches *= chosen[i] ? chosen[i]->size() : counts_[i];
    }
    if (matches == 0) return fail(Code::invalid, "an 'except' entry matches no element");
    if (matches > k_max_excluded - positions_.size()) {
      return fail(Code::too_large,
                  fmt::format("'except' takes away over {} elements", k_max_excluded));
    }
    append(chosen);
    return {};
  }

  std::vector<std::uint64_t> sorted() && {
    std::sort(positions_.begin(), positions_.end());
    positions_.erase(std::unique(positions_.begin(), positions_.end()), positions_.end());
    return std::move(positions_);
  }

 private:
  using Index = std::unordered_map<std::string_view, Digits>;

  Result<void> choose(std::vector<std::optional<Digits>>& chosen, const std::string& key,
                      const std::string& value) {
    FOZ_TRY(const std::size_t axis, axis_of(key));
    FOZ_TRY(Digits digits, digits_of(axis, key, value));
    if (digits.empty()) {
      return fail(Code::invalid, fmt::format("'except' names {}, which is no value of axis '{}'",
                                             quoted(value), key));
    }
    if (!chosen[axis]) {
      chosen[axis] = std::move(digits);
      return {};
    }
    Digits both;
    std::set_intersection(digits.begin(), digits.end(), chosen[axis]->begin(), chosen[axis]->end(),
                          std::back_inserter(both));
    chosen[axis] = std::move(both);
    return {};
  }

  Result<std::size_t> axis_of(std::string_view key) const {
    const std::string_view name = key.substr(0, key.find('.'));
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i].name == name) return i;
    }
    return fail(Code::invalid,
                fmt::format("'except' names '{}', which is no axis", printable(key)));
  }

  Result<Digits> digits_of(std::size_t axis, const std::string& key, const std::string& value) {
    if (const auto* range = std::get_if<RangeAxis>(&axes_[axis].values)) {
      if (key != axes_[axis].name) return fail_column(axes_[axis], key);
      return digits_of_range(*range, counts_[axis], value);
    }
    const auto known = indices_.find(key);
    if (known == indices_.end()) {
      FOZ_TRY(Index index, index_of(axes_[axis], key));
      return find_in(indices_.emplace(key, std::move(index)).first->second, value);
    }
    return find_in(known->second, value);
  }

  static Digits find_in(const Index& index, std::string_view value) {
    const auto found = index.find(value);
    return found == index.end() ? Digits{} : found->second;
  }

  static Digits digits_of_range(const RangeAxis& range, std::uint64_t count,
                                std::string_view value) {
    const auto number = parse_integer(value);
    if (!number) return {};
    const auto distance =
        static_cast<std::uint64_t>(*number) - static_cast<std::uint64_t>(range.first);
    const auto step = static_cast<std::uint64_t>(range.step);
    const std::uint64_t digit = range.step > 0 ? distance / step : (~distance + 1) / (~step + 1);
    if (digit >= count || range_value(range, digit) != value) return {};
    return {digit};
  }

  static Result<Index> index_of(const Axis& axis, std::string_view key) {
    Index index;
    if (const auto* list = std::get_if<ListAxis>(&axis.values)) {
      if (key != axis.name) return fail_column(axis, key);
      for (std::size_t i = 0; i < list->values.size(); ++i) index[list->values[i]].push_back(i);
      return index;
    }
    const auto& rows = std::get<RowsAxis>(axis.values);
    FOZ_TRY(const std::size_t column, column_of(axis, rows, key));
    for (std::size_t i = 0; i < rows.rows.size(); ++i) index[rows.rows[i][column]].push_back(i);
    return index;
  }

  static Result<std::size_t> column_of(const Axis& axis, const RowsAxis& rows,
                                       std::string_view key) {
    if (rows.columns.empty() && key == axis.name) return 0;
    for (std::size_t i = 0; i < rows.columns.size(); ++i) {
      if (key == axis.name + "." + rows.columns[i]) return i;
    }
    return fail_column(axis, key);
  }

  static tl::unexpected<Error> fail_column(const Axis& axis, std::string_view key) {
    return fail(Code::invalid, fmt::format("'except' names '{}', which is no column of axis '{}'",
                                           printable(key), axis.name));
  }

  /// Positions of every combination of the chosen digits: an odometer, last axis fastest.
  void append(const std::vector<std::optional<Digits>>& chosen) {
    std::vector<std::uint64_t> wheel(axes_.size());
    do {
      std::uint64_t position = 0;
      for (std::size_t i = 0; i < wheel.size(); ++i) {
        position = position * counts_[i] + (chosen[i] ? (*chosen[i])[wheel[i]] : wheel[i]);
      }
      positions_.push_back(position);
    } while (turn(wheel, chosen));
  }

  /// False when every wheel is back at its beginning.
  bool turn(std::vector<std::uint64_t>& wheel, const std::vector<std::optional<Digits>>& chosen) {
    for (std::size_t i = wheel.size(); i-- > 0;) {
      if (++wheel[i] < (chosen[i] ? chosen[i]->size() : counts_[i])) return true;
      wheel[i] = 0;
    }
    return false;
  }

  const std::vector<Axis>& axes_;
  std::vector<std::uint64_t> counts_;
  std::unordered_map<std::string, Index> indices_;  ///< by key, made when first asked
  std::vector<std::uint64_t> positions_;
};

}  // namespace

Exclusion exclude(const std::vector<Axis>& axes, const std::vector<MatrixValues>& except) {
  Excluder excluder(axes);
  Exclusion exclusion;
  for (std::size_t i = 0; i < except.size(); ++i) {
    if (auto added = excluder.add(except[i]); !added) {
      exclusion.mistakes.push_back({i, std::move(added.error())});
    }
  }
  exclusion.positions = std::move(excluder).sorted();
  return exclusion;
}

}  // namespace foz::task
