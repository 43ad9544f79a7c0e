/// JSON text and Value. Scalars become text as they are written ("true", "3", "0.5"): what type one
/// must have is said by whoever decodes it. Knows nothing of plugins' questions.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "plugins/api/value.h"

namespace foz::plugin {

/// Code::invalid for what is no JSON, or deeper than 64 levels. A null member is absent; a null in
/// a list is an error.
[[nodiscard]] Result<Value> value_from_json(std::string_view text);

/// One line without spaces; every scalar is a JSON string. Bytes that are not UTF-8 come through
/// (core/task/json_text.h).
[[nodiscard]] std::string to_json(const Value& value);

}  // namespace foz::plugin
