#include "core/agent/listener.h"

#include <netinet/in.h>

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "core/base/text.h"

namespace foz::agent {

namespace {

constexpr std::string_view k_listening = "0A";
constexpr std::size_t k_word =
    8;  ///< hex digits of 32 bits, which stand in the machine's own order

std::optional<std::uint32_t> read_hex(std::string_view digits) {
  std::uint32_t value = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (end.ec != std::errc() || end.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// "0100007F:1F90" or 32 digits and a port; nullopt when it is another port.
std::optional<SocketAddress> read_address(std::string_view text, std::uint16_t port) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos || read_hex(text.substr(colon + 1)) != port) return std::nullopt;
  std::array<std::uint32_t, 4> words{};
  const std::size_t count = colon / k_word;
  if (count != 1 && count != 4) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i)
    words[i] = read_hex(text.substr(i * k_word, k_word)).value_or(0);
  SocketAddress address;
  if (count == 1) {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    v4->sin_addr.s_addr = words[0] == 0 ? htonl(INADDR_LOOPBACK) : words[0];
    address.size = sizeof(sockaddr_in);
  } else {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    std::memcpy(&v6->sin6_addr, words.data(), sizeof v6->sin6_addr);
    if (IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) v6->sin6_addr = in6addr_loopback;
    address.size = sizeof(sockaddr_in6);
  }
  return address;
}

/// Lines: "  0: 0100007F:1F90 00000000:0000 0A ...".
std::optional<SocketAddress> find_in(const fs::path& table, std::uint16_t port) {
  const auto text = read_file(table);
  if (!text) return std::nullopt;
  for (std::string_view line : split(*text, '\n')) {
    const auto fields = split(trim(line), ' ', 5);
    if (fields.size() < 5 || fields[3] != k_listening) continue;
    if (auto address = read_address(fields[1], port)) return address;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SocketAddress> find_listener(std::uint16_t port, const fs::path& root) {
  if (auto v4 = find_in(root / "proc/net/tcp", port)) return v4;
  return find_in(root / "proc/net/tcp6", port);
}

}  // namespace foz::agent
