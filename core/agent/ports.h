/// Ports that are really free on this node: bound here and held until just before the rank that was
/// promised them starts. Below the kernel's ephemeral range, from a random place, so that two tasks
/// on one node seldom meet; those who do learn it from bind().
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::agent {

struct PortRange {
  std::uint16_t first = 10'240;
  std::uint16_t last = 32'767;
};
/// Below /proc/sys/net/ipv4/ip_local_port_range; the whole of the unprivileged ones where that
/// leaves too few.
[[nodiscard]] PortRange find_port_range(const fs::path& root = "/");

class PortHolder {
 public:
  /// `count` more ports, from `random` on. Code::unavailable when the range has not so many.
  [[nodiscard]] Result<std::vector<std::uint16_t>> reserve(std::uint32_t count, PortRange range,
                                                           std::uint64_t random);
  void release(std::uint16_t port) { held_.erase(port); }
  void release_all() { held_.clear(); }

 private:
  std::map<std::uint16_t, Fd> held_;
};

}  // namespace foz::agent
