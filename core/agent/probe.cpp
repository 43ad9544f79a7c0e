#include "core/agent/probe.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/agent/listener.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_longest_interval{200};
constexpr milliseconds k_exchange_limit{3'000};
constexpr std::size_t k_answer_limit = 4U << 20U;

}  // namespace

HttpAnswer parse_http(std::string_view bytes) {
  constexpr std::string_view k_start = "HTTP/1.";
  const std::size_t end = bytes.find("\r\n\r\n");
  if (!bytes.starts_with(k_start) || end == bytes.npos || bytes.size() < 12) return {};
  return {static_cast<int>(parse_integer(bytes.substr(9, 3)).value_or(0)), bytes.substr(end + 4)};
}

Probe::Probe(Loop& loop, plugin::Readiness wanted, std::map<std::string, std::uint16_t> ports,
             Done done)
    : loop_(loop), wanted_(std::move(wanted)), ports_(std::move(ports)), done_(std::move(done)) {
  deadline_ = loop_.after(std::chrono::seconds(wanted_.timeout_s), [this] {
    finish(fmt::format("{} within {} s", why_not_, wanted_.timeout_s));
  });
  next_ = loop_.after(milliseconds(0), [this] { ask(); });
}

std::optional<std::uint16_t> Probe::port_of(const std::string& name) const {
  const auto found = ports_.find(name);
  return found == ports_.end() ? std::nullopt : std::optional(found->second);
}

void Probe::ask() {
  const std::string& name = wanted_.http_port.empty() ? wanted_.tcp_port : wanted_.http_port;
  if (!name.empty()) {
    const auto port = port_of(name);
    if (!port) return finish(fmt::format("it has no port named '{}'", name));
    return wanted_.http_port.empty() ? ask_port(*port) : ask_http(*port);
  }
  struct stat status {};
  if (::stat(wanted_.file.c_str(), &status) == 0) return finish({});
  not_yet(fmt::format("file '{}' was not there", wanted_.file));
}

void Probe::ask_port(std::uint16_t port) {
  if (find_listener(port)) return finish({});
  not_yet(fmt::format("port '{}' ({}) did not listen", wanted_.tcp_port, port));
}

void Probe::ask_http(std::uint16_t port) {
  const auto address = find_listener(port);
  if (!address)
    return not_yet(fmt::format("port '{}' ({}) did not listen", wanted_.http_port, port));
  socket_ = Fd(::socket(address->storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const auto* target = reinterpret_cast<const sockaddr*>(&address->storage);
  if (!socket_ || (::connect(socket_.get(), target, address->size) != 0 && errno != EINPROGRESS))
    return not_yet(fmt::format("port '{}' ({}) could not be reached", wanted_.http_port, port));
  answer_.clear();
  exchange_ = loop_.on_writable(socket_.get(), [this] { send_request(); });
  patience_ = loop_.after(k_exchange_limit, [this] { not_yet("its HTTP answer did not come"); });
}

/// Small enough for any socket's buffer: sent in one go.
void Probe::send_request() {
  const std::string request =
      fmt::format("GET {} HTTP/1.0\r\nHost: localhost\r\nAccept: */*\r\nConnection: close\r\n\r\n",
                  wanted_.http_path);
  const ssize_t count = ::send(socket_.get(), request.data(), request.size(), MSG_NOSIGNAL);
  if (count != static_cast<ssize_t>(request.size()))
    return not_yet("its HTTP port refused the connection");
  exchange_ = loop_.on_readable(socket_.get(), [this] { read_answer(); });
}

void Probe::read_answer() {
  std::array<char, 16U << 10U> buffer;
  const ssize_t count = ::read(socket_.get(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count > 0 && answer_.size() < k_answer_limit) {
    answer_.append(buffer.data(), static_cast<std::size_t>(count));
    return;
  }
  judge_answer();
}

void Probe::judge_answer() {
  const HttpAnswer answer = parse_http(answer_);
  if (answer.status != 200)
    return not_yet(fmt::format("'{}' answered with status {}", wanted_.http_path, answer.status));
  const std::string difference =
      wanted_.json_equals.empty() ? "" : compare_json(answer.body, wanted_.json_equals);
  difference.empty() ? finish({})
                     : not_yet(fmt::format("of '{}', {}", wanted_.http_path, difference));
}

void Probe::not_yet(std::string why) {
  why_not_ = std::move(why);
  exchange_.reset();
  patience_.reset();
  socket_.reset();
  next_ = loop_.after(interval_, [this] { ask(); });
  interval_ = std::min(interval_ * 2, k_longest_interval);
}

void Probe::finish(std::string result) {
  exchange_.reset();
  patience_.reset();
  next_.reset();
  deadline_.reset();
  socket_.reset();
  const Done done = std::move(done_);  // it may drop this probe
  done(std::move(result));
}

}  // namespace foz::agent
