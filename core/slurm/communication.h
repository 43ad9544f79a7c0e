/// What an answer of a Slurm command says about the conversation itself: whether the controller was
/// reached, or may have been. Shared by all commands. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::slurm {

/// Whether an error of the port means that nobody answered, so that asking again may help.
[[nodiscard]] inline bool is_no_answer(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::unknown_outcome;
}

/// True for words like "Unable to contact slurm controller", "Socket timed out on send/recv
/// operation", "Zero Bytes were transmitted or received".
[[nodiscard]] bool is_silent_controller(std::string_view text);

/// True where a command failed before it could send anything (no configuration, no credential), or
/// was turned away at the door (rate limit): nothing happened.
[[nodiscard]] bool is_unsent(std::string_view text);

/// True where a command knows of no cluster at all.
[[nodiscard]] bool is_without_configuration(std::string_view text);
inline constexpr std::string_view k_not_configured =
    "no Slurm can be asked from here: its commands find no configuration. Use a login node of the "
    "cluster; for a sandbox, 'eval \"$(foz sandbox env)\"' in this shell:";

/// True for "Access/permission denied" and its like.
[[nodiscard]] bool is_permission_denied(std::string_view text);

/// All that a command printed, error stream first, safe for a terminal: each line indented on a
/// line of its own; "" for none.
[[nodiscard]] std::string said(const Finished& finished);

/// The error of a question (no action) that ended with a status other than 0. Code::unavailable
/// where the controller did not answer or the program was killed, refused where it said no, else
/// failed; never not_found.
[[nodiscard]] Error question_error(std::string_view program, const Finished& finished);

/// run_command's own error for a question: a program that is not there is Code::failed with what
/// to do.
[[nodiscard]] Error start_error(std::string_view program, Error error);

}  // namespace foz::slurm
