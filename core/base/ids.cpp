#include "core/base/ids.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/result.h"

namespace foz {

namespace {

constexpr std::size_t k_longest_name = 64;

constexpr std::array<const char*, 32> k_adjectives = {
    "amber", "bold",  "brave", "bright", "brisk", "calm",   "clear", "cool",
    "deep",  "early", "fair",  "fast",   "fresh", "gentle", "glad",  "gold",
    "grand", "green", "keen",  "kind",   "light", "lucid",  "mild",  "quick",
    "quiet", "rapid", "sharp", "silver", "still", "sunny",  "swift", "warm"};

constexpr std::array<const char*, 32> k_nouns = {
    "bank",  "basin", "bay",   "bend",  "bridge", "brook",  "canal", "cape",
    "coast", "creek", "delta", "dune",  "ferry",  "fjord",  "ford",  "gulf",
    "inlet", "isle",  "lake",  "marsh", "mill",   "pier",   "pool",  "port",
    "rain",  "reed",  "reef",  "river", "shore",  "spring", "tide",  "wave"};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

bool is_word(std::string_view text) {
  return text.size() >= 3 && text.size() <= 12 && std::all_of(text.begin(), text.end(), is_lower);
}

}  // namespace

bool is_safe_name(std::string_view name) {
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '_' || c == '-'; };
  return !name.empty() && name.size() <= k_longest_name && is_letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::string make_run_id(std::uint64_t random_bits) {
  const auto adjective = k_adjectives[random_bits % k_adjectives.size()];
  const auto noun = k_nouns[(random_bits >> 16U) % k_nouns.size()];
  return fmt::format("{}-{}-{:04x}", adjective, noun, (random_bits >> 32U) & 0xffffU);
}

bool is_run_id(std::string_view text) {
  const std::size_t first = text.find('-');
  const std::size_t second = first == text.npos ? text.npos : text.find('-', first + 1);
  if (second == text.npos) return false;
  const std::string_view digits = text.substr(second + 1);
  return is_word(text.substr(0, first)) && is_word(text.substr(first + 1, second - first - 1)) &&
         digits.size() == 4 && std::all_of(digits.begin(), digits.end(), is_hex);
}

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  ssize_t count = 0;
  do {
    count = getrandom(&bits, sizeof bits, 0);
  } while (count < 0 && errno == EINTR);
  FOZ_ASSERT(count == sizeof bits);
  return bits;
}

}  // namespace foz
