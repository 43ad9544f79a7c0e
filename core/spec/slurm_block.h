/// `slurm:` of a stage: where its jobs go, in Slurm's own words.
#pragma once

#include "core/spec/reading.h"

namespace foz::spec {

[[nodiscard]] SlurmBlock read_slurm(const yaml::Node& node, Reading& reading);

}  // namespace foz::spec
