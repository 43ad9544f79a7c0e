/// A child that answers lines on its standard streams and must not be trusted to answer at all: it
/// may die at any moment, hang, or print what it likes. Knows nothing of what the lines mean.
///
/// The child has its own process group, /dev/null nowhere, nothing inherited but its three streams,
/// and ends with this object (KILL to the group).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::slurm {

class HelperProcess {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Code::not_found where there is no such program.
  [[nodiscard]] static Result<HelperProcess> start(const std::string& program,
                                                   const Environment& environment);
  HelperProcess(HelperProcess&& other) noexcept;
  HelperProcess& operator=(HelperProcess&& other) noexcept;
  ~HelperProcess() { end(); }

  /// All of `bytes`. Code::unavailable when the child is gone or `until` has come.
  [[nodiscard]] Result<void> write(std::string_view bytes, Time until);
  /// The next line, without its end. Code::unavailable as above, with the child's last words.
  [[nodiscard]] Result<std::string> read_line(Time until);
  /// The next `count` bytes.
  [[nodiscard]] Result<std::string> read_bytes(std::size_t count, Time until);

 private:
  HelperProcess() = default;
  void end();
  /// Waits until something may be read (or written, when `want_write`) and takes what is there.
  [[nodiscard]] Result<void> wait(Time until, short write_events);
  bool take(Fd& from, std::string& into) const;
  [[nodiscard]] Error gone();
  [[nodiscard]] std::string last_words() const;

  pid_t pid_ = -1;
  Fd input_;
  Fd out_;
  Fd err_;
  std::string buffer_;
  std::string said_;  ///< the end of what came on standard error
};

}  // namespace foz::slurm
