#include "core/agent/stopper.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include "core/agent/reaper.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_between_sweeps{20};
constexpr int k_most_sweeps_after_grace = 500;  ///< 10 s for the kernel to end what was killed

void send_all(const std::vector<Process>& processes, int signal) {
  for (const Process& process : processes) send_signal(process, signal);
}

}  // namespace

void Stopper::stop(const std::vector<pid_t>& roots, milliseconds grace, Done done) {
  roots_ = {roots.begin(), roots.end()};
  done_ = std::move(done);
  asked_.clear();
  grace_is_over_ = false;
  sweeps_after_grace_ = 0;
  next_ = loop_.after(milliseconds(0), [this] { look(); });
  if (!Reaper::has_children()) return;
  const ProcessTree tree = ProcessTree::read();
  for (const pid_t root : roots) ask(tree, root);
  grace_ = loop_.after(grace, [this] {
    grace_is_over_ = true;
    look();
  });
}

void Stopper::ask(const ProcessTree& tree, pid_t root) {
  std::vector<Process> hearers = tree.hearers(root, SIGTERM);
  const std::vector<Process> all = tree.from(root);
  if (hearers.empty()) {
    const bool is_deaf = find_disposition(root, SIGTERM) == Disposition::ignored;
    return send_all(all, is_deaf ? SIGKILL : SIGTERM);
  }
  send_all(hearers, SIGTERM);
  // What runs below and beside a process that is saving must not be taken from it.
  for (const Process& process : all) asked_.insert(process.pid);
}

void Stopper::look() {
  if (!done_) return;
  if (!Reaper::has_children()) return finish({});
  std::erase_if(roots_, [](pid_t root) { return ::kill(root, 0) != 0; });
  if (roots_.empty() || grace_is_over_) sweep();
}

void Stopper::sweep() {
  const auto left = ProcessTree::read().below(::getpid());
  for (const Process& process : left)
    if (grace_is_over_ || !asked_.contains(process.pid)) send_signal(process, SIGKILL);
  if (grace_is_over_ && ++sweeps_after_grace_ > k_most_sweeps_after_grace) {
    std::vector<std::string> names;
    for (const Process& process : left)
      names.push_back(fmt::format("process {} (state {})", process.pid, process.state));
    return finish(std::move(names));
  }
  next_ = loop_.after(k_between_sweeps, [this] { look(); });
}

void Stopper::finish(std::vector<std::string> left) {
  grace_.reset();
  next_.reset();
  std::exchange(done_, nullptr)(std::move(left));
}

}  // namespace foz::agent
