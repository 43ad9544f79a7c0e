/// Learns the end of every child of this process, and makes this process the parent of orphans
/// below it. One for each process; told of SIGCHLD by whoever owns the signals.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <utility>

namespace foz::agent {

class Reaper {
 public:
  using Ended = std::function<void(int wait_status)>;

  /// Becomes the sub-reaper.
  Reaper();
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;

  /// Calls `ended` once, when that child has been reaped.
  void watch(pid_t pid, Ended ended);
  /// Forgets a child: its end is still reaped, and told to nobody.
  void forget(pid_t pid) { watched_.erase(pid); }

  /// Called after each reap().
  void on_reaped(std::function<void()> callback) { reaped_ = std::move(callback); }

  /// Reaps all that has ended: watched children and adopted orphans alike.
  void reap();
  /// Whether this process has any child left (a sub-reaper without children has nothing below it).
  [[nodiscard]] static bool has_children();

 private:
  std::map<pid_t, Ended> watched_;
  std::function<void()> reaped_;
};

}  // namespace foz::agent
