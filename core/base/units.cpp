#include "core/base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "core/base/text.h"

namespace foz {

namespace {

__extension__ using Wide = unsigned __int128;

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::uint64_t k_mebi = 1ULL << 20U;

constexpr std::array<Unit, 12> k_byte_units = {{{"EiB", 1ULL << 60U},
                                                {"PiB", 1ULL << 50U},
                                                {"TiB", 1ULL << 40U},
                                                {"GiB", 1ULL << 30U},
                                                {"MiB", k_mebi},
                                                {"KiB", 1ULL << 10U},
                                                {"B", 1},
                                                {"KB", 1'000},
                                                {"MB", 1'000'000},
                                                {"GB", 1'000'000'000},
                                                {"TB", 1'000'000'000'000},
                                                {"PB", 1'000'000'000'000'000}}};
constexpr std::size_t k_binary_units = 7;

constexpr std::array<Unit, 4> k_time_units = {{{"d", 86'400}, {"h", 3'600}, {"m", 60}, {"s", 1}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits at the front of `text`, taken off it.
std::string_view take_digits(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const std::string_view digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

template <class Int>
std::optional<Int> number_of(std::string_view digits, std::size_t most) {
  Int value = 0;
  if (digits.empty() || digits.size() > most ||
      !std::all_of(digits.begin(), digits.end(), is_digit)) {
    return std::nullopt;
  }
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc{}) return std::nullopt;
  return value;
}

/// whole.fraction × size, rounded up to a whole byte.
std::optional<Bytes> scaled(std::uint64_t whole, std::string_view fraction, std::uint64_t size) {
  Wide scale = 1;
  for (std::size_t i = 0; i < fraction.size(); ++i) scale *= 10;
  const std::uint64_t part = number_of<std::uint64_t>(fraction, 18).value_or(0);
  const Wide total = Wide(whole) * size + (Wide(part) * size + scale - 1) / scale;
  if (total > UINT64_MAX) return std::nullopt;
  return Bytes{static_cast<std::uint64_t>(total)};
}

/// "1d", "4h30m": units fall, none twice.
std::optional<Seconds> parse_united(std::string_view text) {
  Seconds total{0};
  auto next_unit = k_time_units.begin();
  while (!text.empty()) {
    const auto amount = number_of<std::int64_t>(take_digits(text), 9);
    const auto unit = std::find_if(next_unit, k_time_units.end(), [text](const Unit& candidate) {
      return text.starts_with(candidate.name);
    });
    if (!amount || unit == k_time_units.end()) return std::nullopt;
    total += Seconds(*amount * static_cast<std::int64_t>(unit->size));
    text.remove_prefix(unit->name.size());
    next_unit = std::next(unit);
  }
  return total;
}

/// "12:30:00", and the "12:00:00", "12:00" or "12" behind a number of days.
std::optional<Seconds> parse_clock(std::string_view text, bool after_days) {
  const auto fields = split(text, ':');
  if (fields.size() > 3 || (!after_days && fields.size() != 3)) return std::nullopt;
  std::int64_t total = 0;
  std::int64_t size = 3'600;
  for (const std::string_view field : fields) {
    const bool is_hours = size == 3'600;
    const auto value = number_of<std::int64_t>(field, is_hours ? 9 : 2);
    const std::int64_t bound = is_hours ? (after_days ? 24 : INT64_MAX) : 60;
    if (!value || *value >= bound) return std::nullopt;
    total += *value * size;
    size /= 60;
  }
  return Seconds(total);
}

std::optional<Seconds> parse_days_and_clock(std::string_view days, std::string_view clock) {
  const auto count = number_of<std::int64_t>(days, 9);
  const auto rest = parse_clock(clock, true);
  if (!count || !rest) return std::nullopt;
  return Seconds(*count * 86'400) + *rest;
}

}  // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
  const auto whole = number_of<std::uint64_t>(take_digits(text), 20);
  if (!whole) return std::nullopt;
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
    if (fraction.empty() || fraction.size() > 18) return std::nullopt;
  }
  const auto unit = std::find_if(k_byte_units.begin(), k_byte_units.end(), [text](const Unit& u) {
    return u.name == text || (u.name == "KB" && text == "kB");
  });
  if (unit == k_byte_units.end()) return std::nullopt;
  return scaled(*whole, fraction, unit->size);
}

std::uint64_t to_mebibytes(Bytes bytes) {
  return bytes.count / k_mebi + (bytes.count % k_mebi != 0 ? 1 : 0);
}

std::string format_bytes(Bytes bytes) {
  if (bytes.count == 0) return "0B";
  const auto unit = std::find_if(k_byte_units.begin(), k_byte_units.begin() + k_binary_units,
                                 [bytes](const Unit& u) { return bytes.count % u.size == 0; });
  return fmt::format("{}{}", bytes.count / unit->size, unit->name);
}

std::optional<Seconds> parse_duration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::size_t dash = text.find('-');
  if (dash != text.npos) return parse_days_and_clock(text.substr(0, dash), text.substr(dash + 1));
  if (text.find(':') != text.npos) return parse_clock(text, false);
  return parse_united(text);
}

std::string format_slurm_time(Seconds duration) {
  const std::int64_t total = std::max<std::int64_t>(duration.count(), 0);
  const std::int64_t days = total / 86'400;
  const std::int64_t hours = total / 3'600 % 24;
  const std::string rest = fmt::format("{:02}:{:02}", total / 60 % 60, total % 60);
  return days > 0 ? fmt::format("{}-{:02}:{}", days, hours, rest)
                  : fmt::format("{}:{}", hours, rest);
}

std::string format_duration(Seconds duration) {
  std::uint64_t rest = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  if (rest == 0) return "0s";
  std::string out;
  for (const Unit& unit : k_time_units) {
    if (rest >= unit.size) out += fmt::format("{}{}", rest / unit.size, unit.name);
    rest %= unit.size;
  }
  return out;
}

}  // namespace foz
