#include "tests/plugins/probe_json.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/base/fd.h"

namespace foz::plugin {

namespace {

sockaddr_in local(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

Fd connect_to(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = local(port);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return {};
  return socket;
}

/// Everything that the server answers.
std::string get(std::uint16_t port, const std::string& path) {
  const Fd socket = connect_to(port);
  const std::string request = fmt::format("GET {} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", path);
  if (!socket || !write_all(socket.get(), request)) return {};
  std::string answer;
  char bytes[4096];
  for (ssize_t got = 0; (got = ::read(socket.get(), bytes, sizeof bytes)) > 0;)
    answer.append(bytes, static_cast<std::size_t>(got));
  return answer;
}

bool says(const nlohmann::json& json, const std::pair<std::string, std::string>& wanted) {
  if (!json.contains(wanted.first)) return false;
  const nlohmann::json& member = json[wanted.first];
  return (member.is_string() ? member.get<std::string>() : member.dump()) == wanted.second;
}

}  // namespace

bool is_ready(const Readiness& ready, std::uint16_t port) {
  if (!ready.tcp_port.empty()) return static_cast<bool>(connect_to(port));
  const std::string answer = get(port, ready.http_path);
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == answer.npos || answer.find(" 200 ") > answer.find("\r\n")) return false;
  const nlohmann::json json = nlohmann::json::parse(answer.substr(body), nullptr, false);
  for (const auto& wanted : ready.json_equals) {
    if (!json.is_object() || !says(json, wanted)) return false;
  }
  return true;
}

std::uint16_t free_port() {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = local(0);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return 0;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

Fd hold_port(std::uint16_t port) {
  Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = local(port);
  const bool is_held =
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(socket.get(), 1) == 0;
  return is_held ? std::move(socket) : Fd();
}

}  // namespace foz::plugin
