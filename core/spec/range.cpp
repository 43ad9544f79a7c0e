#include "core/spec/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/text.h"

namespace foz::spec {

namespace {

constexpr std::string_view k_dots = "..";

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Words {
  std::string_view first, last, step;
};

std::optional<Words> words_of(std::string_view text) {
  Words words;
  const std::size_t dots = text.find(k_dots);
  if (dots == text.npos) return std::nullopt;
  words.first = text.substr(0, dots);
  words.last = text.substr(dots + k_dots.size());
  const std::size_t more = words.last.find(k_dots);
  if (more != words.last.npos) {
    words.step = words.last.substr(more + k_dots.size());
    words.last = words.last.substr(0, more);
    if (!is_number(words.step)) return std::nullopt;
  }
  if (!is_number(words.first) || !is_number(words.last)) return std::nullopt;
  return words;
}

bool has_zeros(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  return number.size() > 1 && number.front() == '0';
}

tl::unexpected<RangeError> refuse(std::string message, std::string hint = {}) {
  return tl::unexpected<RangeError>({std::move(message), std::move(hint)});
}

tl::expected<int, RangeError> width_of(const Words& words) {
  if (!has_zeros(words.first) && !has_zeros(words.last)) return 0;
  if (words.first.starts_with('-') || words.last.starts_with('-')) {
    return refuse("a range with leading zeros cannot be negative");
  }
  if (words.first.size() != words.last.size()) {
    return refuse("both ends of a range with leading zeros must have the same width");
  }
  return static_cast<int>(words.first.size());
}

}  // namespace

bool looks_like_range(std::string_view text) {
  return words_of(text).has_value();
}

tl::expected<task::RangeAxis, RangeError> parse_range(std::string_view text) {
  const auto words = words_of(text);
  FOZ_ASSERT(words);
  const auto first = parse_integer(words->first);
  const auto last = parse_integer(words->last);
  const auto step = parse_integer(words->step.empty() ? "1" : words->step);
  if (!first || !last || !step) return refuse("a number of this range is too large");
  if (*step == 0) return refuse("the step of a range cannot be 0");
  if (*step > 0 ? *first > *last : *first < *last) {
    return refuse(fmt::format("the range {} is empty: it runs from {} to {} in steps of {}", text,
                              *first, *last, *step),
                  words->step.empty()
                      ? fmt::format("write {1}..{0}, or {0}..{1}..-1", words->first, words->last)
                      : "");
  }
  const auto width = width_of(*words);
  if (!width) return tl::unexpected<RangeError>(width.error());
  return task::RangeAxis{*first, *last, *step, *width};
}

}  // namespace foz::spec
