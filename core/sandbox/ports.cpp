#include "core/sandbox/ports.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "core/base/text.h"

namespace foz::sandbox {

namespace {

constexpr PortRange k_all_ports{10'000, 65'535};
constexpr int k_enough = 1'000;

int size_of(PortRange range) {
  return range.last - range.first + 1;
}

/// A socket bound to the port on loopback; none when it is taken.
std::optional<Fd> hold(int port) {
  Fd opened(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (!opened ||
      ::bind(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  // From now on a socket with the same option may bind and listen beside this one.
  const int yes = 1;
  ::setsockopt(opened.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return opened;
}

/// Holds from `first` on; fewer than `count` when one was taken.
std::vector<Fd> hold_block(int first, int count) {
  std::vector<Fd> held;
  for (int port = first; port < first + count; ++port) {
    auto one = hold(port);
    if (!one) break;
    held.push_back(std::move(*one));
  }
  return held;
}

std::optional<PortRange> parse_range(std::string_view text) {
  const auto fields = split(trim(text), '\t');
  if (fields.size() != 2) return std::nullopt;
  const auto first = parse_integer(trim(fields[0]));
  const auto last = parse_integer(trim(fields[1]));
  if (!first || !last) return std::nullopt;
  return PortRange{static_cast<int>(*first), static_cast<int>(*last)};
}

}  // namespace

PortRange searched_ports(std::string_view local_port_range) {
  const auto ephemeral = parse_range(local_port_range);
  if (!ephemeral) return {k_all_ports.first, 32'767};
  const PortRange below{k_all_ports.first, ephemeral->first - 1};
  const PortRange above{ephemeral->last + 1, k_all_ports.last};
  const PortRange larger = size_of(below) >= size_of(above) ? below : above;
  return size_of(larger) >= k_enough ? larger : k_all_ports;
}

Result<PortBlock> PortBlock::reserve(PortRange range, int count, std::uint64_t random) {
  const int starts = size_of(range) - count + 1;
  for (int tried = 0; tried < starts;) {
    const int first = static_cast<int>(random % static_cast<std::uint64_t>(starts));
    const int start = (first + tried) % starts;
    PortBlock block;
    block.first_ = range.first + start;
    block.sockets_ = hold_block(block.first_, count);
    const int held = static_cast<int>(block.sockets_.size());
    if (held == count) return block;
    tried +=
        std::min(held + 1, starts - start);  // past the taken port, but not past the range's end
  }
  return fail(Code::unavailable,
              fmt::format("no {} free ports in a row between {} and {} on 127.0.0.1: end what "
                          "holds them, or ask for fewer nodes",
                          count, range.first, range.last));
}

}  // namespace foz::sandbox
