#include "core/agent/stopper.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/agent/reaper.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds k_between_sweeps{20};
constexpr milliseconds k_left_behind_grace{2'000};
constexpr int k_most_sweeps_after_grace = 500;  ///< 10 s for the kernel to end what was killed

void send_all(const std::vector<Process>& processes, int signal) {
  for (const Process& process : processes) send_signal(process, signal);
}

void insert_all(std::set<pid_t>& pids, const std::vector<Process>& processes) {
  for (const Process& process : processes) pids.insert(process.pid);
}

std::vector<std::string> names_of(const std::vector<Process>& processes) {
  std::vector<std::string> names;
  for (const Process& process : processes)
    names.push_back(fmt::format("process {} (state {})", process.pid, process.state));
  return names;
}

}  // namespace

void Stopper::stop(const std::vector<pid_t>& roots, milliseconds grace, Teller teller, Done done) {
  done_ = std::move(done);
  grace_is_over_ = false;
  sweeps_after_grace_ = 0;
  next_ = loop_.after(milliseconds(0), [this] { sweep(); });
  if (!Reaper::has_children()) return;
  const ProcessTree tree = ProcessTree::read();
  for (const pid_t root : roots) tell(tree, root, teller);
  if (teller == Teller::outside) adopt_told(tree);
  grace_ = loop_.after(grace, [this] {
    grace_is_over_ = true;
    sweep();
  });
}

bool Stopper::has_family(pid_t pid) const {
  return std::any_of(families_.begin(), families_.end(),
                     [pid](auto& family) { return family.root == pid; });
}

void Stopper::tell(const ProcessTree& tree, pid_t root, Teller teller) {
  if (has_family(root)) return;
  Family family{root, tree.hearers(root, SIGTERM), tree.from(root)};
  if (family.hearers.empty()) {
    const bool is_deaf = find_disposition(root, SIGTERM) == Disposition::ignored;
    send_all(family.members, is_deaf ? SIGKILL : SIGTERM);
  } else if (teller == Teller::agent) {
    send_all(family.hearers, SIGTERM);
  }
  insert_all(told_, teller == Teller::agent ? family.hearers : family.members);
  families_.push_back(std::move(family));
}

/// A shell dies of a TERM that everybody gets, and leaves behind the program that hears it.
void Stopper::adopt_told(const ProcessTree& tree) {
  for (const Process& process : tree.below(::getpid()))
    if (process.parent == ::getpid() && !tree.hearers(process.pid, SIGTERM).empty())
      tell(tree, process.pid, Teller::outside);
}

void Stopper::look() {
  if (!done_) return;
  if (!Reaper::has_children()) return finish({});
  if (!next_) next_ = loop_.after(k_between_sweeps, [this] { sweep(); });
}

void Stopper::sweep() {
  next_.reset();
  if (!done_) return;
  if (!Reaper::has_children()) return finish({});
  const ProcessTree tree = ProcessTree::read();
  const auto left = tree.below(::getpid());
  if (grace_is_over_) {
    send_all(left, SIGKILL);
    if (++sweeps_after_grace_ > k_most_sweeps_after_grace) return finish(names_of(left));
  } else {
    end_left_behind(tree, left);
  }
  if (grace_is_over_ || !left_behind_.empty())
    next_ = loop_.after(k_between_sweeps, [this] { sweep(); });
}

/// A family is over when its root and all of its hearers have ended. The processes of the others.
std::set<pid_t> Stopper::forget_ended_families(const ProcessTree& tree) {
  const auto lives = [&](const Process& process) { return tree.holds(process); };
  std::erase_if(families_, [&](const Family& family) {
    return tree.from(family.root).empty() &&
           std::none_of(family.hearers.begin(), family.hearers.end(), lives);
  });
  std::set<pid_t> theirs;
  for (const Family& family : families_) {
    insert_all(theirs, tree.from(family.root));
    for (const Process& member : family.members)
      if (lives(member)) insert_all(theirs, tree.from(member.pid));
  }
  return theirs;
}

void Stopper::end_left_behind(const ProcessTree& tree, const std::vector<Process>& left) {
  const auto theirs = forget_ended_families(tree);
  const auto now = steady_clock::now();
  for (const Process& process : left) {
    if (theirs.contains(process.pid)) continue;
    const auto [since, is_new] = left_behind_.try_emplace(process.pid, now);
    const Disposition does = find_disposition(process.pid, SIGTERM);
    if (does == Disposition::ignored || now - since->second >= k_left_behind_grace) {
      send_signal(process, SIGKILL);
    } else if (is_new && !(does == Disposition::caught && told_.contains(process.pid))) {
      send_signal(process, SIGTERM);
    }
  }
}

void Stopper::finish(std::vector<std::string> left) {
  grace_.reset();
  next_.reset();
  families_.clear();
  told_.clear();
  left_behind_.clear();
  std::exchange(done_, nullptr)(std::move(left));
}

}  // namespace foz::agent
