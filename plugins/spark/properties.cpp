#include "plugins/spark/properties.h"

namespace foz::spark {

namespace {

/// What java.util.Properties would read otherwise; `more` are further characters that end a key.
std::string escaped(std::string_view text, std::string_view more) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\\' || more.find(c) != more.npos || (c == ' ' && out.empty())) {
      out += '\\';
      out += c;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string to_text(const Properties& properties) {
  std::string out;
  for (const auto& [key, value] : properties) {
    out += escaped(key, " :=#!") + "=" + escaped(value, "") + "\n";
  }
  return out;
}

}  // namespace foz::spark
