/// A block of free TCP ports on loopback, held until the daemons listen on them.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::sandbox {

/// Where to look: [first, last].
struct PortRange {
  int first = 0;
  int last = 0;
  bool operator==(const PortRange&) const = default;
};

/// From 10,000 up to the kernel's ephemeral ports, which any program may be given; above them where
/// there is more room there. `local_port_range` is the text of
/// /proc/sys/net/ipv4/ip_local_port_range.
[[nodiscard]] PortRange searched_ports(std::string_view local_port_range);

/// `count` consecutive ports, each proved free by binding it, and held: bound without SO_REUSEADDR,
/// so that a second sandbox that looks at the same moment passes them by, and then opened for a
/// daemon (which binds with SO_REUSEADDR) while we still hold them.
class PortBlock {
 public:
  /// Starts at a place drawn from `random`, and goes round. Code::unavailable when no such block is
  /// free.
  [[nodiscard]] static Result<PortBlock> reserve(PortRange range, int count, std::uint64_t random);

  [[nodiscard]] int first() const { return first_; }

 private:
  int first_ = 0;
  std::vector<Fd> sockets_;
};

}  // namespace foz::sandbox
