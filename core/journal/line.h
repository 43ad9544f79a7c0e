/// The bytes of the journal's lines, below Record: JSON strings and the checksum at a line's end.
/// Private to this room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foz::journal {

/// Appends `text` as a JSON string with its quotes. A byte that is not UTF-8 becomes \udcXX.
void append_json_string(std::string& out, std::string_view text);

/// Bytes that `text` takes between its quotes.
[[nodiscard]] std::size_t escaped_size(std::string_view text);

/// The longest beginning of `text`, in whole code points, that takes at most `size` bytes between
/// quotes.
[[nodiscard]] std::string_view escaped_prefix(std::string_view text, std::size_t size);

/// `body` is an object without its closing brace: adds the crc member, the brace and LF.
[[nodiscard]] std::string seal(std::string body);

/// What stands before the crc of a line without its LF; nullopt when the line does not end in a
/// crc or the crc differs.
[[nodiscard]] std::optional<std::string_view> unseal(std::string_view line);

/// The header line of a host's file, with LF.
[[nodiscard]] std::string encode_header(std::string_view host, std::int64_t created);
/// The format number of a header line without its LF; nullopt when it is none, or damaged.
[[nodiscard]] std::optional<std::int64_t> decode_header(std::string_view line);

}  // namespace foz::journal
