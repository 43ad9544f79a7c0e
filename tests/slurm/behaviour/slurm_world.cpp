#include <fmt/format.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "core/base/fd.h"
#include "core/sandbox/sandbox.h"
#include "core/slurm/commands.h"
#include "core/slurm/helper_client.h"
#include "tests/slurm/behaviour/world.h"
#include "tests/support/folders.h"

namespace foz::slurm {

namespace {

using std::chrono::milliseconds;

constexpr std::string_view k_script = R"(#!/bin/bash
own=$2${SLURM_ARRAY_TASK_ID:+.$SLURM_ARRAY_TASK_ID}
case $1 in
  exit) exit "$2" ;;
  wait) until [ -e "$own" ]; do sleep 0.05; done ;;
  record)
    printf '%s\0' "$@" > "$2.args"
    env -0 > "$2.part" && mv "$2.part" "$2.env" ;;
esac
)";

/// One sandbox for the whole test program, and a folder for scripts, gates and logs.
class Slurm {
 public:
  Slurm() {
    std::string folder = (fs::temp_directory_path() / "foz-behaviour-XXXXXX").string();
    FOZ_ASSERT(::mkdtemp(folder.data()) != nullptr);
    folder_ = folder;
    FOZ_ASSERT(write_file(folder_ / "behave.sh", k_script, Durability::cached, 0755));
    sandbox::SandboxOptions options;
    options.name = "behaviour";
    options.home = folder_ / "sandboxes";
    options.nodes = 2;
    options.cpus_per_node = 16;
    options.gpus_per_node = 4;
    options.gpu_type = "a100";
    options.max_array_size = 1'001;
    options.lines = {"PartitionName=short Nodes=n1 MaxTime=10 MaxNodes=1 State=UP"};
    auto up = sandbox::up(options);
    if (!up) {
      why_not_ = up.error().message;
      return;
    }
    sandbox_ = up->sandbox;
    environment_ = clean_environment(current_environment()).environment;
    for (const std::string& entry :
         sandbox::client_environment(sandbox_, current_environment()).set) {
      const std::size_t at = entry.find('=');
      set_variable(environment_, entry.substr(0, at), entry.substr(at + 1));
    }
  }
  Slurm(const Slurm&) = delete;
  Slurm& operator=(const Slurm&) = delete;
  ~Slurm() {
    const auto down = sandbox::down("behaviour", folder_ / "sandboxes");
    if (!down) fmt::print(stderr, "{}\n", down.error().message);
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  void signal_controller(int number) const {
    for (const auto& daemon : sandbox_.daemons) {
      if (daemon.role == "slurmctld") ::kill(daemon.process.pid, number);
    }
  }

  sandbox::Sandbox sandbox_;
  Environment environment_;
  fs::path folder_;
  std::string why_not_;
};

const Slurm& slurm() {
  static const Slurm the_slurm;
  return the_slurm;
}

const SystemClock& system_clock() {
  static const SystemClock clock;
  return clock;
}

CommandsSetup commands_setup(milliseconds patience) {
  return {slurm().environment_, patience, patience};
}

std::string helper_program() {
  return test::build_folder().native() + "/bin/foz-libslurm";
}

std::unique_ptr<Scheduler> make_scheduler(WorldKind kind, milliseconds patience) {
  if (kind == WorldKind::commands) {
    return std::make_unique<CommandsScheduler>(commands_setup(patience), system_clock());
  }
  auto helper =
      HelperScheduler::launch({helper_program(), commands_setup(patience)}, system_clock());
  FOZ_ASSERT(helper.has_value());
  return std::move(*helper);
}

class SlurmWorld final : public World {
 public:
  explicit SlurmWorld(WorldKind kind)
      : scheduler_(make_scheduler(kind, milliseconds{30'000})),
        impatient_(make_scheduler(kind, milliseconds{1'000})) {}
  SlurmWorld(const SlurmWorld&) = delete;
  SlurmWorld& operator=(const SlurmWorld&) = delete;
  ~SlurmWorld() override {
    slurm().signal_controller(SIGCONT);
    (void)output_of({"scancel", "--me"});
    // The next test finds every node idle and no job of this one under way.
    (void)eventually(*this, [] {
      return output_of({"squeue", "--noheader", "--format=%i"}).empty();
    });
  }

  Scheduler& scheduler() override { return *scheduler_; }
  Scheduler& impatient_scheduler() override { return *impatient_; }

  SubmitRequest job(std::vector<std::string> args) override {
    static int jobs = 0;
    SubmitRequest request;
    request.name = fmt::format("job-{}-{}", ::getpid(), ++jobs);
    request.script = (slurm().folder_ / "behave.sh").string();
    if (args.front() == "wait") args.at(1) = gate_path(args.at(1));
    request.script_args = std::move(args);
    request.workdir = slurm().folder_.string();
    request.output = (slurm().folder_ / "%A_%a.log").string();
    request.memory = {Memory::Kind::per_node, 50};
    request.environment = slurm().environment_;
    return request;
  }

  void open_gate(const std::string& gate) override {
    FOZ_ASSERT(write_file(gate_path(gate), "", Durability::cached));
  }
  void silence() override { slurm().signal_controller(SIGSTOP); }
  void speak() override { slurm().signal_controller(SIGCONT); }
  void go_on() override { std::this_thread::sleep_for(milliseconds{50}); }

 private:
  /// Gates of one test are no gates of the next.
  [[nodiscard]] std::string gate_path(const std::string& gate) const {
    return (slurm().folder_ / fmt::format("gate-{}-{}", number_, gate)).string();
  }

  static int next_number() {
    static int worlds = 0;
    return ++worlds;
  }

  int number_ = next_number();
  std::unique_ptr<Scheduler> scheduler_;
  std::unique_ptr<Scheduler> impatient_;
};

}  // namespace

std::string world_name(WorldKind kind) {
  switch (kind) {
    case WorldKind::fake:
      return "fake";
    case WorldKind::commands:
      return "commands";
    case WorldKind::libslurm:
      return "libslurm";
  }
  return {};
}

std::unique_ptr<World> make_slurm_world(WorldKind kind) {
  return std::make_unique<SlurmWorld>(kind);
}

const std::string& why_no_slurm() {
  return slurm().why_not_;
}

std::string why_no_helper() {
  if (::access(helper_program().c_str(), X_OK) == 0) return {};
  return helper_program() + " was not built (needs libslurm-dev)";
}

Environment sandbox_environment() {
  return slurm().environment_;
}

std::string sandbox_folder() {
  return slurm().folder_.string();
}

std::string output_of(std::vector<std::string> argv) {
  Command command;
  command.argv = std::move(argv);
  command.environment = slurm().environment_;
  const auto finished = run_command(command);
  return finished ? finished->out : std::string();
}

bool eventually(World& world, const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes{1};
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    world.go_on();
  }
  return true;
}

}  // namespace foz::slurm
