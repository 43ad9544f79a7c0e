/// The names of the files in a run's release/ folder, which keepers make and both keepers and
/// `foz advance` read: "<child>.<index>", a partner that is still to be released.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.h"

namespace foz::journal {

[[nodiscard]] std::string pending_release_name(std::string_view child, TaskIndex index);

/// The partner that a name means; nullopt for a file that is none of these.
[[nodiscard]] std::optional<TaskId> parse_pending_release(std::string_view name);

}  // namespace foz::journal
