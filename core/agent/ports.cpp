#include "core/agent/ports.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr std::uint16_t k_lowest = 10'240;
constexpr std::uint16_t k_highest = 60'999;
constexpr std::uint32_t k_least_range = 4'096;

/// Bound on every address of both families where the node has IPv6, so that no server of either can
/// have it.
Fd bind_port(std::uint16_t port) {
  Fd v6(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (v6) {
    const int off = 0;
    ::setsockopt(v6.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    if (::bind(v6.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return v6;
    if (errno == EADDRINUSE) return {};
  }
  Fd v4(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (!v4 || ::bind(v4.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return {};
  return v4;
}

}  // namespace

PortRange find_port_range(const fs::path& root) {
  const auto text = read_file(root / "proc/sys/net/ipv4/ip_local_port_range", 1024);
  const std::string_view line = text ? std::string_view(*text) : "";
  const auto low = parse_integer(line.substr(0, line.find_first_of(" \t\n")));
  if (low && *low >= k_lowest + std::int64_t{k_least_range} && *low <= k_highest)
    return {k_lowest, static_cast<std::uint16_t>(*low - 1)};
  return {k_lowest, low && *low > k_highest ? k_highest : std::uint16_t{32'767}};
}

Result<std::vector<std::uint16_t>> PortHolder::reserve(std::uint32_t count, PortRange range,
                                                       std::uint64_t random) {
  const std::uint32_t size = range.last - range.first + 1U;
  std::vector<std::uint16_t> ports;
  for (std::uint32_t i = 0; i < size && ports.size() < count; ++i) {
    const auto port = static_cast<std::uint16_t>(range.first + (random + i) % size);
    if (held_.contains(port)) continue;
    Fd socket = bind_port(port);
    if (!socket) continue;
    held_.emplace(port, std::move(socket));
    ports.push_back(port);
  }
  if (ports.size() == count) return ports;
  for (const std::uint16_t port : ports) release(port);
  return fail(Code::unavailable, fmt::format("only {} of {} ports from {} to {} are free",
                                             ports.size(), count, range.first, range.last));
}

}  // namespace foz::agent
