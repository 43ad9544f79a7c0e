/// Types asked of a node. Each reader gives the value, or reports what was expected and what stands
/// there. `name` is the thing as the user calls it: "'nodes' must be an integer, got \"two\"".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/diagnostic.h"
#include "core/base/units.h"
#include "core/yaml/tree.h"

namespace foz::yaml {

/// Decimal, without quotes and without leading zeros: what the user wrote is what Slurm will see.
[[nodiscard]] std::optional<std::int64_t> as_integer(const Node& node, std::string_view name,
                                                     Diagnostics& diagnostics);
/// as_integer, at least `least` and at most `most`.
[[nodiscard]] std::optional<std::int64_t> as_integer_between(const Node& node,
                                                             std::string_view name,
                                                             std::int64_t least, std::int64_t most,
                                                             Diagnostics& diagnostics);
/// `true` or `false`, without quotes; yes, no, on, off are words.
[[nodiscard]] std::optional<bool> as_bool(const Node& node, std::string_view name,
                                          Diagnostics& diagnostics);
/// Any scalar, as written.
[[nodiscard]] std::optional<std::string> as_string(const Node& node, std::string_view name,
                                                   Diagnostics& diagnostics);
/// "4h", "1h30m", "1-12:00:00".
[[nodiscard]] std::optional<Seconds> as_duration(const Node& node, std::string_view name,
                                                 Diagnostics& diagnostics);
/// "120GiB", "1.5TB".
[[nodiscard]] std::optional<Bytes> as_bytes(const Node& node, std::string_view name,
                                            Diagnostics& diagnostics);

}  // namespace foz::yaml
