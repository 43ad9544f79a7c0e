/// Files that several processes may want to make at the same moment, on a filesystem without locks:
/// the first one's file stays, whole from the first byte on.
#pragma once

#include <string_view>

#include "core/base/fd.h"

namespace foz::journal {

enum class Made { now, before };  ///< by this call, or it was there already

/// Puts a file with `bytes` (mode 0600) at `path` unless there is one.
[[nodiscard]] Result<Made> make_file(const fs::path& path, std::string_view bytes,
                                     Durability durability);

}  // namespace foz::journal
