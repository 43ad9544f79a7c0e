#include "core/yaml/scalar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace foz::yaml {

namespace {

/// Reports that `node` is not `expected` ("an integer").
std::nullopt_t refuse(const Node& node, std::string_view name, std::string_view expected,
                      Diagnostics& diagnostics, std::string hint = {}) {
  diagnostics.error(node.where,
                    fmt::format("'{}' must be {}, got {}", name, expected, describe(node)),
                    std::move(hint));
  return std::nullopt;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string_view without_sign(std::string_view text) {
  return text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
}

/// Digits without leading zeros, a minus at most before them.
bool is_plain_integer(std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  return is_digits(digits) && (digits.size() == 1 || digits.front() != '0');
}

std::string without_zeros(std::string_view digits) {
  const std::size_t begin = digits.find_first_not_of('0');
  return std::string(begin == digits.npos ? "0" : digits.substr(begin));
}

std::string integer_hint(const Node& node) {
  if (!node.is_scalar()) return {};
  const std::string_view digits = without_sign(node.text);
  if (is_plain_integer(node.text)) {
    return node.plain ? "this number is too large" : "leave out the quotes";
  }
  if (!is_digits(digits)) return {};
  if (node.text.starts_with('+')) return fmt::format("write {}", without_zeros(digits));
  return fmt::format("write {}{}: leading zeros are not allowed here",
                     node.text.starts_with('-') ? "-" : "", without_zeros(digits));
}

std::string bool_hint(const Node& node) {
  static constexpr std::array<std::string_view, 5> k_true = {"true", "yes", "on", "y", "1"};
  static constexpr std::array<std::string_view, 5> k_false = {"false", "no", "off", "n", "0"};
  std::string word = node.text.substr(0, 8);
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!node.plain && (node.text == "true" || node.text == "false")) return "leave out the quotes";
  if (std::find(k_true.begin(), k_true.end(), word) != k_true.end()) return "write true";
  if (std::find(k_false.begin(), k_false.end(), word) != k_false.end()) return "write false";
  return {};
}

std::string duration_hint(std::string_view text) {
  if (is_digits(text) && text.size() <= 9)
    return fmt::format("give a unit: {0}s, {0}m, {0}h or {0}d", text);
  return "write it like 90s, 30m, 4h, 2d, 1h30m, 12:30:00 or 1-12:00:00";
}

std::string bytes_hint(std::string_view text) {
  const std::string_view number = text.substr(0, text.find_first_not_of("0123456789."));
  const std::string_view unit = text.substr(number.size());
  if (!number.empty() && number.size() <= 18 && unit.empty()) {
    return fmt::format("give a unit: {0}MiB, {0}GiB, {0}GB", number);
  }
  const bool is_letter = unit.size() == 1 && std::string_view("kKMGTP").find(unit) != unit.npos;
  if (!number.empty() && number.size() <= 18 && is_letter) {
    const char letter = unit == "k" ? 'K' : unit.front();
    return fmt::format("say which: {0}{1}iB (powers of 1024) or {0}{1}B (powers of 1000)", number,
                       letter);
  }
  return "write it like 512MiB, 120GiB or 1.5TB";
}

}  // namespace

std::optional<std::int64_t> as_integer(const Node& node, std::string_view name,
                                       Diagnostics& diagnostics) {
  const bool is_one = node.is_scalar() && node.plain && is_plain_integer(node.text);
  const auto value = is_one ? parse_integer(node.text) : std::nullopt;
  if (value) return value;
  return refuse(node, name, "an integer", diagnostics, integer_hint(node));
}

std::optional<std::int64_t> as_integer_between(const Node& node, std::string_view name,
                                               std::int64_t least, std::int64_t most,
                                               Diagnostics& diagnostics) {
  const auto value = as_integer(node, name, diagnostics);
  if (!value || (*value >= least && *value <= most)) return value;
  const bool is_low = *value < least;
  diagnostics.error(node.where,
                    fmt::format("'{}' must be at {} {}, got {}", name, is_low ? "least" : "most",
                                is_low ? least : most, *value));
  return std::nullopt;
}

std::optional<bool> as_bool(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  if (node.is_scalar() && node.plain && node.text == "true") return true;
  if (node.is_scalar() && node.plain && node.text == "false") return false;
  return refuse(node, name, "true or false", diagnostics,
                node.is_scalar() ? bool_hint(node) : std::string());
}

std::optional<std::string> as_string(const Node& node, std::string_view name,
                                     Diagnostics& diagnostics) {
  if (node.is_scalar()) return node.text;
  return refuse(node, name, "a text", diagnostics,
                node.is_null() && !node.text.empty() ? "put it in quotes" : "");
}

std::optional<Seconds> as_duration(const Node& node, std::string_view name,
                                   Diagnostics& diagnostics) {
  const auto value = node.is_scalar() ? parse_duration(node.text) : std::nullopt;
  if (value) return value;
  return refuse(node, name, "a duration", diagnostics, duration_hint(node.text));
}

std::optional<Bytes> as_bytes(const Node& node, std::string_view name, Diagnostics& diagnostics) {
  const auto value = node.is_scalar() ? parse_bytes(node.text) : std::nullopt;
  if (value) return value;
  return refuse(node, name, "a number of bytes with a unit", diagnostics, bytes_hint(node.text));
}

}  // namespace foz::yaml
