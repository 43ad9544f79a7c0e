/// Starts the daemons of a sandbox whose files are written, each followed by the condition that
/// proves it: munged's socket answers, slurmctld says UP, every node is idle. Looks often and waits
/// for nothing else, so that a sandbox of four nodes stands in a tenth of a second.
#pragma once

#include "core/base/result.h"
#include "core/sandbox/programs.h"
#include "core/sandbox/state.h"

namespace foz::sandbox {

/// Fills and saves state.daemons as they come up. An error carries the daemon's last words; whoever
/// calls cleans up.
[[nodiscard]] Result<void> start_daemons(const Programs& programs, const fs::path& folder,
                                         State& state);

/// Whether the controller says UP within `patience`.
[[nodiscard]] Result<void> wait_for_controller(const Programs& programs, const fs::path& folder,
                                               std::chrono::milliseconds patience);

}  // namespace foz::sandbox
