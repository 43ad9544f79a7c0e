/// decide() on a picture that is there already. Pure. Private to this room.
#pragma once

#include <string>
#include <vector>

#include "core/run/picture.h"

namespace foz::run {

[[nodiscard]] std::vector<Action> decide(const plan::Plan& plan, const Observation& seen,
                                         const Picture& picture);

/// Pure: mark_lost for every task of `stage` ("": of all) that is over, and that a cancellation
/// would change: what the parents' ends or Slurm alone imply is to be on record before it.
[[nodiscard]] std::vector<Action> ends_to_keep(const plan::Plan& plan, const Observation& seen,
                                               const Picture& picture, const std::string& stage);

}  // namespace foz::run
