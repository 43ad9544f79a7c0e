/// Takes in what one rank prints (standard output and error, one pipe) and writes it to the rank's
/// own log, byte for byte and in order; keeps the last of it for verdicts; watches for a line where
/// readiness is said by one. A rank is never stopped because its log cannot be written: what is
/// lost is counted and said.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/agent/loop.h"
#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::agent {

class Output {
 public:
  static constexpr std::size_t k_last_lines = 30;
  static constexpr std::size_t k_last_bytes = 16U << 10U;

  Output(Loop& loop, Fd reader, Fd writer, Fd log, std::string path);

  /// Opens the log to append to and makes the pipe. `separator` is written first when the log holds
  /// something already, on a line of its own.
  [[nodiscard]] static Result<std::unique_ptr<Output>> open(Loop& loop, const std::string& log,
                                                            const std::string& separator);

  /// What the rank writes to; closed by close_writer() once the rank has it.
  [[nodiscard]] int writer() const { return writer_.get(); }
  void close_writer() { writer_.reset(); }

  /// Calls `seen` once, when a line holds `text`.
  void watch_for_line(std::string text, std::function<void()> seen);

  /// Reads all that is in the pipe now (bounded, should somebody go on writing).
  void drain();

  /// The last lines, at most k_last_lines, a last one without LF included.
  [[nodiscard]] std::vector<std::string> last_lines() const;
  /// "812 bytes of log 'x' were lost: No space left on device"; empty when all is well.
  [[nodiscard]] std::string complaint() const;

 private:
  enum class Read { something, nothing, end };
  Read read_some();
  void take(std::string_view bytes);
  void write_log(std::string_view bytes);
  void look_for_line(std::string_view bytes);

  Fd reader_;
  Fd writer_;
  Fd log_;
  std::string path_;
  std::string tail_;  ///< the last k_last_bytes or more
  std::string line_;  ///< the line being looked at, while one is watched for
  std::string wanted_;
  std::function<void()> seen_;
  std::uint64_t lost_ = 0;
  int lost_reason_ = 0;
  Loop::Handle handle_;
};

}  // namespace foz::agent
