#include "core/sandbox/sandbox.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include "core/base/host.h"
#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/sandbox/configuration.h"
#include "core/sandbox/place.h"
#include "core/sandbox/ports.h"
#include "core/sandbox/programs.h"
#include "core/sandbox/start.h"
#include "core/sandbox/state.h"

namespace foz::sandbox {

namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds k_lock_patience{60'000};
constexpr milliseconds k_answer_patience{10'000};
constexpr milliseconds k_job_grace{2'000};
constexpr int k_key_words = 16;  ///< of 64 bits: munge's 1,024-bit key

// ---- looking ------------------------------------------------------------------------------------

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

bool is_empty_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder, error) && fs::is_empty(folder, error);
}

void take_over(Sandbox& sandbox, State state) {
  const bool is_this_boot = state.boot == boot_id();
  const fs::path home = sandbox.options.home;
  sandbox.options = std::move(state.options);
  sandbox.options.home = home;
  sandbox.release = state.release;
  sandbox.port = state.port;
  sandbox.daemons = std::move(state.daemons);
  for (Daemon& daemon : sandbox.daemons) {
    daemon.alive = is_this_boot && is_alive(daemon.process);
    if (!daemon.alive)
      sandbox.problems.push_back(
          fmt::format("{} (pid {}) is gone", daemon.role, daemon.process.pid));
  }
  if (state.progress != State::Progress::ready)
    sandbox.problems.emplace_back("its start was cut short, or is still going on");
}

std::string why_unreadable(const fs::path& folder, std::size_t processes, const Error& error) {
  if (!is_there(folder))
    return fmt::format("its folder is gone, but processes of it live ({})", processes);
  if (!is_sandbox_folder(folder)) return "the folder holds something else, not a sandbox";
  return error.code == Code::not_found ? std::string("its state file is missing") : error.message;
}

Sandbox inspect(const fs::path& home, const std::string& name) {
  Sandbox sandbox;
  sandbox.options.name = name;
  sandbox.options.home = home;
  sandbox.folder = home / name;
  const std::vector<Process> processes = find_processes(sandbox.folder);
  if (processes.empty() && (!is_there(sandbox.folder) || is_empty_folder(sandbox.folder)))
    return sandbox;
  if (auto state = load_state(sandbox.folder)) {
    take_over(sandbox, std::move(*state));
  } else {
    sandbox.problems.push_back(why_unreadable(sandbox.folder, processes.size(), state.error()));
  }
  sandbox.condition = sandbox.problems.empty() ? Condition::up : Condition::damaged;
  return sandbox;
}

/// In the first home that has one of that name; else absent, in the first home.
Sandbox find_sandbox(const std::vector<fs::path>& homes, const std::string& name) {
  for (const fs::path& home : homes) {
    Sandbox sandbox = inspect(home, name);
    if (sandbox.condition != Condition::absent) return sandbox;
  }
  return inspect(homes.front(), name);
}

/// Worth asking: sinfo tries for many seconds to reach a controller that is gone.
bool has_controller(const Sandbox& sandbox) {
  return std::any_of(sandbox.daemons.begin(), sandbox.daemons.end(), [](const Daemon& daemon) {
    return daemon.role == "slurmctld" && daemon.alive;
  });
}

Result<void> check_name(const std::string& name) {
  SandboxOptions options;
  options.name = name;
  return check_options(options);
}

// ---- cleaning -----------------------------------------------------------------------------------

Result<void> check_foreign(const fs::path& folder) {
  if (!is_there(folder) || is_sandbox_folder(folder)) return {};
  return fail(
      Code::refused,
      fmt::format(
          "'{}' holds something else, not a sandbox: take another name, or remove it by hand",
          folder.native()));
}

Result<void> check_not_inside(const fs::path& folder) {
  const auto processes = find_processes(folder);
  const bool is_inside =
      std::any_of(processes.begin(), processes.end(),
                  [](const Process& process) { return process.id.pid == ::getpid(); });
  if (!is_inside) return {};
  return fail(Code::refused,
              fmt::format("this process runs in a job of the sandbox in '{}': end it from outside",
                          folder.native()));
}

/// Its processes, and what is in its folder.
Result<std::size_t> clean(const Sandbox& sandbox) {
  FOZ_CHECK(check_foreign(sandbox.folder));
  FOZ_CHECK(check_not_inside(sandbox.folder));
  std::vector<ProcessId> recorded;
  for (const Daemon& daemon : sandbox.daemons) {
    if (daemon.alive) recorded.push_back(daemon.process);
  }
  FOZ_TRY(const std::size_t ended, end_processes(sandbox.folder, recorded, k_job_grace));
  FOZ_CHECK(empty_folder(sandbox.folder));
  return ended;
}

// ---- building -----------------------------------------------------------------------------------

std::string short_hostname() {
  const std::string whole = host_name();
  return whole.substr(0, whole.find('.'));
}

std::string new_key() {
  std::string key;
  for (int word = 0; word < k_key_words; ++word) {
    const std::uint64_t bits = random_bits();
    key.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  }
  return key;
}

Result<void> write_files(const fs::path& folder, const State& state) {
  for (const std::string& node : node_names(state.options.nodes)) {
    FOZ_CHECK(make_directories(folder / "spool" / node));
    FOZ_CHECK(make_directories(folder / "tmp" / node));
  }
  FOZ_CHECK(make_directories(folder / "state"));
  FOZ_CHECK(make_directories(folder / "log"));
  FOZ_CHECK(write_file(folder / "munge.key", new_key(), Durability::cached));
  const Machine machine{short_hostname(), std::to_string(::geteuid()), state.release, state.port,
                        folder};
  for (const ConfigurationFile& file : make_configuration(state.options, machine)) {
    FOZ_CHECK(write_file(folder / file.name, file.text, Durability::cached, 0644));
  }
  return {};
}

Result<PortBlock> reserve_ports(int nodes) {
  const auto kernel = read_file("/proc/sys/net/ipv4/ip_local_port_range");
  return PortBlock::reserve(searched_ports(kernel ? *kernel : std::string()), nodes + 1,
                            random_bits());
}

Result<void> build(const SandboxOptions& options, const Programs& programs,
                   const fs::path& folder) {
  FOZ_TRY(const Release release, ask_release(programs));
  FOZ_TRY(const PortBlock ports, reserve_ports(options.nodes));
  State state;
  state.options = options;
  state.release = release;
  state.port = ports.first();
  state.boot = boot_id();
  FOZ_CHECK(save_state(folder, state));  // first of all: it makes the folder a sandbox's
  FOZ_CHECK(write_files(folder, state));
  FOZ_CHECK(start_daemons(programs, folder, state));
  state.progress = State::Progress::ready;
  return save_state(folder, state);
}

/// Nothing stays of what could not be built.
Error undo(const Sandbox& remains, Error error) {
  auto cleaned = clean(remains);
  const Result<void> removed =
      cleaned ? remove_folder(remains.folder) : Result<void>(fail(cleaned.error()));
  if (!removed)
    error.message += fmt::format("; and cleaning up failed: {}", removed.error().message);
  return error;
}

Result<fs::path> choose_home(const SandboxOptions& options) {
  const auto homes = home_candidates(options.home, current_environment());
  const Sandbox found = find_sandbox(homes, options.name);
  if (found.condition != Condition::absent) return found.options.home;
  return prepare_home(homes, options.name, options.nodes);
}

Result<Up> confirm(Sandbox found, const SandboxOptions& options, const Programs& programs) {
  SandboxOptions wanted = options;
  wanted.home = found.options.home;
  if (found.options != wanted) {
    return fail(Code::refused, fmt::format("sandbox '{}' is up with other options: end it first "
                                           "('foz sandbox down --name {}'), or take another name",
                                           options.name, options.name));
  }
  if (auto answers = wait_for_controller(programs, found.folder, k_answer_patience); !answers) {
    return fail(with_context(
        fmt::format(
            "sandbox '{}' is up, but its controller does not answer; 'foz sandbox down --name {}' "
            "ends it",
            options.name, options.name),
        answers.error()));
  }
  return Up{std::move(found), Outcome::already_up, {}};
}

}  // namespace

Result<Up> up(const SandboxOptions& options) {
  const auto start = SteadyClock::now();
  FOZ_CHECK(check_options(options));
  FOZ_TRY(const Programs programs, find_programs(current_environment()));
  FOZ_TRY(const fs::path home, choose_home(options));
  const fs::path folder = home / options.name;
  FOZ_CHECK(check_foreign(folder));
  FOZ_TRY(const FolderLock lock, FolderLock::acquire(folder, k_lock_patience));
  Sandbox found = inspect(home, options.name);
  if (found.condition == Condition::up) return confirm(std::move(found), options, programs);
  const Outcome outcome =
      found.condition == Condition::damaged ? Outcome::rebuilt : Outcome::started;
  FOZ_CHECK(clean(found));
  SandboxOptions wanted = options;
  wanted.home.clear();
  if (auto built = build(wanted, programs, folder); !built) {
    return fail(
        undo(inspect(home, options.name),
             with_context(fmt::format("cannot start sandbox '{}'", options.name), built.error())));
  }
  return Up{inspect(home, options.name), outcome,
            std::chrono::duration_cast<milliseconds>(SteadyClock::now() - start)};
}

Result<Sandbox> status(const std::string& name, const fs::path& home) {
  FOZ_CHECK(check_name(name));
  Sandbox sandbox = find_sandbox(home_candidates(home, current_environment()), name);
  if (!has_controller(sandbox)) return sandbox;
  if (const auto programs = find_programs(current_environment())) {
    if (auto nodes = ask_nodes(*programs, sandbox.folder)) sandbox.nodes = std::move(*nodes);
  }
  return sandbox;
}

std::vector<std::string> list_names(const fs::path& home) {
  std::set<std::string> names;
  for (const fs::path& candidate : home_candidates(home, current_environment())) {
    std::error_code error;
    for (fs::directory_iterator entry(candidate, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename();
      if (is_safe_name(name) && is_there(entry->path() / "sandbox")) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

namespace {

/// Nothing where there is nobody to ask.
std::optional<std::size_t> find_running_jobs(const Sandbox& sandbox) {
  if (sandbox.condition != Condition::up || !has_controller(sandbox)) return std::nullopt;
  const auto programs = find_programs(current_environment());
  if (!programs) return std::nullopt;
  const auto jobs = count_running_jobs(*programs, sandbox.folder);
  return jobs ? std::optional(*jobs) : std::nullopt;
}

}  // namespace

Result<Down> down(const std::string& name, const fs::path& home) {
  FOZ_CHECK(check_name(name));
  Sandbox found = find_sandbox(home_candidates(home, current_environment()), name);
  Down result{found.condition, 0, found.folder, std::nullopt};
  if (found.condition == Condition::absent && !is_there(found.folder)) return result;
  FOZ_CHECK(check_foreign(found.folder));
  FOZ_CHECK(check_not_inside(found.folder));
  FOZ_TRY(const FolderLock lock, FolderLock::acquire(found.folder, k_lock_patience));
  found = inspect(found.options.home, name);  // what another foz left when it gave the lock back
  result.running_jobs = find_running_jobs(found);
  FOZ_TRY(result.processes, clean(found));
  FOZ_CHECK(remove_folder(found.folder));
  return result;
}

}  // namespace foz::sandbox
