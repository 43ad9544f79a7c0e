/// A stage's `with:` block against what its plugin says of it: the one place where unknown, missing and wrong members are found.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/base/diagnostic.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// `with` with defaults filled in, in the order of the fields. Errors: an unknown key (with the nearest one), a missing required one, a wrong type, a choice that is none; each at its place in
/// `where` (by key), or at `fallback` (the `uses:`). A text that holds `${{` is accepted for any type: it is not known yet.
[[nodiscard]] Value check_with(const Description& description, const Value& with, const std::map<std::string, SourceRange>& where,
                               const SourceRange& fallback, Diagnostics& diagnostics);

/// The same tree with `change` applied to every text.
[[nodiscard]] Value map_texts(const Value& value, const std::function<std::string(const std::string&)>& change);

}  // namespace foz::plugin
