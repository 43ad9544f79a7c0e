/// What an sbatch that has ended says about the submission. Pure.
///
/// The exit status and the exact form of the id decide, never a word: sites print "error:" beside
/// accepted jobs, and numbers beside ids.
#pragma once

#include <string_view>

#include "core/base/result.h"
#include "core/base/spawn.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// What sbatch says before it sleeps for a second or more and asks again, for two minutes in all:
/// the cluster's queue is full, and nothing was taken. It is killed there
/// (Command::kill_when_said), as no variable or option of Slurm's keeps it from that.
inline constexpr std::string_view k_sbatch_waits = "sleeping and retrying";

/// The submission of job `name`, from an sbatch --parsable that exited or was killed. The id is a
/// line of standard output of the form "812", "812;blue", "Submitted batch job 812" or "Submitted
/// batch job 812 on cluster blue"; every other line becomes a note.
///
/// Code::refused: not submitted. Code::failed: nothing was sent. Code::unknown_outcome: the
/// controller did not answer in time, sbatch was killed, or its answer has no such line or several
/// different ids; the message shows the answer. Killed at k_sbatch_waits, it may have been asking
/// again by then: the message is that of a full queue.
[[nodiscard]] Result<Submission> read_sbatch_answer(const Finished& finished,
                                                    std::string_view name);

}  // namespace foz::slurm
