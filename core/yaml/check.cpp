#include "core/yaml/check.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/yaml/tree.h"

namespace foz::yaml {

namespace {

bool is_refused_control(std::string_view text, std::size_t offset, char32_t value) {
  if (value == U'\r') return text.substr(offset + 1, 1) != "\n";
  return (value < 0x20 && value != U'\n' && value != U'\t') || value == 0x7f;
}

std::string say_what(std::string_view text, std::size_t offset, const CodePoint& point) {
  if (!point.valid)
    return fmt::format("the byte {} is not UTF-8", printable(text.substr(offset, 1)));
  if (point.value == 0) return "a zero byte: this is not a text file";
  return fmt::format("the control character {} is not allowed", printable(text.substr(offset, 1)));
}

bool is_utf16(std::string_view text) {
  return text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
}

std::string how_to_mend(std::string_view text, std::size_t offset, const CodePoint& point) {
  if (is_utf16(text)) return "the file looks like UTF-16: save it as UTF-8";
  if (!point.valid) return "save the file as UTF-8";
  if (point.value == U'\r') return "end lines with \\n or \\r\\n";
  if (point.value == 0) return {};
  return fmt::format("write it as an escape in double quotes: \"{}\"",
                     printable(text.substr(offset, 1)));
}

bool check_size(const Source& source, Diagnostics& diagnostics) {
  const std::size_t size = source.text().size();
  if (size <= k_max_bytes) return true;
  diagnostics.error(source.whole(),
                    fmt::format("the file has {} bytes, {} are allowed", size, k_max_bytes));
  return false;
}

bool check_characters(const Source& source, Diagnostics& diagnostics) {
  const std::string_view text = source.text();
  for (std::size_t offset = 0; offset < text.size();) {
    const CodePoint point = decode_utf8(text.substr(offset));
    if (!point.valid || is_refused_control(text, offset, point.value)) {
      diagnostics.error(source.range(source.place_at(offset), 1), say_what(text, offset, point),
                        how_to_mend(text, offset, point));
      return false;
    }
    offset += point.length;
  }
  return true;
}

/// The library takes any line that begins with '%' for a directive, and what it says for gone.
bool check_no_directives(const Source& source, Diagnostics& diagnostics) {
  for (int line = 0; line < source.line_count(); ++line) {
    if (!source.line(line).starts_with('%')) continue;
    diagnostics.error(source.range(source.place(line, 0)), "a line cannot begin with '%'",
                      "leave out a '%YAML' line; indent what belongs to a text");
    return false;
  }
  return true;
}

}  // namespace

bool check_text(const Source& source, Diagnostics& diagnostics) {
  return check_size(source, diagnostics) && check_characters(source, diagnostics) &&
         check_no_directives(source, diagnostics);
}

}  // namespace foz::yaml
