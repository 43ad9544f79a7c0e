#include <algorithm>
#include <array>
#include <string>

#include "core/base/text.h"
#include "core/slurm/types.h"

namespace foz::slurm {

namespace {

using Kind = TimeLimit::Kind;

struct LimitWord {
  std::string_view word;
  Kind kind;
};

constexpr std::array<LimitWord, 8> k_words = {{
    {"unlimited", Kind::unlimited},
    {"infinite", Kind::unlimited},
    {"not_set", Kind::absent},
    {"n/a", Kind::absent},
    {"none", Kind::absent},
    {"(null)", Kind::absent},
    {"", Kind::absent},
    {"partition_limit", Kind::partition},
}};

std::string to_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<TimeLimit> find_word(std::string_view text) {
  const std::string lower = to_lower(text);
  const auto* const found = std::find_if(k_words.begin(), k_words.end(),
                                         [&](const auto& entry) { return entry.word == lower; });
  if (found == k_words.end()) return std::nullopt;
  return TimeLimit{found->kind, Seconds{0}};
}

/// Digits only, and few enough that sums cannot overflow.
std::optional<std::int64_t> parse_field(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || text.empty() || text.size() > 9) return std::nullopt;
  return parse_integer(text);
}

/// The fields between colons, each weighed by the unit at its place.
std::optional<Seconds> parse_clock(std::string_view text, const std::vector<std::int64_t>& units) {
  const auto fields = split(text, ':');
  if (fields.size() > units.size()) return std::nullopt;
  Seconds sum{0};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto value = parse_field(fields[i]);
    if (!value) return std::nullopt;
    sum += Seconds{*value * units[i]};
  }
  return sum;
}

std::optional<Seconds> parse_value(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash != text.npos) {
    const auto days = parse_field(text.substr(0, dash));
    const auto rest = parse_clock(text.substr(dash + 1), {3'600, 60, 1});
    if (!days || !rest) return std::nullopt;
    return Seconds{*days * 86'400} + *rest;
  }
  // Without days the last two fields are minutes and seconds, a lone one is minutes.
  const auto colons = std::count(text.begin(), text.end(), ':');
  return colons == 2 ? parse_clock(text, {3'600, 60, 1}) : parse_clock(text, {60, 1});
}

}  // namespace

std::optional<TimeLimit> parse_time_limit(std::string_view text) {
  const std::string_view word = trim(text);
  if (const auto known = find_word(word)) return known;
  const auto value = parse_value(word);
  if (!value) return std::nullopt;
  return TimeLimit{Kind::value, *value};
}

}  // namespace foz::slurm
