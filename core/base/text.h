/// Small pure functions on text: splitting, quoting for a shell, showing bytes safely on a
/// terminal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foz {

/// Pieces between `separator`s, empty ones kept; at most `limit` pieces, the last one holding the
/// rest.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator,
                                                  std::size_t limit = SIZE_MAX);
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// One word for a POSIX shell that gives back exactly these bytes: the one quoting function of foz.
/// Safe words stay as they are.
[[nodiscard]] std::string shell_quote(std::string_view word);
[[nodiscard]] std::string shell_quote(const std::vector<std::string>& words);

/// Control characters, DEL and bytes that are not UTF-8 shown as \xNN, \n, \t: nothing from outside
/// can move a cursor or colour a terminal.
[[nodiscard]] std::string printable(std::string_view bytes);
/// printable(), in double quotes.
[[nodiscard]] std::string quoted(std::string_view bytes);
/// The same: without these, a std::string would find std::quoted by its argument.
[[nodiscard]] inline std::string quoted(const std::string& bytes) {
  return quoted(std::string_view(bytes));
}
[[nodiscard]] inline std::string quoted(std::string& bytes) {
  return quoted(std::string_view(bytes));
}
[[nodiscard]] inline std::string quoted(const char* bytes) {
  return quoted(std::string_view(bytes));
}

/// A decimal integer with optional sign, all of `text`; nullopt otherwise.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// A finite decimal number with optional sign, point and exponent, all of `text`.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);

/// CRC-32 (IEEE 802.3, reflected, as zlib's crc32) of `bytes`.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes);

/// "1 task", "2 tasks".
[[nodiscard]] std::string count_of(std::uint64_t count, std::string_view noun);

}  // namespace foz
