/// Values that a matrix takes from files: rows of a CSV, lines, names that a pattern matches. The
/// only part of the reader that touches the disk. What is read is part of the plan from then on:
/// the files may change afterwards.
#pragma once

#include <optional>
#include <string>

#include "core/spec/reading.h"
#include "core/task/matrix.h"

namespace foz::spec {

/// `csv:`: RFC 4180, the first line names the columns. nullopt after errors, each at its line of
/// the CSV file.
[[nodiscard]] std::optional<task::RowsAxis> read_csv(const Located<std::string>& path,
                                                     Reading& reading);
/// `lines:`: every line that is not empty, as it stands.
[[nodiscard]] std::optional<task::RowsAxis> read_lines(const Located<std::string>& path,
                                                       Reading& reading);
/// `glob:`: what the pattern matches, sorted by bytes; `*`, `?` and `[...]` within a name. Names
/// that are not UTF-8 are refused.
[[nodiscard]] std::optional<task::RowsAxis> read_glob(const Located<std::string>& pattern,
                                                      Reading& reading);

}  // namespace foz::spec
