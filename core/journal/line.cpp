#include "core/journal/line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>

#include "core/base/text.h"
#include "core/base/utf8.h"

namespace foz::journal {

namespace {

constexpr std::string_view k_crc_member = R"(,"crc":")";
constexpr std::size_t k_crc_digits = 8;
constexpr std::size_t k_seal_size = k_crc_member.size() + k_crc_digits + 2;  // "}
constexpr std::string_view k_header_start = R"({"foz_journal":)";
constexpr std::string_view k_hex = "0123456789abcdef";

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

/// One code point, as it stands between quotes: at most 6 bytes.
struct Escaped {
  std::array<char, 6> bytes{};
  std::size_t size = 0;
};

Escaped escape_short(char letter) {
  return {{'\\', letter}, 2};
}

Escaped escape_long(std::string_view first, unsigned char byte) {
  return {{'\\', 'u', first[0], first[1], k_hex[byte >> 4U], k_hex[byte & 15U]}, 6};
}

Escaped escape(const CodePoint& point, std::string_view bytes) {
  const auto byte = static_cast<unsigned char>(bytes.front());
  if (!point.valid) return escape_long("dc", byte);
  if (byte == '"' || byte == '\\') return escape_short(bytes.front());
  if (byte == '\n') return escape_short('n');
  if (byte == '\t') return escape_short('t');
  if (byte == '\r') return escape_short('r');
  if (byte < 0x20) return escape_long("00", byte);
  Escaped same;
  std::copy_n(bytes.begin(), point.length, same.bytes.begin());
  same.size = point.length;
  return same;
}

/// Calls `take(escaped bytes, bytes of text used)` for runs and code points until it says false.
template <class Take>
void walk(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const auto run = static_cast<std::size_t>(
        std::distance(text.begin(), std::find_if_not(text.begin(), text.end(), is_plain)));
    if (run > 0) {
      if (!take(text.substr(0, run), run)) return;
      text.remove_prefix(run);
      continue;
    }
    const CodePoint point = decode_utf8(text);
    const Escaped escaped = escape(point, text.substr(0, point.length));
    if (!take(std::string_view(escaped.bytes.data(), escaped.size), point.length)) return;
    text.remove_prefix(point.length);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  walk(text, [&out](std::string_view escaped, std::size_t) {
    out += escaped;
    return true;
  });
  out += '"';
}

std::size_t escaped_size(std::string_view text) {
  std::size_t size = 0;
  walk(text, [&size](std::string_view escaped, std::size_t) {
    size += escaped.size();
    return true;
  });
  return size;
}

std::string_view escaped_prefix(std::string_view text, std::size_t size) {
  std::size_t room = size;
  std::size_t used = 0;
  walk(text, [&room, &used](std::string_view escaped, std::size_t taken) {
    const bool is_run = taken > 1 && taken == escaped.size() && is_plain(escaped.front());
    const std::size_t fits = escaped.size() <= room ? taken : (is_run ? room : 0);
    used += fits;
    room -= std::min(room, escaped.size());
    return fits == taken;
  });
  return text.substr(0, used);
}

std::string seal(std::string body) {
  const std::uint32_t crc = crc32(body);
  fmt::format_to(std::back_inserter(body), "{}{:08x}\"}}\n", k_crc_member, crc);
  return body;
}

std::optional<std::string_view> unseal(std::string_view line) {
  if (line.size() < k_seal_size || !line.ends_with("\"}")) return std::nullopt;
  const std::string_view body = line.substr(0, line.size() - k_seal_size);
  std::string_view seal = line.substr(body.size());
  if (!seal.starts_with(k_crc_member)) return std::nullopt;
  seal.remove_prefix(k_crc_member.size());
  const std::uint32_t crc = crc32(body);
  for (std::size_t digit = 0; digit < k_crc_digits; ++digit) {
    const unsigned shift = 4U * static_cast<unsigned>(k_crc_digits - 1 - digit);
    if (seal[digit] != k_hex[(crc >> shift) & 15U]) return std::nullopt;
  }
  return body;
}

std::string encode_header(std::string_view host, std::int64_t created) {
  std::string body = fmt::format("{}1,\"host\":", k_header_start);
  append_json_string(body, host);
  fmt::format_to(std::back_inserter(body), ",\"created\":{}", created);
  return seal(std::move(body));
}

std::optional<std::int64_t> decode_header(std::string_view line) {
  const auto body = unseal(line);
  if (!body || !body->starts_with(k_header_start)) return std::nullopt;
  const std::string_view rest = body->substr(k_header_start.size());
  std::int64_t format = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), format);
  if (error != std::errc{}) return std::nullopt;
  return format;
}

}  // namespace foz::journal
