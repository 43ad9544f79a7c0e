/// What `scontrol release` and `scancel` say about jobs they were to act on. Pure.
///
/// Neither exit status can be trusted alone: scancel exits 0 when it was refused, scontrol 1 when
/// one of many jobs is gone.
#pragma once

#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::slurm {

/// Releasing what runs or has ended is no error. Code::not_found with the ids that are gone (the
/// others were released), refused, or unknown_outcome when the controller did not answer.
[[nodiscard]] Result<void> read_release_answer(const Finished& finished);

/// Cancelling what is gone or has ended is no error. Code::refused or unknown_outcome.
[[nodiscard]] Result<void> read_cancel_answer(const Finished& finished);

}  // namespace foz::slurm
