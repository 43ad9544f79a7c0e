#include "core/task/json_text.h"

#include <fmt/format.h>

#include <charconv>
#include <iterator>
#include <optional>

#include "core/base/utf8.h"

namespace foz::task {

namespace {

constexpr std::size_t k_escape_length = 3;

std::optional<char> byte_of(std::string_view digits) {
  unsigned char byte = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, byte, 16);
  if (error != std::errc{} || stop != end || digits.size() != k_escape_length - 1) {
    return std::nullopt;
  }
  return static_cast<char>(byte);
}

}  // namespace

std::string to_json_text(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const CodePoint point = decode_utf8(bytes);
    if (point.valid && point.value != 0) {
      out += bytes.substr(0, point.length);
    } else {
      out += '\0';
      fmt::format_to(std::back_inserter(out), "{:02x}", static_cast<unsigned char>(bytes.front()));
    }
    bytes.remove_prefix(point.length);
  }
  return out;
}

std::string from_json_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t plain = text.find('\0');
    out += text.substr(0, plain);
    if (plain == text.npos) break;
    text.remove_prefix(plain);
    const auto byte = byte_of(text.substr(1, k_escape_length - 1));
    out += byte.value_or('\0');
    text.remove_prefix(byte ? k_escape_length : 1);
  }
  return out;
}

}  // namespace foz::task
