/// Bytes in a JSON text, none lost. JSON is UTF-8, a path or a variable of Unix need not be: a byte
/// that is not UTF-8 is written as U+0000 and two hex digits ("\u0000e9"), which no such value can
/// hold, and comes back as it was. Text that is UTF-8 stays readable as it is.
#pragma once

#include <string>
#include <string_view>

namespace foz::task {

/// `bytes` as UTF-8; a zero byte is escaped too.
[[nodiscard]] std::string to_json_text(std::string_view bytes);
/// The bytes again. A U+0000 without two hex digits behind it stays.
[[nodiscard]] std::string from_json_text(std::string_view text);

}  // namespace foz::task
