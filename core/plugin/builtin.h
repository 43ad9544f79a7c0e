/// The plugins that are compiled in: the only place in core/ where they are named.
#pragma once

#include <vector>

#include "plugins/api/api.h"

namespace foz::plugin {

[[nodiscard]] const std::vector<Builtin>& builtins();

}  // namespace foz::plugin
