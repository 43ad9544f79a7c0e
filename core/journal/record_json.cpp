/// Records as lines. Written and read by hand: a status of 10,000 tasks decodes tens of thousands
/// of them, and only what encode() writes is a record.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "core/base/text.h"
#include "core/journal/journal.h"
#include "core/journal/line.h"

namespace foz::journal {

namespace {

void append_scalar(std::string& out, const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    append_json_string(out, *text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return std::nullopt;
}

/// Takes a record's text apart from the left. Every take says whether it succeeded.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const { return text_.empty(); }

  bool take(std::string_view literal) {
    if (!text_.starts_with(literal)) return false;
    text_.remove_prefix(literal.size());
    return true;
  }

  template <class Integer>
  std::optional<Integer> take_integer() {
    Integer value{};
    const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
    return value;
  }

  std::optional<std::string> take_string() {
    if (!take("\"")) return std::nullopt;
    std::size_t end = text_.find_first_of("\"\\");
    if (end == text_.npos) return std::nullopt;
    std::string out(text_.substr(0, end));
    while (text_[end] == '\\') {
      text_.remove_prefix(end + 1);
      if (!take_escape(out)) return std::nullopt;
      end = text_.find_first_of("\"\\");
      if (end == text_.npos) return std::nullopt;
      out += text_.substr(0, end);
    }
    text_.remove_prefix(end + 1);
    return out;
  }

  std::optional<Scalar> take_scalar() {
    if (text_.empty()) return std::nullopt;
    if (text_.front() == '"') {
      auto text = take_string();
      if (!text) return std::nullopt;
      return Scalar(std::move(*text));
    }
    if (take("true")) return Scalar(true);
    if (take("false")) return Scalar(false);
    const auto number = take_integer<std::int64_t>();
    if (!number) return std::nullopt;
    return Scalar(*number);
  }

 private:
  /// Behind the backslash.
  bool take_escape(std::string& out) {
    if (text_.empty()) return false;
    const char letter = text_.front();
    text_.remove_prefix(1);
    switch (letter) {
      case '"':
      case '\\':
        out += letter;
        return true;
      case 'n':
        out += '\n';
        return true;
      case 't':
        out += '\t';
        return true;
      case 'r':
        out += '\r';
        return true;
      case 'u':
        return take_unit(out);
      default:
        return false;
    }
  }

  /// \u00XX is a control character, \udcXX a byte that was not UTF-8; nothing else is written so.
  bool take_unit(std::string& out) {
    if (text_.size() < 4) return false;
    const bool is_unit = text_.starts_with("00") || text_.starts_with("dc");
    const auto high = hex_digit(text_[2]);
    const auto low = hex_digit(text_[3]);
    if (!is_unit || !high || !low) return false;
    out += static_cast<char>(*high * 16 + *low);
    text_.remove_prefix(4);
    return true;
  }

  std::string_view text_;
};

bool take_head(Parser& parser, Record& record) {
  if (!parser.take(R"({"k":)")) return false;
  auto kind = parser.take_string();
  if (!kind || !parser.take(R"(,"w":)")) return false;
  auto writer = parser.take_string();
  if (!writer || !parser.take(R"(,"n":)")) return false;
  const auto sequence = parser.take_integer<std::uint64_t>();
  if (!sequence || !parser.take(R"(,"t":)")) return false;
  const auto time = parser.take_integer<UnixMillis>();
  if (!time) return false;
  record.kind = std::move(*kind);
  record.writer = std::move(*writer);
  record.sequence = *sequence;
  record.time = *time;
  return true;
}

bool take_field(Parser& parser, Record& record) {
  if (!parser.take(",")) return false;
  auto name = parser.take_string();
  if (!name || !parser.take(":")) return false;
  auto value = parser.take_scalar();
  if (!value) return false;
  record.fields.emplace_back(std::move(*name), std::move(*value));
  return true;
}

}  // namespace

const Scalar* Record::find(std::string_view name) const {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [name](const auto& field) { return field.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

std::string Record::text(std::string_view name) const {
  const Scalar* value = find(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? std::string() : *text;
}

std::int64_t Record::integer(std::string_view name) const {
  const Scalar* value = find(name);
  const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return number == nullptr ? 0 : *number;
}

bool Record::flag(std::string_view name) const {
  const Scalar* value = find(name);
  const auto* flag = value == nullptr ? nullptr : std::get_if<bool>(value);
  return flag != nullptr && *flag;
}

std::string encode(const Record& record) {
  std::string out = R"({"k":)";
  out.reserve(256);
  append_json_string(out, record.kind);
  out += R"(,"w":)";
  append_json_string(out, record.writer);
  fmt::format_to(std::back_inserter(out), R"(,"n":{},"t":{})", record.sequence, record.time);
  for (const auto& [name, value] : record.fields) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    append_scalar(out, value);
  }
  return seal(std::move(out));
}

std::optional<Record> decode(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const auto body = unseal(line);
  if (!body) return std::nullopt;
  Parser parser(*body);
  Record record;
  if (!take_head(parser, record)) return std::nullopt;
  record.fields.reserve(12);
  while (!parser.at_end()) {
    if (!take_field(parser, record)) return std::nullopt;
  }
  return record;
}

}  // namespace foz::journal
