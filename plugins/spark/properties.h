/// Java's properties format, for the files that Spark reads its settings from (the secret among
/// them: never a command line).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foz::spark {

/// Settings in order; a later one of a name wins, as in Java. Values are foz templates and may hold
/// ${{ }}.
using Properties = std::vector<std::pair<std::string, std::string>>;

/// One `key=value` a line, escaped so that java.util.Properties gives back exactly these texts.
[[nodiscard]] std::string to_text(const Properties& properties);

}  // namespace foz::spark
