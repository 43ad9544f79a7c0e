/// `defaults:`: what stands below every stage. Merged into the stage's own mapping before anything
/// is read, so that a late error still points at the line that the value came from.
///
///   env, resources, slurm, limits   key by key, the stage's own first
///   resources, rival keys           a stage's memory_per_cpu takes the place of the defaults'
///                                   memory_per_node
///   gpu                             only for stages that have GPUs
///   everything else                 the stage's own takes the place of the defaults': lists are
///                                   not joined
#pragma once

#include "core/spec/reading.h"

namespace foz::spec {

/// Reports keys that cannot stand in the defaults, and mistakes in the others; puts the params in.
void check_defaults(yaml::Node& defaults, Reading& reading);

/// `stage` with what it does not say itself.
[[nodiscard]] yaml::Node merge_defaults(const yaml::Node& defaults, yaml::Node stage);

}  // namespace foz::spec
