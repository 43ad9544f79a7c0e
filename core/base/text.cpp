#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "core/base/result.h"
#include "core/base/utf8.h"

namespace foz {

namespace {

constexpr std::string_view k_blanks = " \t\r\n\v\f";

constexpr std::array<std::string_view, 20> k_shell_words = {
    "case", "coproc", "do",     "done", "elif", "else",  "esac",  "fi",    "for",  "function",
    "if",   "in",     "select", "then", "time", "until", "while", "alias", "exec", "eval"};

/// Whether a shell takes the word as it stands, wherever it stands.
bool is_plain_shell_word(std::string_view word) {
  if (word.empty()) return false;
  if (std::find(k_shell_words.begin(), k_shell_words.end(), word) != k_shell_words.end()) {
    return false;
  }
  const bool is_option = word.front() == '-';  // elsewhere a '=' may make it an assignment
  return std::all_of(word.begin(), word.end(), [is_option](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("_@%+:,./-").find(c) != std::string_view::npos ||
           (is_option && c == '=');
  });
}

void append_escaped(std::string& out, std::string_view bytes) {
  for (const char byte : bytes) {
    if (byte == '\n') {
      out += "\\n";
    } else if (byte == '\t') {
      out += "\\t";
    } else if (byte == '\r') {
      out += "\\r";
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(byte));
    }
  }
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
    }
    table[i] = value;
  }
  return table;
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(),
                     [text](std::string_view ending) { return text.ends_with(ending); });
}

std::string plural(std::string_view noun) {
  if (ends_with_any(noun, {"s", "x", "ch", "sh"})) return std::string(noun) + "es";
  if (noun.ends_with('y') && !ends_with_any(noun, {"ay", "ey", "oy", "uy"})) {
    return std::string(noun.substr(0, noun.size() - 1)) + "ies";
  }
  return std::string(noun) + "s";
}

/// A number that is all of `text`; a '+' may stand before it, as from_chars takes none.
template <class T>
std::optional<T> parse_whole(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  T value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator, std::size_t limit) {
  std::vector<std::string_view> pieces;
  while (pieces.size() + 1 < limit) {
    const std::size_t end = text.find(separator);
    if (end == text.npos) break;
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  pieces.push_back(text);
  return pieces;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(k_blanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(k_blanks) - begin + 1);
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
  return fmt::format("{}", fmt::join(pieces, separator));
}

std::string shell_quote(std::string_view word) {
  FOZ_ASSERT(word.find('\0') == word.npos);  // no shell can say it; readers of user input refuse it
  if (is_plain_shell_word(word)) return std::string(word);
  std::string out = "'";
  for (const char c : word) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string shell_quote(const std::vector<std::string>& words) {
  std::vector<std::string> pieces;
  pieces.reserve(words.size());
  for (const std::string& word : words) pieces.push_back(shell_quote(std::string_view(word)));
  return join(pieces, " ");
}

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    const std::string_view encoded = bytes.substr(0, point.length);
    if (is_printable(point)) {
      out += encoded;
    } else {
      append_escaped(out, encoded);
    }
    bytes.remove_prefix(point.length);
  }
  return out;
}

std::string quoted(std::string_view bytes) {
  return '"' + printable(bytes) + '"';
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  return parse_whole<std::int64_t>(text);
}

std::optional<double> parse_number(std::string_view text) {
  const auto value = parse_whole<double>(text);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

std::uint32_t crc32(std::string_view bytes) {
  static constexpr auto k_table = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc = k_table[(crc ^ static_cast<unsigned char>(byte)) & 0xffU] ^ (crc >> 8U);
  }
  return ~crc;
}

std::string count_of(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}", count, count == 1 ? std::string(noun) : plural(noun));
}

}  // namespace foz
