/// Holds JSON against plugins/api/contract.schema.json: the part of JSON Schema that the contract
/// uses (type, const, enum, required, properties, additionalProperties, items, minItems, minLength,
/// minimum, pattern, anyOf, oneOf, $ref into $defs). Another keyword is an error.
#pragma once

#include <string>
#include <string_view>

namespace foz::plugin {

/// Empty, or where `text` differs from `$defs/NAME` and how.
[[nodiscard]] std::string differs_from_schema(std::string_view text, const std::string& name);

}  // namespace foz::plugin
