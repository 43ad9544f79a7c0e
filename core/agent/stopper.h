/// Ends all that runs below this process. Works because this process is the sub-reaper (reaper.h):
/// without children it has nothing below it.
///
///  - Of each rank, those who hear TERM are told, once, and have the grace to save. What runs
///    beside and below them is left alone while they do. Where nobody hears it, all of it gets
///    TERM.
///  - When a rank's own process and its hearers have ended, what they left behind gets TERM, and
///    KILL a little later; it may have made groups and sessions of its own.
///  - At the end of the grace all that is left gets KILL.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/agent/loop.h"
#include "core/agent/process_tree.h"
#include "core/agent/teller.h"

namespace foz::agent {

class Stopper {
 public:
  /// Empty, or what could not be ended: "process 812 (state D)".
  using Done = std::function<void(std::vector<std::string> left)>;

  explicit Stopper(Loop& loop) : loop_(loop) {}

  /// Ends these children and everything else below; `done` is called once, never before this
  /// returns. With Teller::outside every process that is there has been sent TERM already. A second
  /// call while it works replaces grace and `done`, and tells nobody twice.
  void stop(const std::vector<pid_t>& roots, std::chrono::milliseconds grace, Teller teller,
            Done done);

  /// To be called whenever children were reaped.
  void look();

 private:
  /// A rank's processes, as they were when it was told.
  struct Family {
    pid_t root = 0;
    std::vector<Process> hearers;
    std::vector<Process> members;
  };
  void tell(const ProcessTree& tree, pid_t root, Teller teller);
  void adopt_told(const ProcessTree& tree);
  [[nodiscard]] bool has_family(pid_t pid) const;
  [[nodiscard]] std::set<pid_t> forget_ended_families(const ProcessTree& tree);
  void sweep();
  void end_left_behind(const ProcessTree& tree, const std::vector<Process>& left);
  void finish(std::vector<std::string> left);

  using Moment = std::chrono::steady_clock::time_point;

  Loop& loop_;
  Done done_;
  std::vector<Family> families_;
  std::set<pid_t> told_;                 ///< those who hear TERM and must not get it again
  std::map<pid_t, Moment> left_behind_;  ///< since when that is known
  bool grace_is_over_ = false;
  int sweeps_after_grace_ = 0;
  Loop::Handle grace_;
  Loop::Handle next_;
};

}  // namespace foz::agent
