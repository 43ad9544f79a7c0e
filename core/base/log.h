/// A debug log for those who work on foz. Off unless FOZ_DEBUG is set: "1" or "stderr" for standard
/// error, anything else is a file that lines are appended to. It is no channel to users: what they
/// must know is a result or a diagnostic.
#pragma once

#include <string_view>

namespace foz::log {

/// Whether FOZ_DEBUG was set when this was first asked.
[[nodiscard]] bool is_on();

/// One line, with time, process and the room that speaks. `text` passes through printable().
void write(std::string_view room, std::string_view text);

}  // namespace foz::log

/// `text` is an expression that is evaluated only when the log is on.
#define FOZ_DEBUG(room, text)                                   \
  do {                                                          \
    if (::foz::log::is_on()) ::foz::log::write((room), (text)); \
  } while (false)
