#include "core/yaml/source.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace foz::yaml {

namespace {

constexpr std::string_view k_blanks = " \t";
constexpr std::string_view k_ends_name = " \t\r\n,[]{}";

/// No place is underlined for longer than this, so that no line is walked over again and again.
constexpr std::size_t k_longest_token = 200;

/// Bytes of the quoted text at the front of `text`; npos where the quote is not closed.
std::size_t quoted_length(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || text.substr(i + 1, 1) != "'") return i + 1;
      ++i;
    }
  }
  return text.npos;
}

/// Bytes of what stands at the front of `line`.
std::size_t token_length(std::string_view line) {
  if (line.empty()) return 1;
  switch (line.front()) {
    case '"':
    case '\'':
      return std::min(quoted_length(line), line.size());
    case '[':
    case ']':
    case '{':
    case '}':
    case ',':
    case '|':
    case '>':
      return 1;
    case '*':
    case '&':
    case '!':
      return std::min(line.find_first_of(k_ends_name, 1), line.size());
    case '-':
      if (line.size() == 1 || k_blanks.find(line[1]) != k_blanks.npos) return 1;
      break;
    default:
      break;
  }
  std::size_t end = std::min({line.find(": "), line.find(":\t"), line.find(" #"), line.size()});
  if (end == line.size() && line.ends_with(':')) --end;
  const std::size_t last = line.substr(0, end).find_last_not_of(k_blanks);
  return last == line.npos ? 1 : last + 1;
}

}  // namespace

Source::Source(std::string_view text, const std::string& file)
    : text_(text), file_(std::make_shared<const std::string>(file)), line_starts_{0} {
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) {
    line_starts_.push_back(static_cast<std::uint32_t>(at + 1));
  }
}

std::string_view Source::line(int line) const {
  const auto index = static_cast<std::size_t>(line);
  const std::size_t begin = line_starts_[index];
  const bool is_last = index + 1 == line_starts_.size();
  const std::size_t end = is_last ? text_.size() : line_starts_[index + 1] - 1;
  std::string_view found = text_.substr(begin, end - begin);
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

Place Source::place(int line, int column) const {
  const int kept_line = std::clamp(line, 0, line_count() - 1);
  const std::size_t begin = line_starts_[static_cast<std::size_t>(kept_line)];
  const std::size_t end = begin + this->line(kept_line).size();
  const std::size_t offset = std::min(begin + static_cast<std::size_t>(std::max(column, 0)), end);
  return {offset, kept_line, static_cast<int>(offset - begin)};
}

Place Source::place_at(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const auto line = static_cast<int>(after - line_starts_.begin()) - 1;
  return {offset, line, static_cast<int>(offset - *std::prev(after))};
}

SourceRange Source::whole() const {
  return {file_, 0, 0, 1};
}

SourceRange Source::range(const Place& place) const {
  const auto column = static_cast<std::size_t>(place.column);
  return range(place, token_length(line(place.line).substr(column, k_longest_token)));
}

SourceRange Source::range(const Place& place, std::size_t bytes) const {
  const auto length = static_cast<int>(count_code_points(text_.substr(place.offset, bytes)));
  return {file_, place.line + 1, code_points_before(place) + 1, std::max(length, 1)};
}

std::optional<std::size_t> Source::end_of_quoted(const Place& place) const {
  const std::size_t length = quoted_length(rest(place));
  if (length == std::string_view::npos) return std::nullopt;
  return place.offset + length;
}

int Source::code_points_before(const Place& place) const {
  const bool goes_on = place.line == last_.line && place.column >= last_.column;
  const std::size_t from =
      goes_on ? last_.offset : place.offset - static_cast<std::size_t>(place.column);
  const auto counted = count_code_points(text_.substr(from, place.offset - from));
  last_code_points_ = (goes_on ? last_code_points_ : 0) + static_cast<int>(counted);
  last_ = place;
  return last_code_points_;
}

bool Source::is_tab_indented(int line) const {
  const std::string_view text = this->line(line);
  return text.substr(0, text.find_first_not_of(k_blanks)).find('\t') != text.npos;
}

}  // namespace foz::yaml
