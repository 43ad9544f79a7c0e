/// Is this text at all? What must be known before a YAML library sees a byte.
#pragma once

#include "core/yaml/source.h"

namespace foz::yaml {

/// Whether `source` is UTF-8 without control characters and within k_max_bytes; if not, one error
/// says where.
[[nodiscard]] bool check_text(const Source& source, Diagnostics& diagnostics);

}  // namespace foz::yaml
