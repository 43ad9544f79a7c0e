/// Time behind a seam, so that tests decide what it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace foz {

/// Milliseconds since the epoch, UTC: what journals carry. Never used to order records (clocks of
/// hosts differ).
using UnixMillis = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual UnixMillis now() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override;
};

/// "2026-11-25T14:03:07Z".
[[nodiscard]] std::string format_utc(UnixMillis time);

}  // namespace foz
