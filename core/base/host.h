/// What this machine calls itself.
#pragma once

#include <string>

namespace foz {

/// As gethostname gives it, white space as '_', so that it is one word; "localhost" where it has no
/// name.
[[nodiscard]] std::string host_name();

}  // namespace foz
