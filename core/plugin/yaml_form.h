/// plugin.yaml: a plugin's templates as their author writes them. The only part of this room that
/// reads YAML, in a library of its own (foz_plugin_yaml), so that the agent links none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "plugins/api/value.h"

namespace foz::plugin {

/// The tree of a plugin.yaml that has passed check_template(); all of its errors at once, each at
/// its line; unknown members are warnings. nullopt when there were errors.
[[nodiscard]] std::optional<Value> read_plugin_yaml(std::string_view text, const std::string& file,
                                                    Diagnostics& diagnostics);

}  // namespace foz::plugin
