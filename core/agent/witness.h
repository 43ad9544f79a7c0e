/// Tells whether a SIGTERM that came from outside was sent to the ranks as well: Slurm signals
/// every process of a job where its process tracking finds them, and the keeper alone where it does
/// not
/// (`scancel --batch`, `kill`, proctrack/pgid). The witness is a child that lives as ranks do, in a
/// session of its own, and dies of SIGTERM and of nothing else that Slurm sends before SIGKILL.
/// What ended it was sent to the ranks too, and must not be sent to them again.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "core/agent/reaper.h"

namespace foz::agent {

/// The first argument with which foz-agent is a witness.
inline constexpr std::string_view k_witness = "witness";
/// What it does; never returns.
[[noreturn]] void stand_witness();

class Witness {
 public:
  explicit Witness(Reaper& reaper) : reaper_(reaper) {}
  ~Witness() { dismiss(); }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;

  /// `program`: foz-agent's path. Where it cannot be started, or one stands already, nothing
  /// happens; is_standing() tells.
  void call(const std::string& program);
  [[nodiscard]] bool is_standing() const { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const { return pid_; }
  /// SIGTERM was sent to all.
  [[nodiscard]] bool was_told() const { return told_; }
  /// Called once, when it has ended of itself.
  void on_ended(std::function<void()> callback) { ended_ = std::move(callback); }
  /// Ends it; what it has seen is kept until the next call().
  void dismiss();

 private:
  Reaper& reaper_;
  std::function<void()> ended_;
  pid_t pid_ = -1;
  bool told_ = false;
};

}  // namespace foz::agent
