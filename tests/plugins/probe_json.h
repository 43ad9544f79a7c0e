/// Asks whether a port accepts, or what a page says: readiness for the test's own world.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/fd.h"
#include "plugins/api/api.h"

namespace foz::plugin {

[[nodiscard]] bool is_ready(const Readiness& ready, std::uint16_t port);

/// A port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] std::uint16_t free_port();
/// Listens on it, for those who must find it taken.
[[nodiscard]] Fd hold_port(std::uint16_t port);

}  // namespace foz::plugin
