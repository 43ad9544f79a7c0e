#include "plugins/spark/memory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

namespace foz::spark {

namespace {

constexpr double k_bytes_per_mib = 1024.0 * 1024.0;
constexpr double k_share_for_heap = 0.9;

std::string mib(std::uint64_t count) {
  return std::to_string(count) + " MiB";
}

std::string name_of(const NodeMemory& node) {
  return node.name.empty() ? "each node" : "node '" + node.name + "'";
}

/// What the other processes of a node need.
std::uint64_t others_mib(const Memory& memory, bool is_first) {
  if (!is_first) return k_daemons_mib;
  const std::uint64_t master = std::max(memory.master_mib, k_default_master_mib);
  return k_daemons_mib + (master - k_default_master_mib) + memory.driver_mib;
}

std::uint64_t heap_of(std::uint64_t node_mib, std::uint64_t others) {
  if (node_mib <= others) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(node_mib - others) * k_share_for_heap);
}

std::string too_small(const NodeMemory& node, const Memory& memory, bool is_first,
                      std::uint64_t worker) {
  return name_of(node) + " has " + mib(node.mib) + ": without " +
         mib(others_mib(memory, is_first)) + " for Spark's daemons" +
         (is_first ? " and the driver" : "") + ", a worker would get " + mib(worker) +
         " and needs " + mib(k_least_worker_mib) + "; ask for more memory_per_node" +
         (is_first ? " or a smaller driver_memory" : "");
}

std::string does_not_fit(const NodeMemory& node, const Memory& memory, std::uint64_t wanted,
                         bool is_first) {
  return "worker_memory of " + mib(wanted) + " does not fit on " + name_of(node) + ": it has " +
         mib(node.mib) + ", and " + mib(others_mib(memory, is_first)) + " are for Spark's daemons" +
         (is_first ? " and the driver" : "");
}

/// An error when the worker that the user wants does not fit.
plugin::Answer<std::uint64_t> check_wanted(const std::vector<NodeMemory>& nodes,
                                           const Memory& memory) {
  const std::uint64_t wanted = *memory.worker_mib;
  if (wanted < k_least_worker_mib)
    return "worker_memory is " + mib(wanted) + " and must be at least " + mib(k_least_worker_mib);
  for (const NodeMemory& node : nodes) {
    const bool is_first = &node == &nodes.front();
    if (node.mib != 0 && wanted + others_mib(memory, is_first) > node.mib)
      return does_not_fit(node, memory, wanted, is_first);
  }
  return wanted;
}

}  // namespace

plugin::Answer<std::uint64_t> worker_memory(const std::vector<NodeMemory>& nodes,
                                            const Memory& memory) {
  if (memory.worker_mib) return check_wanted(nodes, memory);
  std::uint64_t least = UINT64_MAX;
  for (const NodeMemory& node : nodes) {
    if (node.mib == 0)
      return "how much memory " + name_of(node) +
             " has is not known: give memory_per_node, or worker_memory in 'with'";
    const bool is_first = &node == &nodes.front();
    const std::uint64_t worker = heap_of(node.mib, others_mib(memory, is_first));
    if (worker < k_least_worker_mib) return too_small(node, memory, is_first, worker);
    least = std::min(least, worker);
  }
  return least;
}

std::optional<std::uint64_t> parse_mib(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 9> k_units{
      {{"B", 1},
       {"KiB", 1024.0},
       {"MiB", k_bytes_per_mib},
       {"GiB", 1024 * k_bytes_per_mib},
       {"TiB", 1024 * 1024 * k_bytes_per_mib},
       {"KB", 1e3},
       {"MB", 1e6},
       {"GB", 1e9},
       {"TB", 1e12}}};
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string number(text.substr(0, digits));
  char* end = nullptr;
  const double count = std::strtod(number.c_str(), &end);
  if (number.empty() || *end != '\0') return std::nullopt;
  for (const auto& [unit, bytes] : k_units) {
    if (text.substr(digits) == unit)
      return static_cast<std::uint64_t>(count * bytes / k_bytes_per_mib);
  }
  return std::nullopt;
}

}  // namespace foz::spark
