#include "core/sandbox/start.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <thread>

#include "core/base/text.h"
#include "core/sandbox/configuration.h"

namespace foz::sandbox {

namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds k_look_again{10};
constexpr milliseconds k_start_patience{20'000};  ///< of one daemon on a busy machine
constexpr milliseconds k_node_patience{200};      ///< more for each node

enum class Look { ready, not_yet };

/// Looks until it is ready, it fails for good, or the time is up: then Code::unavailable.
template <class Check>
Result<void> wait_until_ready(milliseconds patience, Check check) {
  const auto deadline = SteadyClock::now() + patience;
  while (true) {
    FOZ_TRY(const Look look, check());
    if (look == Look::ready) return {};
    if (SteadyClock::now() > deadline)
      return fail(Code::unavailable, fmt::format("not ready after {} s", patience.count() / 1000));
    std::this_thread::sleep_for(k_look_again);
  }
}

bool socket_answers(const fs::path& path) {
  const Fd opened(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!opened || path.native().size() >= sizeof address.sun_path) return false;
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  return ::connect(opened.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

std::string role_name(const Process& process) {
  switch (process.role) {
    case Role::munged:
      return "munged";
    case Role::slurmctld:
      return "slurmctld";
    case Role::slurmd:
      return "slurmd " + process.node;
    case Role::slurmscriptd:
    case Role::slurmstepd:
    case Role::job:
      return {};
  }
  FOZ_ASSERT(false);
}

/// The daemons that run now. The oldest of a role: a daemon's forks look like it until they run
/// their own program.
std::map<std::string, ProcessId> running_daemons(const fs::path& folder) {
  std::map<std::string, ProcessId> daemons;
  for (const Process& process : find_processes(folder)) {
    const std::string role = role_name(process);
    if (role.empty()) continue;
    const auto [entry, is_new] = daemons.try_emplace(role, process.id);
    if (!is_new && process.id.start_time < entry->second.start_time) entry->second = process.id;
  }
  return daemons;
}

class Starter {
 public:
  Starter(const Programs& programs, const fs::path& folder, State& state)
      : programs_(programs),
        folder_(folder),
        state_(state),
        environment_(daemon_environment(folder, current_environment())) {}

  Result<void> run() {
    FOZ_CHECK(start_munged());
    FOZ_CHECK(start_controller());
    FOZ_CHECK(record());
    FOZ_CHECK(start_nodes());
    return record();
  }

 private:
  [[nodiscard]] std::string path(std::string_view name) const { return folder_ / name; }
  [[nodiscard]] std::string log(std::string_view name) const {
    return path(fmt::format("log/{}.log", name));
  }

  /// Runs a program that goes into the background by itself.
  Result<void> launch(std::string_view role, std::vector<std::string> argv,
                      const std::string& log_file) {
    Command command{.argv = std::move(argv), .environment = environment_, .directory = folder_};
    command.deadline = k_start_patience;
    const auto finished = run_command(command);
    if (!finished)
      return fail(with_context(fmt::format("{} did not start", role), finished.error()));
    if (finished->exited_with(0)) return {};
    return failure(role, fmt::format("{}: {}", finished->describe(), one_line(finished->err)),
                   log_file);
  }

  [[nodiscard]] tl::unexpected<Error> failure(std::string_view role, std::string_view what,
                                              const std::string& log_file) const {
    const std::string words = last_words(log_file);
    return fail(Code::failed,
                fmt::format("{} did not start: {}{}", role, what,
                            words.empty() ? "" : fmt::format(" (its log: {})", words)));
  }

  Result<void> start_munged() {
    FOZ_CHECK(
        launch("munged",
               {programs_.munged, "--force", "--num-threads=2", "--key-file=" + path("munge.key"),
                "--socket=" + path("munge.sock"), "--pid-file=" + path("munged.pid"),
                "--seed-file=" + path("munge.seed"), "--log-file=" + log("munged")},
               log("munged")));
    return named("munged", log("munged"), wait_until_ready(k_start_patience, [&]() -> Result<Look> {
                   return socket_answers(path("munge.sock")) ? Look::ready : Look::not_yet;
                 }));
  }

  Result<void> start_controller() {
    FOZ_CHECK(launch("slurmctld", {programs_.slurmctld, "-c", "-f", path("slurm.conf")},
                     log("slurmctld")));
    return named("slurmctld", log("slurmctld"),
                 wait_until_ready(k_start_patience, [&]() -> Result<Look> {
                   if (controller_answers(programs_, folder_)) return Look::ready;
                   if (running_daemons(folder_).contains("slurmctld")) return Look::not_yet;
                   return fail(Code::failed, "it ended at once");
                 }));
  }

  Result<void> start_nodes() {
    const std::vector<std::string> nodes = node_names(state_.options.nodes);
    for (const std::string& node : nodes) {
      FOZ_CHECK(launch("slurmd " + node, {programs_.slurmd, "-N", node, "-f", path("slurm.conf")},
                       log("slurmd-" + node)));
    }
    auto waited = wait_until_ready(k_start_patience + k_node_patience * state_.options.nodes,
                                   [&] { return look_at_nodes(nodes); });
    if (!waited) return fail(with_context("the nodes did not become idle", waited.error()));
    return {};
  }

  Result<Look> look_at_nodes(const std::vector<std::string>& nodes) const {
    const auto states = ask_nodes(programs_, folder_);
    if (states && are_idle(*states, nodes.size())) return Look::ready;
    const auto daemons = running_daemons(folder_);
    for (const std::string& node : nodes) {
      if (!daemons.contains("slurmd " + node))
        return failure("slurmd " + node, "it ended at once", log("slurmd-" + node));
    }
    return Look::not_yet;
  }

  static bool are_idle(const std::vector<NodeState>& states, std::size_t count) {
    return states.size() == count &&
           std::all_of(states.begin(), states.end(),
                       [](const NodeState& node) { return node.state == "idle"; });
  }

  [[nodiscard]] Result<void> named(std::string_view role, const std::string& log_file,
                                   const Result<void>& result) const {
    if (result) return {};
    return failure(role, result.error().message, log_file);
  }

  Result<void> record() {
    state_.daemons.clear();
    for (const auto& [role, process] : running_daemons(folder_))
      state_.daemons.push_back({role, process, true});
    return save_state(folder_, state_);
  }

  const Programs& programs_;
  const fs::path& folder_;
  State& state_;
  Environment environment_;
};

}  // namespace

Result<void> start_daemons(const Programs& programs, const fs::path& folder, State& state) {
  return Starter(programs, folder, state).run();
}

Result<void> wait_for_controller(const Programs& programs, const fs::path& folder,
                                 milliseconds patience) {
  return wait_until_ready(patience, [&]() -> Result<Look> {
    return controller_answers(programs, folder) ? Look::ready : Look::not_yet;
  });
}

}  // namespace foz::sandbox
