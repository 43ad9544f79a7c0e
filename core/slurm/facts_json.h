/// ClusterFacts as JSON: on the wire from the libslurm helper, and for whoever keeps them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

[[nodiscard]] std::string to_json(const ClusterFacts& facts);
/// Code::invalid with the member's name where a type is wrong. Unknown members are ignored.
[[nodiscard]] Result<ClusterFacts> facts_from_json(std::string_view text);

}  // namespace foz::slurm
