/// The sweep: elements that wait for their partners and whose parents' keepers did not get to them,
/// elements that can never start, and files in release/ that have been seen to. Pure. Private to
/// this room.
#pragma once

#include <vector>

#include "core/run/picture.h"

namespace foz::run {

[[nodiscard]] std::vector<Action> decide_partners(const Observation& seen, const Picture& picture);

/// Elements that decide_partners() would release.
[[nodiscard]] std::uint64_t count_partners_to_release(const Observation& seen,
                                                      const Picture& picture);

/// Elements that it would release or cancel.
[[nodiscard]] std::uint64_t count_partners_left(const Observation& seen, const Picture& picture);

}  // namespace foz::run
