/// How an allocation's memory is shared out between Spark's processes.
///
///   worker = 0.9 x (node - 1 GiB for daemons - driver and a master over 512 MiB, on the first
///   node), the smallest over all nodes
///
/// All workers get the same: an application's executors are all of one size, and one that does not
/// fit a worker leaves it idle. The tenth that is kept back is for what Java's heap does not count:
/// Python workers, network buffers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "plugins/api/api.h"

namespace foz::spark {

inline constexpr std::uint64_t k_daemons_mib = 1024;
inline constexpr std::uint64_t k_default_master_mib = 512;
inline constexpr std::uint64_t k_least_worker_mib = 512;

struct Memory {
  std::uint64_t driver_mib = 1024;
  std::uint64_t master_mib = k_default_master_mib;
  std::optional<std::uint64_t> worker_mib;  ///< what the user wants; absent: computed
};

struct NodeMemory {
  std::string name;       ///< empty: any of them, while none has a name yet
  std::uint64_t mib = 0;  ///< 0: not known
};

/// MiB of every worker, or one sentence. `nodes` begins with the node of master and driver.
[[nodiscard]] plugin::Answer<std::uint64_t> worker_memory(const std::vector<NodeMemory>& nodes,
                                                          const Memory& memory);

/// "4GiB", "1.5GB" in MiB, rounded down; nullopt for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_mib(std::string_view text);

}  // namespace foz::spark
