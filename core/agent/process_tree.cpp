#include "core/agent/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

#include "core/base/fd.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// The first bytes of a file of /proc, into a buffer of the caller.
std::string_view read_start(const char* path, std::array<char, 4096>& buffer) {
  const Fd file(::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
  return {buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

/// "812 (a name) with) S 1 ...": the name ends at the last ')'.
std::optional<Process> read_process(pid_t pid) {
  std::array<char, 64> path{};
  std::array<char, 4096> buffer{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", pid);
  const std::string_view text = read_start(path.data(), buffer);
  const std::size_t end = text.rfind(')');
  if (end == text.npos || end + 2 >= text.size()) return std::nullopt;
  const auto fields = split(text.substr(end + 2), ' ');
  constexpr std::size_t k_start_time = 19;  // field 22 of proc(5), counted from the state
  if (fields.size() <= k_start_time || fields[0].empty()) return std::nullopt;
  return Process{pid, static_cast<pid_t>(parse_integer(fields[1]).value_or(0)), fields[0][0],
                 static_cast<std::uint64_t>(parse_integer(fields[k_start_time]).value_or(0))};
}

bool has_ended(const Process& process) {
  return process.state == 'Z' || process.state == 'X';
}

/// The mask "SigCgt:\t0000000180004002" of a status file, whether it holds `signal`.
bool mask_holds(std::string_view status, std::string_view name, int signal) {
  const std::size_t at = status.find(name);
  if (at == status.npos) return false;
  const std::string_view hex = status.substr(at + name.size() + 1, 16);
  std::uint64_t mask = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), mask, 16);
  return (mask >> static_cast<unsigned>(signal - 1) & 1U) != 0;
}

}  // namespace

ProcessTree ProcessTree::read() {
  ProcessTree tree;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  if (!folder) return tree;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto pid = parse_integer(entry->d_name);
    if (!pid) continue;
    if (const auto process = read_process(static_cast<pid_t>(*pid)))
      tree.by_parent_.emplace(process->parent, *process);
  }
  return tree;
}

std::vector<Process> ProcessTree::below(pid_t root) const {
  std::vector<Process> found;
  std::vector<pid_t> parents{root};
  for (std::size_t i = 0; i < parents.size(); ++i) {
    const auto [first, last] = by_parent_.equal_range(parents[i]);
    for (auto child = first; child != last; ++child) {
      parents.push_back(child->second.pid);
      if (!has_ended(child->second)) found.push_back(child->second);
    }
  }
  return found;
}

std::vector<Process> ProcessTree::from(pid_t root) const {
  std::vector<Process> found = below(root);
  for (const auto& [parent, process] : by_parent_)
    if (process.pid == root && !has_ended(process)) found.insert(found.begin(), process);
  return found;
}

std::vector<Process> ProcessTree::hearers(pid_t root, int signal) const {
  std::vector<Process> found;
  std::set<pid_t> covered;
  for (const Process& process : from(root)) {
    const bool is_covered = covered.contains(process.parent);
    const bool hears = !is_covered && find_disposition(process.pid, signal) == Disposition::caught;
    if (hears) found.push_back(process);
    if (is_covered || hears) covered.insert(process.pid);
  }
  return found;
}

bool ProcessTree::holds(const Process& process) const {
  return std::any_of(by_parent_.begin(), by_parent_.end(), [&](auto& one) {
    return one.second.pid == process.pid && one.second.start_time == process.start_time &&
           !has_ended(one.second);
  });
}

Disposition find_disposition(pid_t pid, int signal) {
  std::array<char, 64> path{};
  std::array<char, 4096> buffer{};
  std::snprintf(path.data(), path.size(), "/proc/%d/status", pid);
  const std::string_view status = read_start(path.data(), buffer);
  if (status.empty()) return Disposition::unknown;
  if (mask_holds(status, "\nSigCgt:", signal)) return Disposition::caught;
  if (mask_holds(status, "\nSigIgn:", signal)) return Disposition::ignored;
  return Disposition::default_action;
}

void send_signal(const Process& process, int signal) {
  const auto now = read_process(process.pid);
  if (now && now->start_time == process.start_time) ::kill(process.pid, signal);
}

}  // namespace foz::agent
