/// How the commands are asked what the cluster is, and how their answers are read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// One RPC.
[[nodiscard]] std::vector<std::string> config_command();
/// "NAME = VALUE" lines of `scontrol show config`; lines without one are left aside. Code::invalid
/// where no SLURM_VERSION or ClusterName is among them.
[[nodiscard]] Result<ClusterFacts> parse_config(std::string_view answer);

/// Two RPCs: nodes and partitions. One row for each group of equal nodes in each partition.
[[nodiscard]] std::vector<std::string> sinfo_command();
/// Fills `facts.partitions` and `facts.shapes`. Code::invalid for a cut answer.
[[nodiscard]] Result<ClusterFacts> parse_sinfo(ClusterFacts facts, std::string_view answer);

}  // namespace foz::slurm
