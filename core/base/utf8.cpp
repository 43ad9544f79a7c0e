#include "core/base/utf8.h"

#include <algorithm>
#include <array>

#include "core/base/result.h"

namespace foz {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t N>
bool is_in(const std::array<Range, N>& ranges, char32_t value) {
  return std::any_of(ranges.begin(), ranges.end(), [value](const Range& range) {
    return value >= range.first && value <= range.last;
  });
}

constexpr std::array<Range, 7> k_unprintable = {
    Range{0x00, 0x1f}, {0x7f, 0x9f},     {0x61c, 0x61c},  {0x200e, 0x200f},
    {0x2028, 0x202e},  {0x2066, 0x2069}, {0xfeff, 0xfeff}};

constexpr std::array<Range, 7> k_combining = {
    Range{0x300, 0x36f}, {0x483, 0x489},   {0x591, 0x5bd},    {0x200b, 0x200d},
    {0x20d0, 0x20ff},    {0xfe00, 0xfe0f}, {0xe0100, 0xe01ef}};

constexpr std::array<Range, 11> k_wide = {
    Range{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0xa4cf},  {0xac00, 0xd7a3},
    {0xf900, 0xfaff},      {0xfe30, 0xfe6f},   {0xff00, 0xff60},  {0xffe0, 0xffe6},
    {0x1f300, 0x1f64f},    {0x1f680, 0x1f9ff}, {0x20000, 0x3fffd}};

/// Bytes that a first byte announces; 0 where no code point begins with it.
std::size_t announced_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  if (first >= 0xf0 && first <= 0xf4) return 4;
  return 0;
}

bool is_scalar_value(char32_t value, std::size_t length) {
  if (length == 3) return value >= 0x800 && (value < 0xd800 || value > 0xdfff);
  if (length == 4) return value >= 0x10000 && value <= 0x10ffff;
  return true;
}

}  // namespace

CodePoint decode_utf8(std::string_view bytes) {
  FOZ_ASSERT(!bytes.empty());
  const auto first = static_cast<unsigned char>(bytes.front());
  const CodePoint bad{first, 1, false};
  const std::size_t length = announced_length(first);
  if (length == 0 || length > bytes.size()) return bad;
  if (length == 1) return {first, 1, true};
  char32_t value = first & (0xffU >> (length + 1));
  for (const char byte : bytes.substr(1, length - 1)) {
    const auto next = static_cast<unsigned char>(byte);
    if ((next & 0xc0U) != 0x80U) return bad;
    value = (value << 6U) | (next & 0x3fU);
  }
  return is_scalar_value(value, length) ? CodePoint{value, length, true} : bad;
}

std::optional<std::size_t> find_invalid_utf8(std::string_view bytes) {
  std::size_t offset = 0;
  while (offset < bytes.size()) {
    const CodePoint point = decode_utf8(bytes.substr(offset));
    if (!point.valid) return offset;
    offset += point.length;
  }
  return std::nullopt;
}

bool is_printable(const CodePoint& point) {
  return point.valid && !is_in(k_unprintable, point.value);
}

int display_width(char32_t value) {
  if (value < 0x300) return 1;
  if (is_in(k_combining, value)) return 0;
  return is_in(k_wide, value) ? 2 : 1;
}

std::size_t count_code_points(std::string_view bytes) {
  std::size_t count = 0;
  for (; !bytes.empty(); ++count) bytes.remove_prefix(decode_utf8(bytes).length);
  return count;
}

}  // namespace foz
