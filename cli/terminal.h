/// The terminal: colour only where there is one and NO_COLOR is not set, its width, and text padded
/// to columns.
#pragma once

#include <string>
#include <string_view>

namespace foz::cli {

enum class Colour { none, red, green, yellow, blue, dim, bold };

/// `text` in that colour where standard output is a terminal that wants it, else as it is.
[[nodiscard]] std::string paint(std::string_view text, Colour colour);
[[nodiscard]] bool is_terminal(int descriptor);
/// Columns of standard output; 80 where it is no terminal.
[[nodiscard]] int terminal_width();

/// Padded with blanks to `width` columns (a longer text stays whole).
[[nodiscard]] std::string pad(std::string_view text, std::size_t width);

void print(std::string_view text);        ///< to standard output, as it is
void print_error(std::string_view text);  ///< to standard error, as it is

}  // namespace foz::cli
