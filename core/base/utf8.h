/// UTF-8 one code point at a time, for all that shows or checks text from outside. Knows no locale.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace foz {

/// What stands at the beginning of some bytes.
struct CodePoint {
  char32_t value = 0;
  std::size_t length = 1;  ///< bytes taken, at least 1
  bool valid = false;      ///< false: a byte that is not UTF-8 (length 1, value the byte)
};

/// The first code point of `bytes`, which must not be empty. Overlong forms, surrogates and values
/// over U+10FFFF are not valid.
[[nodiscard]] CodePoint decode_utf8(std::string_view bytes);

/// The offset of the first byte that is not UTF-8.
[[nodiscard]] std::optional<std::size_t> find_invalid_utf8(std::string_view bytes);

/// False for what may move a cursor, colour a terminal or reorder text: controls, DEL, C1,
/// direction marks, line and paragraph separators, and bytes that are not UTF-8.
[[nodiscard]] bool is_printable(const CodePoint& point);

/// Columns of a terminal taken by a printable code point: 0 (combining), 1 or 2 (East Asian wide,
/// emoji).
[[nodiscard]] int display_width(char32_t value);

/// Code points in `bytes`; a byte that is not UTF-8 counts as one.
[[nodiscard]] std::size_t count_code_points(std::string_view bytes);

}  // namespace foz
