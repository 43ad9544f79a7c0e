/// A YAML text and its places: turns the library's marks (line and byte, from 0) into SourceRanges
/// (line and code point, from 1, with the length of what stands there). Knows YAML's characters,
/// not its grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"

namespace foz::yaml {

/// A place in the text: byte offset, and line and byte column from 0.
struct Place {
  std::size_t offset = 0;
  int line = 0;
  int column = 0;
};

class Source {
 public:
  /// `text` must outlive this, and be without a byte-order mark.
  Source(std::string_view text, const std::string& file);

  [[nodiscard]] std::string_view text() const { return text_; }

  /// The mark of the YAML library, kept inside the text.
  [[nodiscard]] Place place(int line, int column) const;
  [[nodiscard]] Place place_at(std::size_t offset) const;
  /// Where the file as a whole is meant.
  [[nodiscard]] SourceRange whole() const;
  /// What begins at `place`: a name, a quoted text, one mark; to the end of its line at most.
  [[nodiscard]] SourceRange range(const Place& place) const;
  [[nodiscard]] SourceRange range(const Place& place, std::size_t bytes) const;
  /// The offset behind the quoted text that begins at `place`, over several lines if need be;
  /// nullopt where its quote is not closed.
  [[nodiscard]] std::optional<std::size_t> end_of_quoted(const Place& place) const;

  /// From `place` to the end of the text.
  [[nodiscard]] std::string_view rest(const Place& place) const {
    return text_.substr(place.offset);
  }
  /// Line `line` (from 0), without its end.
  [[nodiscard]] std::string_view line(int line) const;
  /// Whether the blanks that line `line` begins with hold a tab.
  [[nodiscard]] bool is_tab_indented(int line) const;
  [[nodiscard]] int line_count() const { return static_cast<int>(line_starts_.size()); }

 private:
  /// Code points before `column` on its line; remembers the last answer, as places mostly come in
  /// order.
  [[nodiscard]] int code_points_before(const Place& place) const;

  std::string_view text_;
  std::shared_ptr<const std::string> file_;
  std::vector<std::uint32_t> line_starts_;  ///< a file has k_max_bytes at most
  mutable Place last_;
  mutable int last_code_points_ = 0;
};

}  // namespace foz::yaml
