/// Is a role ready? Asked again and again, at growing intervals, until it is or its time is up. By
/// a port that listens, an HTTP answer (and members of its JSON), or a file. A line of output is
/// seen by Output instead. Asks only this node.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/agent/loop.h"
#include "core/base/fd.h"
#include "plugins/api/api.h"

namespace foz::agent {

/// An HTTP/1.0 answer: the number of its status line (0: no such line) and its body.
struct HttpAnswer {
  int status = 0;
  std::string_view body;
};
[[nodiscard]] HttpAnswer parse_http(std::string_view bytes);

/// Whether top-level members of a JSON object have these texts (numbers and booleans as written);
/// the first that does not, in words: "'aliveworkers' is 1, not 2". Empty: all do (probe_json.cpp).
[[nodiscard]] std::string compare_json(
    std::string_view body, const std::vector<std::pair<std::string, std::string>>& wanted);

class Probe {
 public:
  /// Empty: ready. Else the sentence's end: "port 7077 did not listen within 120 s".
  using Done = std::function<void(std::string not_ready)>;

  /// `ports` are those of the rank that is asked.
  Probe(Loop& loop, plugin::Readiness wanted, std::map<std::string, std::uint16_t> ports,
        Done done);

 private:
  void ask();
  void ask_port(std::uint16_t port);
  void ask_http(std::uint16_t port);
  void send_request();
  void read_answer();
  void judge_answer();
  void not_yet(std::string why);
  void finish(std::string result);
  [[nodiscard]] std::optional<std::uint16_t> port_of(const std::string& name) const;

  Loop& loop_;
  plugin::Readiness wanted_;
  std::map<std::string, std::uint16_t> ports_;
  Done done_;
  std::string why_not_ = "it was never asked";
  std::chrono::milliseconds interval_{20};
  Fd socket_;
  std::string answer_;
  Loop::Handle exchange_;  ///< the HTTP exchange under way
  Loop::Handle patience_;  ///< for one exchange
  Loop::Handle next_;
  Loop::Handle deadline_;
};

}  // namespace foz::agent
