/// decide() on a picture that is there already. Pure. Private to this room.
#pragma once

#include <vector>

#include "core/run/picture.h"

namespace foz::run {

[[nodiscard]] std::vector<Action> decide(const plan::Plan& plan, const Observation& seen,
                                         const Picture& picture);

}  // namespace foz::run
