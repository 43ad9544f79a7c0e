/// The terminal: colour only where there is one and NO_COLOR is not set, its width, and text padded
/// to columns.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace foz::cli {

enum class Colour { none, red, green, yellow, blue, dim, bold };

/// `text` in that colour where standard output is a terminal that wants it, else as it is.
[[nodiscard]] std::string paint(std::string_view text, Colour colour);
[[nodiscard]] bool is_terminal(int descriptor);
/// Columns of standard output, or what COLUMNS says where it is no terminal; nullopt: nobody says.
[[nodiscard]] std::optional<std::size_t> screen_width();

/// printable(), but a line break stays one: the lines behind the first are indented.
[[nodiscard]] std::string printable_lines(std::string_view text, std::string_view indent);

/// Padded with blanks to `width` columns (a longer text stays whole).
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);

/// At most `width` columns, the last one "~" where something is cut off.
[[nodiscard]] std::string cut(std::string_view text, std::size_t width);

void print(std::string_view text);        ///< to standard output, as it is
void print_error(std::string_view text);  ///< to standard error, as it is

}  // namespace foz::cli
