#include "core/spec/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace foz::spec {

namespace {

constexpr std::string_view k_byte_order_mark = "\xef\xbb\xbf";

class Parser {
 public:
  Parser(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {
    if (text_.starts_with(k_byte_order_mark)) text_.remove_prefix(k_byte_order_mark.size());
  }

  tl::expected<std::vector<CsvRow>, CsvError> run() {
    std::vector<CsvRow> rows;
    while (!text_.empty() && !error_) {
      CsvRow row = take_row();
      const bool is_blank = row.cells.size() == 1 && row.cells.front().empty() && !was_quoted_;
      if (!is_blank) rows.push_back(std::move(row));
    }
    if (error_) return tl::unexpected<CsvError>(std::move(*error_));
    return rows;
  }

 private:
  CsvRow take_row() {
    CsvRow row{line_, {}};
    was_quoted_ = false;
    do {
      row.cells.push_back(take_cell());
      if (++cells_ > limit_) refuse(fmt::format("over {} values in all", limit_));
    } while (!error_ && take(','));
    if (!error_) take_line_end();
    return row;
  }

  std::string take_cell() {
    if (take('"')) return take_quoted();
    const std::size_t end = std::min(text_.find_first_of(",\r\n\""), text_.size());
    std::string cell(text_.substr(0, end));
    text_.remove_prefix(end);
    if (text_.starts_with('"')) refuse("a quote in the middle of a value");
    if (text_.starts_with('\r') && !text_.starts_with("\r\n") && text_.size() > 1) {
      refuse("a carriage return in the middle of a value");
    }
    return cell;
  }

  std::string take_quoted() {
    was_quoted_ = true;
    const int begin = line_;
    std::string cell;
    while (true) {
      const std::size_t end = text_.find('"');
      if (end == text_.npos) {
        refuse("a quote that does not end", begin);
        return cell;
      }
      line_ += static_cast<int>(
          std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
      cell += text_.substr(0, end);
      text_.remove_prefix(end + 1);
      if (!take('"')) break;
      cell += '"';
    }
    const bool is_end =
        text_.empty() || std::string_view(",\r\n").find(text_.front()) != std::string_view::npos;
    if (!is_end) refuse("text behind a closing quote");
    return cell;
  }

  void take_line_end() {
    take('\r');
    if (take('\n')) ++line_;
  }

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }

  void refuse(std::string message) { refuse(std::move(message), line_); }
  void refuse(std::string message, int line) {
    if (!error_) error_ = CsvError{line, std::move(message)};
  }

  std::string_view text_;
  std::size_t limit_;
  std::size_t cells_ = 0;
  int line_ = 1;
  bool was_quoted_ = false;
  std::optional<CsvError> error_;
};

}  // namespace

tl::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view text, std::size_t limit) {
  return Parser(text, limit).run();
}

}  // namespace foz::spec
