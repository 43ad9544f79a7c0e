/// Tells whether a SIGTERM that came from outside was sent to the ranks as well: Slurm signals
/// every process of a job where its process tracking finds them, and the keeper alone where it does
/// not
/// (`scancel --batch`, `kill`, proctrack/pgid). The witness is a child that lives as ranks do, in a
/// session of its own, and dies of SIGTERM and of nothing else that Slurm sends before SIGKILL.
/// What ended it was sent to the ranks too, and must not be sent to them again. It is a copy of the
/// agent (no exec: one stands beside every task, however short) that has let go of all
/// descriptors.
#pragma once

#include <sys/types.h>

#include <functional>

#include "core/agent/reaper.h"

namespace foz::agent {

/// Its name for the kernel (/proc/PID/comm); its arguments are the agent's.
inline constexpr const char* k_witness = "foz-witness";

class Witness {
 public:
  explicit Witness(Reaper& reaper) : reaper_(reaper) {}
  ~Witness() { dismiss(); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  /// Where it cannot be started, or one stands already, nothing happens; is_standing() tells.
  void call();
  [[nodiscard]] bool is_standing() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// SIGTERM was sent to all.
  [[nodiscard]] bool was_told() const { return told_; }
  /// Called once, when it has ended of itself.
  void on_ended(std::function<void()> callback) { ended_ = std::move(callback); }
  /// Ends it, normally before this returns; what it has seen is kept until the next call().
  void dismiss();

 private:
  void take_note(int status);

  Reaper& reaper_;
  std::function<void()> ended_;
  pid_t pid_ = -1;
  bool told_ = false;
};

}  // namespace foz::agent
