/// Ends all that runs below this process: asks those who hear TERM, waits for the grace, kills the
/// rest, and what was left behind in groups and sessions of its own too. Works because this process
/// is the sub-reaper (reaper.h): without children it has nothing below it.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/agent/loop.h"
#include "core/agent/process_tree.h"

namespace foz::agent {

class Stopper {
 public:
  /// Empty, or what could not be ended: "process 812 (state D)".
  using Done = std::function<void(std::vector<std::string> left)>;

  explicit Stopper(Loop& loop) : loop_(loop) {}

  /// Ends these children and everything else below; `done` is called once, never before this
  /// returns. A second call while it works replaces grace and `done`.
  void stop(const std::vector<pid_t>& roots, std::chrono::milliseconds grace, Done done);

  /// To be called whenever children were reaped.
  void look();

 private:
  void ask(const ProcessTree& tree, pid_t root);
  void sweep();
  void finish(std::vector<std::string> left);

  Loop& loop_;
  Done done_;
  std::set<pid_t> roots_;
  std::set<pid_t> asked_;  ///< were sent TERM and have until the end of the grace
  bool grace_is_over_ = false;
  int sweeps_after_grace_ = 0;
  Loop::Handle grace_;
  Loop::Handle next_;
};

}  // namespace foz::agent
