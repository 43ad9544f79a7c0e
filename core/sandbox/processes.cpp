#include "core/sandbox/processes.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <set>
#include <string_view>
#include <thread>

#include "core/base/spawn.h"
#include "core/base/text.h"
#include "core/sandbox/mark.h"

namespace foz::sandbox {

namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds k_look_again{10};
constexpr milliseconds k_kill_patience{10'000};

/// What /proc tells of one process.
struct Seen {
  ProcessId id;
  pid_t parent = 0;
  pid_t session = 0;
};

std::string read_proc(pid_t pid, std::string_view file) {
  auto bytes = read_file(fmt::format("/proc/{}/{}", pid, file));
  return bytes ? std::move(*bytes) : std::string();
}

/// The fields after the program's name, which may itself hold spaces and brackets.
std::optional<Seen> parse_stat(pid_t pid, std::string_view stat) {
  const std::size_t end_of_name = stat.rfind(')');
  if (end_of_name == stat.npos || end_of_name + 2 >= stat.size()) return std::nullopt;
  const auto fields = split(stat.substr(end_of_name + 2), ' ');
  constexpr std::size_t k_state = 0, k_parent = 1, k_session = 3, k_start = 19;
  if (fields.size() <= k_start || fields[k_state] == "Z" || fields[k_state] == "X")
    return std::nullopt;
  const auto parent = parse_integer(fields[k_parent]);
  const auto session = parse_integer(fields[k_session]);
  const auto start = parse_integer(fields[k_start]);
  if (!parent || !session || !start) return std::nullopt;
  return Seen{{pid, static_cast<std::uint64_t>(*start)},
              static_cast<pid_t>(*parent),
              static_cast<pid_t>(*session)};
}

std::optional<Seen> look_at(pid_t pid) {
  return parse_stat(pid, read_proc(pid, "stat"));
}

std::vector<Seen> all_processes() {
  std::vector<Seen> seen;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = parse_integer(entry->path().filename().native());
    if (!pid) continue;
    if (auto process = look_at(static_cast<pid_t>(*pid))) seen.push_back(*process);
  }
  return seen;
}

std::vector<std::string_view> strings_of(std::string_view zero_separated) {
  auto strings = split(zero_separated, '\0');
  if (!strings.empty() && strings.back().empty()) strings.pop_back();
  return strings;
}

std::optional<Role> role_of_program(std::string_view argument) {
  const std::string_view name = argument.substr(argument.rfind('/') + 1);
  if (name == "munged") return Role::munged;
  if (name == "slurmctld") return Role::slurmctld;
  if (name.ends_with("slurmscriptd")) return Role::slurmscriptd;
  if (name == "slurmd") return Role::slurmd;
  if (name == "slurmstepd" || argument.starts_with("slurmstepd:")) return Role::slurmstepd;
  return std::nullopt;
}

/// What one folder's processes carry.
struct Marks {
  std::string folder_variable;
  std::string conf_variable;
  std::string conf;
  std::string socket_argument;

  explicit Marks(const fs::path& folder)
      : folder_variable(fmt::format("{}={}", k_folder_variable, folder.native())),
        conf_variable(fmt::format("SLURM_CONF={}/slurm.conf", folder.native())),
        conf(folder / "slurm.conf"),
        socket_argument(fmt::format("--socket={}/munge.sock", folder.native())) {}
};

template <class Strings>
bool holds(const Strings& strings, std::string_view wanted) {
  return std::find(strings.begin(), strings.end(), wanted) != strings.end();
}

bool was_started_by_a_step(const std::vector<std::string_view>& environment, const Marks& marks) {
  const auto has_name = [&](std::string_view name) {
    return std::any_of(environment.begin(), environment.end(),
                       [&](std::string_view entry) { return entry.starts_with(name); });
  };
  return holds(environment, marks.conf_variable) && has_name("SLURMD_NODENAME=") &&
         has_name("SLURM_JOB_ID=");
}

std::string node_of(const std::vector<std::string_view>& arguments) {
  const auto option = std::find(arguments.begin(), arguments.end(), "-N");
  return option == arguments.end() || option + 1 == arguments.end() ? std::string()
                                                                    : std::string(option[1]);
}

/// Which folder a path means, for the process itself: a container or a chroot has other folders of
/// the same name.
struct Place {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(const std::string& path) {
  struct stat information {};
  if (::stat(path.c_str(), &information) != 0) return std::nullopt;
  return Place{information.st_dev, information.st_ino};
}

bool means_the_same_folder(pid_t pid, const fs::path& folder) {
  const std::string root = fmt::format("/proc/{}/root", pid);
  const auto its_root = place_of(root + "/");
  if (!its_root) return true;  // may not be looked at: a daemon of another user
  const auto its_folder = place_of(root + folder.native());
  const auto our_folder = place_of(folder);
  return its_folder || our_folder ? its_folder == our_folder : its_root == place_of("/");
}

/// By its own arguments and environment; its relatives come later.
std::optional<Process> judge(const Seen& seen, const Marks& marks) {
  const std::string command_line = read_proc(seen.id.pid, "cmdline");
  const auto arguments = strings_of(command_line);
  if (arguments.empty()) return std::nullopt;  // a kernel thread, or on its way out
  const std::string bytes = read_proc(seen.id.pid, "environ");
  const auto environment = strings_of(bytes);
  const auto role = role_of_program(arguments.front());
  if (was_started_by_a_step(environment, marks)) return Process{seen.id, Role::job, {}};
  const bool is_marked = holds(environment, marks.folder_variable) ||
                         holds(arguments, marks.socket_argument) || holds(arguments, marks.conf);
  if (role && is_marked)
    return Process{seen.id, *role, *role == Role::slurmd ? node_of(arguments) : std::string()};
  // What a daemon has started (an epilog) carries the mark as well.
  if (holds(environment, marks.folder_variable)) return Process{seen.id, Role::job, {}};
  return std::nullopt;
}

/// Adds children, and whoever shares a slurmstepd's session, until nothing more is found.
void add_relatives(const std::vector<Seen>& seen, std::map<pid_t, Process>& found) {
  std::set<pid_t> sessions;
  for (const Seen& process : seen) {
    const auto member = found.find(process.id.pid);
    if (member != found.end() && member->second.role == Role::slurmstepd)
      sessions.insert(process.session);
  }
  for (std::size_t before = SIZE_MAX; before != found.size();) {
    before = found.size();
    for (const Seen& process : seen) {
      if (found.contains(process.parent) || sessions.contains(process.session)) {
        found.try_emplace(process.id.pid, Process{process.id, Role::job, {}});
      }
    }
  }
}

bool has_lived_on(const Process& process) {
  return is_alive(process.id);
}

/// Waits until none of `processes` lives, or `until`.
void wait_for_end(const std::vector<Process>& processes, SteadyClock::time_point until) {
  while (std::any_of(processes.begin(), processes.end(), has_lived_on) &&
         SteadyClock::now() < until) {
    std::this_thread::sleep_for(k_look_again);
  }
}

/// The sandbox's processes and the recorded ones, without this process.
std::vector<Process> targets(const fs::path& folder, const std::vector<ProcessId>& recorded) {
  std::vector<Process> found = find_processes(folder);
  for (const ProcessId& id : recorded) {
    const bool is_known = std::any_of(found.begin(), found.end(),
                                      [&](const Process& process) { return process.id == id; });
    if (!is_known && is_alive(id)) found.push_back(Process{id, Role::munged, {}});
  }
  std::erase_if(found, [](const Process& process) { return process.id.pid == ::getpid(); });
  return found;
}

std::vector<Process> with_role(const std::vector<Process>& processes, Role role) {
  std::vector<Process> chosen;
  std::copy_if(processes.begin(), processes.end(), std::back_inserter(chosen),
               [&](const Process& process) { return process.role == role; });
  return chosen;
}

void signal_all(const std::vector<Process>& processes, int signal) {
  for (const Process& process : processes) send_signal(process.id, signal);
}

std::string describe(const std::vector<Process>& processes) {
  std::vector<std::string> pids;
  for (const Process& process : processes) pids.push_back(std::to_string(process.id.pid));
  return join(pids, ", ");
}

}  // namespace

std::optional<ProcessId> identify(pid_t pid) {
  const auto seen = look_at(pid);
  return seen ? std::optional(seen->id) : std::nullopt;
}

bool is_alive(const ProcessId& process) {
  return identify(process.pid) == process;
}

std::vector<Process> find_processes(const fs::path& folder) {
  const Marks marks(folder);
  const std::vector<Seen> seen = all_processes();
  std::map<pid_t, Process> found;
  for (const Seen& process : seen) {
    auto member = judge(process, marks);
    if (member && means_the_same_folder(process.id.pid, folder))
      found.emplace(process.id.pid, std::move(*member));
  }
  add_relatives(seen, found);
  std::vector<Process> processes;
  for (auto& [pid, process] : found) processes.push_back(std::move(process));
  return processes;
}

bool send_signal(const ProcessId& process, int signal) {
  const Fd handle(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  const bool is_old_kernel = !handle && errno == ENOSYS;
  // The handle is taken first and the identity checked second: from here on it can only mean this
  // process.
  if ((!handle && !is_old_kernel) || !is_alive(process)) return false;
  if (is_old_kernel) return ::kill(process.pid, signal) == 0;
  return ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0) == 0;
}

Result<std::size_t> end_processes(const fs::path& folder, const std::vector<ProcessId>& recorded,
                                  milliseconds grace) {
  std::set<ProcessId> seen;
  const auto note = [&](const std::vector<Process>& processes) {
    for (const Process& process : processes) seen.insert(process.id);
  };
  std::vector<Process> left = targets(folder, recorded);
  note(left);
  signal_all(with_role(left, Role::slurmctld), SIGKILL);
  signal_all(with_role(left, Role::slurmd), SIGKILL);
  const std::vector<Process> jobs = with_role(left, Role::job);
  signal_all(jobs, SIGTERM);
  wait_for_end(jobs, SteadyClock::now() + grace);
  const auto deadline = SteadyClock::now() + k_kill_patience;
  for (left = targets(folder, recorded); !left.empty(); left = targets(folder, recorded)) {
    if (SteadyClock::now() > deadline) {
      return fail(Code::failed, fmt::format("these processes of the sandbox in '{}' do not end: {}",
                                            folder.native(), describe(left)));
    }
    note(left);
    signal_all(left, SIGKILL);
    wait_for_end(left, std::min(deadline, SteadyClock::now() + milliseconds(200)));
  }
  return seen.size();
}

}  // namespace foz::sandbox
