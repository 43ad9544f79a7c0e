#include "core/spec/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "core/base/fd.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/spec/csv.h"
#include "core/spec/glob.h"

namespace foz::spec {

namespace {

/// A file that a matrix names, and its text.
struct RowsFile {
  std::string text;
  std::shared_ptr<const std::string> name;

  [[nodiscard]] SourceRange line(int number) const { return {name, number, 1, 1}; }
};

std::string full_path(const std::string& path, const Reading& reading) {
  return (fs::path(reading.options.folder) / path).string();
}

int line_at(std::string_view text, std::size_t offset) {
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(offset);
  return 1 + static_cast<int>(std::count(text.begin(), end, '\n'));
}

/// False, and an error at its line, for bytes that are no UTF-8 text.
bool is_text(const RowsFile& file, Diagnostics& diagnostics) {
  const std::size_t zero = file.text.find('\0');
  const std::size_t bad = std::min(find_invalid_utf8(file.text).value_or(std::string::npos), zero);
  if (bad == std::string::npos) return true;
  diagnostics.error(file.line(line_at(file.text, bad)),
                    bad == zero ? "a zero byte in a text file" : "this line is not UTF-8",
                    bad == zero ? "" : "convert the file, for example with iconv");
  return false;
}

std::optional<RowsFile> load(const Located<std::string>& path, Reading& reading) {
  const std::string full = full_path(path.value, reading);
  const auto refuse = [&](std::string message) {
    reading.diagnostics.error(path.where, std::move(message));
    return std::nullopt;
  };
  std::error_code error;
  const auto status = fs::status(full, error);
  if (status.type() == fs::file_type::not_found) {
    return refuse(fmt::format("there is no file '{}'", path.value));
  }
  if (!fs::is_regular_file(status)) return refuse(fmt::format("'{}' is no file", path.value));
  // What the kernel makes up (/proc) is of size 0, and may never end.
  if (fs::file_size(full, error) == 0) return refuse(fmt::format("'{}' is empty", path.value));
  auto text = read_file(full, reading.budgets.bytes);
  if (!text && text.error().code == Code::too_large) {
    return refuse(
        fmt::format("files of matrices hold over {} MiB in all", k_max_file_bytes >> 20U));
  }
  if (!text) return refuse(text.error().message);
  reading.budgets.bytes -= text->size();
  RowsFile file{std::move(*text), std::make_shared<const std::string>(path.value)};
  if (!is_text(file, reading.diagnostics)) return std::nullopt;
  return file;
}

/// Tables of other programs are often separated by something else.
std::string column_hint(const CsvRow& header) {
  const bool is_one = header.cells.size() == 1;
  for (const auto& [separator, name] : {std::pair(';', "';'"), std::pair('\t', "tabs")})
    if (is_one && header.cells.front().find(separator) != std::string::npos)
      return fmt::format("the columns seem to be separated by {}: commas are wanted", name);
  return "the first line must name the columns: letters, digits, '-' and '_'";
}

bool check_columns(const CsvRow& header, const RowsFile& file, Diagnostics& diagnostics) {
  std::set<std::string> seen;
  bool good = true;
  for (const std::string& column : header.cells) {
    if (!is_safe_name(column)) {
      diagnostics.error(file.line(header.line),
                        fmt::format("column {} is not a safe name", quoted(column)),
                        column_hint(header));
      good = false;
    } else if (!seen.insert(column).second) {
      diagnostics.error(file.line(header.line), fmt::format("column '{}' stands twice", column));
      good = false;
    }
  }
  return good;
}

bool check_widths(const std::vector<CsvRow>& rows, const RowsFile& file, Diagnostics& diagnostics) {
  const std::size_t width = rows.front().cells.size();
  bool good = true;
  for (const CsvRow& row : rows) {
    if (row.cells.size() == width) continue;
    diagnostics.error(file.line(row.line),
                      fmt::format("{} in this row, but {}", count_of(row.cells.size(), "value"),
                                  count_of(width, "column")));
    good = false;
  }
  return good;
}

std::nullopt_t refuse_cells(const SourceRange& where, Diagnostics& diagnostics) {
  diagnostics.error(where,
                    fmt::format("files of matrices hold over {} values in all", k_max_cells));
  return std::nullopt;
}

}  // namespace

std::optional<task::RowsAxis> read_csv(const Located<std::string>& path, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  const auto file = load(path, reading);
  if (!file) return std::nullopt;
  auto rows = parse_csv(file->text, reading.budgets.cells);
  if (!rows) {
    diagnostics.error(file->line(rows.error().line), rows.error().message);
    return std::nullopt;
  }
  if (rows->size() < 2) {
    diagnostics.error(path.where, fmt::format("'{}' has no rows", path.value),
                      "a line of column names and at least one row below it");
    return std::nullopt;
  }
  const bool good_columns = check_columns(rows->front(), *file, diagnostics);
  if (!check_widths(*rows, *file, diagnostics) || !good_columns) return std::nullopt;
  task::RowsAxis axis{std::move(rows->front().cells), {}};
  reading.budgets.cells -= std::min(reading.budgets.cells, rows->size() * axis.columns.size());
  for (auto row = rows->begin() + 1; row != rows->end(); ++row) {
    axis.rows.push_back(std::move(row->cells));
  }
  return axis;
}

std::optional<task::RowsAxis> read_lines(const Located<std::string>& path, Reading& reading) {
  const auto file = load(path, reading);
  if (!file) return std::nullopt;
  task::RowsAxis axis;
  for (std::string_view rest = file->text; !rest.empty();) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    if (reading.budgets.cells == 0) return refuse_cells(path.where, reading.diagnostics);
    --reading.budgets.cells;
    axis.rows.push_back({std::string(line)});
  }
  if (!axis.rows.empty()) return axis;
  reading.diagnostics.error(path.where, fmt::format("'{}' has no lines", path.value));
  return std::nullopt;
}

std::optional<task::RowsAxis> read_glob(const Located<std::string>& pattern, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  auto names = find_matches(reading.options.folder, pattern.value, reading.budgets.glob_visits);
  if (!names) {
    diagnostics.error(pattern.where, names.error().message);
    return std::nullopt;
  }
  reading.budgets.glob_visits -= std::min(reading.budgets.glob_visits, names->visits);
  if (names->paths.empty()) {
    diagnostics.error(pattern.where, fmt::format("'{}' matches nothing", pattern.value));
    return std::nullopt;
  }
  task::RowsAxis axis;
  for (std::string& name : names->paths) {
    if (reading.budgets.cells == 0) return refuse_cells(pattern.where, diagnostics);
    --reading.budgets.cells;
    if (find_invalid_utf8(name)) {
      diagnostics.error(pattern.where, fmt::format("the file name {} is not UTF-8", quoted(name)),
                        "rename the file, or write a pattern that leaves it out");
      return std::nullopt;
    }
    axis.rows.push_back({std::move(name)});
  }
  return axis;
}

}  // namespace foz::spec
