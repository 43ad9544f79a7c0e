/// Who listens on a port of this node, read from /proc/net: readiness by a port is seen without
/// connecting to it, and a connection, where one is needed, goes to the very address that was
/// bound. No name is ever looked up.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "core/base/fd.h"

namespace foz::agent {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

/// An address of this node under which the listener on `port` can be reached (a wildcard becomes
/// the loopback); nullopt: nobody listens.
[[nodiscard]] std::optional<SocketAddress> find_listener(std::uint16_t port,
                                                         const fs::path& root = "/");

}  // namespace foz::agent
