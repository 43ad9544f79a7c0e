/// File names that match a pattern. Apart from the C library's glob(), which has no bound on how
/// much of a file system it looks at, and sorts by locale.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace foz::spec {

struct Matches {
  /// As the pattern is: relative to the folder, or absolute; sorted by bytes.
  std::vector<std::string> paths;
  std::size_t visits = 0;  ///< folder entries looked at
};

/// `*`, `?` and `[...]` match within one name, a leading dot only where it is written. A folder
/// that cannot be read has no matches. Code::too_large after `most_visits` entries.
[[nodiscard]] Result<Matches> find_matches(const std::string& folder, std::string_view pattern,
                                           std::size_t most_visits);

}  // namespace foz::spec
