/// CSV (RFC 4180) as rows of texts: quotes, doubled quotes, line ends within quotes, CR LF, a
/// byte-order mark. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace foz::spec {

struct CsvRow {
  int line = 1;  ///< where it begins
  std::vector<std::string> cells;
};

struct CsvError {
  int line = 1;
  std::string message;
};

/// All rows but empty lines. Refused: a quote that does not end or stands in the middle of a value,
/// a lone carriage return, over `limit` values.
[[nodiscard]] tl::expected<std::vector<CsvRow>, CsvError> parse_csv(std::string_view text,
                                                                    std::size_t limit);

}  // namespace foz::spec
