/// The `with:` block of a stage against the fields of its plugin. Pure.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "core/base/diagnostic.h"
#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// `with` checked, its defaults filled in, in the order of the fields. Unknown keys (with the
/// nearest one), missing ones, wrong types and choices become errors at `where[KEY]`, or at `block`
/// (the `uses:` line) where that has no place. A text that holds ${{ }} passes: its value is known
/// later, and check_filled() sees it then.
[[nodiscard]] Value check_with(const Description& description, const Value& with,
                               const std::map<std::string, SourceRange>& where,
                               const SourceRange& block, Diagnostics& diagnostics);

/// The same checks in the job, once task-level references are filled: Code::invalid with the first
/// fault.
[[nodiscard]] Result<void> check_filled(const Description& description, const Value& with);

/// `value` with every text (not the keys) replaced by `change(text)`.
[[nodiscard]] Value map_texts(const Value& value,
                              const std::function<std::string(const std::string&)>& change);

}  // namespace foz::plugin
