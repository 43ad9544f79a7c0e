/// What a cluster was found to be, kept in a file for some minutes: it changes rarely, and to ask
/// costs three RPCs, one of them as large as the cluster. Only a memory: whoever would refuse or
/// warn because of it asks the cluster itself first, and every failure here means "not known".
#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/base/spawn.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// What tells this cluster and its present configuration from others: which slurm.conf
/// ($SLURM_CONF, /etc/slurm or /run/slurm/conf), its size, time and inode, and SLURM_CLUSTERS.
/// Empty where there is no such file: nothing is kept then.
[[nodiscard]] std::string cluster_mark(const Environment& environment);

class FactsMemory {
 public:
  /// The folder of `file` must be there when something is remembered. Without a mark nothing is.
  FactsMemory(fs::path file, std::string mark) : file_(std::move(file)), mark_(std::move(mark)) {}

  /// nullopt: nothing kept, of another cluster, over ten minutes old, from the future, or damaged.
  [[nodiscard]] std::optional<ClusterFacts> recall(UnixMillis now) const;
  void remember(const ClusterFacts& facts, UnixMillis now) const;
  void forget() const;

 private:
  fs::path file_;
  std::string mark_;
};

}  // namespace foz::slurm
