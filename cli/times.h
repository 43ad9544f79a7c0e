/// Times and spans as a person reads them, in the time zone of the terminal. Pure but for the zone.
#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"

namespace foz::cli {

/// "14:03:07".
[[nodiscard]] std::string clock_time(UnixMillis time);
/// "2026-11-25 14:03:07".
[[nodiscard]] std::string date_time(UnixMillis time);
/// "4.2 s" below ten seconds, "42 s", "12:05 min", "03:12:05 h", with days "2-03:12:05"; what is
/// below 0 (clocks of hosts differ) as "0.0 s".
[[nodiscard]] std::string span_text(UnixMillis span);

/// From a start to an end, or to now while it lasts.
struct Lasting {
  std::string text;  ///< span_text()
  bool has_ended = false;
};
/// nullopt where nothing has begun, or where the end of what is over is not known. Times of 0 are
/// not known.
[[nodiscard]] std::optional<Lasting> lasting(UnixMillis began, UnixMillis ended, bool is_over);

}  // namespace foz::cli
