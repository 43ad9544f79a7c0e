#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/slurm/helper_wire.h"

namespace foz::slurm {

std::string to_wire(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xc0U | (byte >> 6U));
      text += static_cast<char>(0x80U | (byte & 0x3fU));
    }
  }
  return text;
}

std::string from_wire(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (point.valid && point.value < 0x100) {
      bytes += static_cast<char>(point.value);
    } else {
      bytes += text.substr(0, point.length);
    }
    text.remove_prefix(point.length);
  }
  return bytes;
}

}  // namespace foz::slurm
