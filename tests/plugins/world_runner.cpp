#include "tests/plugins/world_runner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/plugin/check_with.h"
#include "core/plugin/expand.h"
#include "core/plugin/load.h"
#include "core/plugin/placement.h"
#include "tests/plugins/probe_json.h"

namespace foz::plugin {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds k_tick{20};

template <class T>
Result<T> usable(Answer<T> answer) {
  if (auto* refusal = std::get_if<std::string>(&answer)) return fail(Code::refused, *refusal);
  return std::get<T>(std::move(answer));
}

Environment environment_of(const RankCommand& command, const Environment& base) {
  Environment out;
  for (const std::string& entry : base) {
    const std::string_view name = std::string_view(entry).substr(0, entry.find('='));
    const bool is_unset =
        std::any_of(command.unset.begin(), command.unset.end(), [&](const std::string& pattern) {
          return pattern.ends_with('*') ? name.starts_with(pattern.substr(0, pattern.size() - 1))
                                        : name == pattern;
        });
    if (!is_unset) out.push_back(entry);
  }
  for (const auto& [name, value] : command.env) set_variable(out, name, value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// A rank's process, in a group of its own that ends with this object.
class Process {
 public:
  Process() = default;
  Process(Process&& other) noexcept : pid_(std::exchange(other.pid_, -1)), status_(other.status_) {}
  ~Process() {
    signal(SIGKILL);
    if (pid_ > 0 && !status_) ::waitpid(pid_, nullptr, 0);
  }

  bool start(const RankCommand& command, const WorldOptions& options, const fs::path& log) {
    std::vector<std::string> argv = command.argv;
    Environment environment = environment_of(command, options.environment);
    const auto arguments = pointers(argv);
    const auto variables = pointers(environment);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setpgid(0, 0);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
      ::dup2(::open("/dev/null", O_RDONLY), 0);
      ::dup2(out, 1);
      ::dup2(out, 2);
      if (::chdir(options.workdir.c_str()) == 0)
        ::execvpe(arguments[0], arguments.data(), variables.data());
      ::_exit(126);
    }
    return pid_ > 0;
  }

  [[nodiscard]] bool is_started() const { return pid_ > 0; }
  [[nodiscard]] bool has_ended() {
    int status = 0;
    if (!status_ && pid_ > 0 && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return status_.has_value();
  }
  [[nodiscard]] int status() const { return status_.value_or(-1); }
  void signal(int number) const {
    if (pid_ > 0) ::kill(-pid_, number);
  }

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

class World {
 public:
  World(Launch launch, LaunchRequest request, const WorldOptions& options)
      : launch_(std::move(launch)),
        request_(std::move(request)),
        options_(options),
        processes_(request_.ranks.size()),
        ended_by_us_(request_.ranks.size()) {}

  Result<WorldEnd> run() {
    FOZ_CHECK(expand());
    const auto until = Clock::now() + options_.deadline;
    while (!is_over()) {
      if (Clock::now() > until)
        return fail(Code::unavailable, "the world did not end in time\n" + end().logs());
      start_what_can_start();
      std::this_thread::sleep_for(k_tick);
    }
    FOZ_CHECK(stop_the_rest());
    return end();
  }

 private:
  [[nodiscard]] std::string name_of(std::size_t i) const {
    return fmt::format("{}.{}", request_.ranks[i].role, request_.ranks[i].role_rank);
  }
  [[nodiscard]] fs::path rank_dir(std::size_t i) const { return options_.folder / name_of(i); }
  [[nodiscard]] fs::path log(std::size_t i) const { return rank_dir(i) / "log"; }

  Result<void> expand() {
    const Expander expander(launch_, request_);
    for (std::size_t i = 0; i < request_.ranks.size(); ++i) {
      FOZ_TRY(RankCommand command, expander.expand(i, rank_dir(i).string()));
      FOZ_CHECK(make_directories(rank_dir(i)));
      for (const File& file : command.files)
        FOZ_CHECK(write_file(file.path, file.content, Durability::cached, file.mode));
      commands_.push_back(std::move(command));
    }
    return {};
  }

  template <class Check>
  bool all_of_role(const std::string& role, Check check) {
    for (std::size_t i = 0; i < request_.ranks.size(); ++i) {
      if (request_.ranks[i].role == role && !check(i)) return false;
    }
    return true;
  }

  void start_what_can_start() {
    for (std::size_t i = 0; i < request_.ranks.size(); ++i) {
      const auto& after = commands_[i].after;
      if (!processes_[i].is_started() &&
          std::all_of(after.begin(), after.end(),
                      [&](const std::string& role) { return role_is_ready(role); })) {
        processes_[i].start(commands_[i], options_, log(i));
      }
    }
  }

  bool role_is_ready(const std::string& role) {
    if (ready_.contains(role)) return true;
    if (!all_of_role(role,
                     [&](std::size_t i) { return processes_[i].is_started() && rank_is_ready(i); }))
      return false;
    ready_.insert(role);
    return true;
  }

  bool rank_is_ready(std::size_t i) {
    if (!commands_[i].ready) return true;
    const Readiness& ready = *commands_[i].ready;
    if (!ready.file.empty()) return fs::exists(ready.file);
    if (!ready.line.empty()) {
      return read_file(log(i)).value_or("").find(ready.line) != std::string::npos;
    }
    const std::string& port = ready.tcp_port.empty() ? ready.http_port : ready.tcp_port;
    std::size_t asked = i;
    for (std::size_t k = 0; !ready.role.empty() && k < request_.ranks.size(); ++k) {
      if (request_.ranks[k].role == ready.role && request_.ranks[k].role_rank == 0) asked = k;
    }
    return is_ready(ready, request_.ranks[asked].ports.at(port));
  }

  /// One failed, or all of those that decide have ended.
  bool is_over() {
    bool all = true;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      const bool decides = launch_.ends_with.empty() || launch_.ends_with == request_.ranks[i].role;
      const bool has_ended = processes_[i].has_ended();
      if (has_ended && (processes_[i].status() != 0 || !decides)) return true;
      all = all && (has_ended || !decides);
    }
    return all;
  }

  Result<void> stop_the_rest() {
    const auto until = Clock::now() + std::chrono::seconds(launch_.stop_grace_s);
    const auto signal_all = [&](int number) {
      for (std::size_t i = 0; i < processes_.size(); ++i) {
        if (!processes_[i].is_started() || processes_[i].has_ended()) continue;
        ended_by_us_[i] = true;
        processes_[i].signal(number);
      }
    };
    const auto all_ended = [&] {
      return std::all_of(processes_.begin(), processes_.end(),
                         [](Process& each) { return !each.is_started() || each.has_ended(); });
    };
    signal_all(SIGTERM);
    while (!all_ended() && Clock::now() < until) std::this_thread::sleep_for(k_tick);
    signal_all(SIGKILL);
    while (!all_ended()) std::this_thread::sleep_for(k_tick);
    return {};
  }

  WorldEnd end() {
    WorldEnd out;
    for (std::size_t i = 0; i < processes_.size(); ++i) {
      RankEnd rank{
          name_of(i), processes_[i].status(), ended_by_us_[i], read_file(log(i)).value_or(""), "",
          true};
      if (i < commands_.size() && commands_[i].proof) {
        const std::string text = read_file(commands_[i].proof->file).value_or("");
        rank.proof = text.substr(0, text.find('\n'));
        rank.is_proved = rank.proof == commands_[i].proof->equals;
      }
      out.ranks.push_back(std::move(rank));
    }
    return out;
  }

  Launch launch_;
  LaunchRequest request_;
  const WorldOptions& options_;
  std::vector<RankCommand> commands_;
  std::vector<Process> processes_;
  std::vector<bool> ended_by_us_;
  std::set<std::string> ready_;
};

Result<fs::path> pin_into(Registry& registry, const std::string& name, const fs::path& folder) {
  FOZ_TRY(const auto files, registry.pin(name));
  for (const PinnedFile& file : files) {
    std::string content = file.content;
    if (!file.from.empty()) {
      FOZ_TRY(content, read_file(file.from));
    }
    FOZ_CHECK(make_directories((folder / file.to).parent_path()));
    FOZ_CHECK(write_file(folder / file.to, content, Durability::cached, 0700));
  }
  return folder;
}

std::vector<Node> nodes_of(const WorldOptions& options) {
  std::vector<Node> nodes;
  for (std::uint32_t i = 0; i < options.nodes; ++i) {
    const std::string name = fmt::format("n{}", i + 1);
    nodes.push_back({name,
                     "127.0.0.1",
                     "",
                     options.cpus,
                     options.memory_mib,
                     {},
                     (options.folder / "scratch" / name).string()});
  }
  return nodes;
}

void give_ports(std::vector<RankSlot>& slots, const std::map<std::string, std::uint16_t>& wanted) {
  for (RankSlot& slot : slots) {
    for (auto& [name, port] : slot.ports) {
      const auto given = wanted.find(fmt::format("{}.{}.{}", slot.role, slot.role_rank, name));
      port = given != wanted.end() ? given->second : free_port();
    }
  }
}

}  // namespace

const RankEnd& WorldEnd::rank(const std::string& name) const {
  return *std::find_if(ranks.begin(), ranks.end(),
                       [&](const RankEnd& each) { return each.name == name; });
}

std::string WorldEnd::logs() const {
  std::string out;
  for (const RankEnd& rank : ranks) {
    out += fmt::format("==== {} {}\n{}\n", rank.name, describe_wait_status(rank.wait_status),
                       rank.log);
  }
  return out;
}

Result<WorldEnd> run_world(Registry& registry, const std::string& name, const Value& with,
                           const WorldOptions& options) {
  FOZ_TRY(const fs::path pinned, pin_into(registry, name, options.folder / "plugin"));
  FOZ_TRY(const auto plugin, load_pinned(pinned));
  Diagnostics diagnostics;
  LaunchRequest request;
  request.with = check_with(plugin->describe(), with, {}, {}, diagnostics);
  if (diagnostics.has_errors()) return fail(Code::invalid, diagnostics.render());
  StageResources resources;
  resources.nodes_min = resources.nodes_max = options.nodes;
  FOZ_TRY(const Shape shape, usable(plugin->shape({request.with, resources})));
  FOZ_TRY(Placement placement, place(shape, options.nodes));
  request.nodes = nodes_of(options);
  request.ranks = std::move(placement.slots);
  request.world_size = placement.world_size;
  request.task_dir = options.folder.string();
  request.plugin_dir = pinned.string();
  request.nonce = fmt::format("{:016x}{:016x}", random_bits(), random_bits());
  give_ports(request.ranks, options.ports);
  FOZ_TRY(Launch launch, usable(plugin->launch(request)));
  FOZ_CHECK(check_launch(launch, request));
  return World(std::move(launch), std::move(request), options).run();
}

const LastWords* find_last_words(const Description& description, const std::string& log) {
  const auto lines = split(log, '\n');
  const std::size_t first = lines.size() > 50 ? lines.size() - 50 : 0;
  for (const LastWords& words : description.last_words) {
    for (std::size_t i = first; i < lines.size(); ++i) {
      if (lines[i].find(words.contains) != std::string_view::npos) return &words;
    }
  }
  return nullptr;
}

}  // namespace foz::plugin
