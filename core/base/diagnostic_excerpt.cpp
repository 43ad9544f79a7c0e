#include "core/base/diagnostic_excerpt.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/base/utf8.h"

namespace foz {

namespace {

constexpr int k_widest = 90;        ///< columns of source text shown
constexpr int k_before_caret = 40;  ///< of them, before the caret of a cut line
constexpr int k_tab = 4;
constexpr std::string_view k_cut = "...";

/// Line `number` (from 1) without its line end.
std::optional<std::string_view> find_line(std::string_view source, int number) {
  if (number < 1) return std::nullopt;
  for (int line = 1; line < number; ++line) {
    const std::size_t end = source.find('\n');
    if (end == source.npos) return std::nullopt;
    source.remove_prefix(end + 1);
  }
  source = source.substr(0, source.find('\n'));
  if (source.ends_with('\r')) source.remove_suffix(1);
  return source;
}

/// One code point as it is shown.
struct Cell {
  std::string text;
  int width = 1;
};

Cell make_cell(std::string_view encoded, const CodePoint& point) {
  if (point.value == U'\t') return {std::string(k_tab, ' '), k_tab};
  std::string text = printable(encoded);
  const int width =
      is_printable(point) ? display_width(point.value) : static_cast<int>(text.size());
  return {std::move(text), width};
}

/// The cells of `line` from index `first` on, as many as fit `width` columns; `rest` is what did
/// not.
struct Cells {
  std::vector<Cell> cells;
  bool is_cut = false;
};

Cells take_cells(std::string_view line, int width) {
  Cells taken;
  while (!line.empty()) {
    const CodePoint point = decode_utf8(line);
    Cell cell = make_cell(line.substr(0, point.length), point);
    width -= cell.width;
    if (width < 0) {
      taken.is_cut = true;
      break;
    }
    taken.cells.push_back(std::move(cell));
    line.remove_prefix(point.length);
  }
  return taken;
}

/// The byte offset of code point `index`, at most the line's end.
std::size_t offset_of(std::string_view line, int index) {
  std::size_t offset = 0;
  for (; index > 0 && offset < line.size(); --index) {
    offset += decode_utf8(line.substr(offset)).length;
  }
  return offset;
}

int width_of(const std::vector<Cell>& cells, std::size_t begin, std::size_t end) {
  int width = 0;
  for (std::size_t i = begin; i < std::min(end, cells.size()); ++i) width += cells[i].width;
  return width;
}

/// Code points left out at the line's beginning, so that the caret stands within the window.
int first_shown(std::string_view line, int caret) {
  const std::string_view head = line.substr(0, offset_of(line, caret + 1));
  if (caret < k_widest && !take_cells(head, k_widest).is_cut) return 0;
  return std::max(caret - k_before_caret, 1);
}

std::string underline(int before, int length) {
  const int tail = std::clamp(length - 1, 0, std::max(k_widest - before - 1, 0));
  return std::string(static_cast<std::size_t>(before), ' ') + '^' +
         std::string(static_cast<std::size_t>(tail), '~');
}

}  // namespace

std::string render_excerpt(std::string_view source, const SourceRange& where) {
  const auto line = find_line(source, where.line);
  if (!line || where.column < 1) return {};
  const int caret = where.column - 1;
  const int first = first_shown(*line, caret);
  const Cells shown = take_cells(line->substr(offset_of(*line, first)), k_widest);

  std::string text(first > 0 ? k_cut : "");
  for (const Cell& cell : shown.cells) text += cell.text;
  if (shown.is_cut) text += k_cut;

  const auto begin = static_cast<std::size_t>(caret - first);
  const auto end = begin + static_cast<std::size_t>(std::max(where.length, 1));
  const int before =
      width_of(shown.cells, 0, begin) + (first > 0 ? static_cast<int>(k_cut.size()) : 0);
  const std::string number = fmt::format("{:>5}", where.line);
  return fmt::format("{} | {}\n{:{}} | {}\n", number, text, "", number.size(),
                     underline(before, width_of(shown.cells, begin, end)));
}

}  // namespace foz
