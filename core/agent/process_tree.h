/// What runs below a process, read from /proc: nothing below a rank may outlive it, whatever groups
/// and sessions it made for itself; and a signal must reach the process that it is meant for.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <vector>

namespace foz::agent {

struct Process {
  pid_t pid = 0;
  pid_t parent = 0;
  char state = '?';              ///< as in /proc: 'R', 'S', 'D', 'Z' ...
  std::uint64_t start_time = 0;  ///< in ticks since boot: tells two lives of one pid apart
};

/// What a process does with a signal.
enum class Disposition { default_action, caught, ignored, unknown };
[[nodiscard]] Disposition find_disposition(pid_t pid, int signal);

/// All processes at one moment.
class ProcessTree {
 public:
  [[nodiscard]] static ProcessTree read();

  /// Every process below `root` (without it) that has not ended, parents before children.
  [[nodiscard]] std::vector<Process> below(pid_t root) const;
  /// The same with `root` itself.
  [[nodiscard]] std::vector<Process> from(pid_t root) const;
  /// Those of `root` and below who catch `signal` and have nobody above them who does: a training
  /// below a shell, but not its data loaders.
  [[nodiscard]] std::vector<Process> hearers(pid_t root, int signal) const;
  /// Whether that very process is there and has not ended.
  [[nodiscard]] bool holds(const Process& process) const;

 private:
  std::multimap<pid_t, Process> by_parent_;
};

/// Sends `signal` to a process if it is still the one that was seen.
void send_signal(const Process& process, int signal);

}  // namespace foz::agent
