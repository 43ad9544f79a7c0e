#include "core/agent/node_main.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "core/agent/lines.h"
#include "core/agent/node_agent.h"
#include "core/agent/wire.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_leave_grace{5'000};
constexpr milliseconds k_file_wait{30'000};
constexpr std::uint64_t k_file_limit = 1U << 30U;

/// A file that the keeper wrote just now, which a shared filesystem may hide for a while.
Result<std::string> read_shared_file(const fs::path& path) {
  const auto until = std::chrono::steady_clock::now() + k_file_wait;
  milliseconds interval{5};
  while (true) {
    auto text = read_file(path, k_file_limit);
    if (text || text.error().code != Code::not_found || std::chrono::steady_clock::now() >= until)
      return text;
    const Fd folder(
        ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // a fresh look
    std::this_thread::sleep_for(interval);
    interval = std::min(interval * 2, milliseconds(500));
  }
}

/// Descriptors that ranks must not inherit, and that nothing else prints to.
Result<Fd> take_over(int descriptor) {
  Fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!copy) return fail(errno_error("cannot take over standard input and output", errno));
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null || ::dup2(null.get(), descriptor) < 0)
    return fail(errno_error("cannot open /dev/null", errno));
  return copy;
}

Result<NodeIndex> own_index(const Environment& environment) {
  const auto number = parse_integer(find_variable(environment, "SLURM_NODEID").value_or(""));
  if (number && *number >= 0) return NodeIndex{static_cast<std::uint32_t>(*number)};
  return fail(Code::invalid,
              "SLURM_NODEID is not set: a node agent is started by the keeper's srun");
}

class Node {
 public:
  Node(NodeAgent::Options options, TaskPlan task, Fd input, Fd output)
      : index_(options.index),
        task_(std::move(task)),
        writer_(loop_, std::move(output)),
        agent_(loop_, reaper_, std::move(options),
               [this](const Report& report) {
                 writer_.write(to_lines(index_, report_to_json(report)));
               }),
        reader_(
            loop_, std::move(input), [this](std::string_view line) { take(line); },
            [this] { leave(); }) {}

  Result<int> run() {
    FOZ_TRY(const auto signals,
            loop_.on_signals({SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2},
                             [this](int number) { signalled(number); }));
    agent_.greet(task_);
    loop_.run();
    return 0;
  }

 private:
  /// TERM and INT are news for the keeper. Others were sent to the ranks by Slurm itself.
  void signalled(int number) {
    if (number == SIGCHLD) return reaper_.reap();
    if (number != SIGTERM && number != SIGINT) return;
    writer_.write(to_lines(index_, report_to_json(report::Signalled{number})));
  }

  void take(std::string_view line) {
    auto taken = joiner_.take(line);
    if (!taken.message) return;
    auto order = order_from_json(taken.message->text);
    if (!order) return complain(order.error().message);
    if (order->to && *order->to != index_) return;
    if (order->world_file == 0) return agent_.take(order->order);
    take_world(order->world_file);
  }

  void take_world(WorldId number) {
    const fs::path path = world_file(task_.task_dir, number);
    const auto text = read_shared_file(path);
    auto world = text ? world_from_json(*text) : Result<WorldPlan>(fail(text.error()));
    if (!world) return complain(world.error().message);
    agent_.take(order::TakeWorld{std::make_shared<WorldPlan>(std::move(*world))});
  }

  void complain(const std::string& text) {
    writer_.write(to_lines(index_, report_to_json(report::Lost{fmt::format(
                                       "node {} cannot go on: {}", index_.value, text)})));
  }

  void leave() {
    agent_.leave(k_leave_grace, [this] { loop_.stop(); });
  }

  NodeIndex index_;
  TaskPlan task_;
  Loop loop_;
  Reaper reaper_;
  LineJoiner joiner_;
  LineWriter writer_;
  NodeAgent agent_;
  LineReader reader_;
};

}  // namespace

Result<int> run_node(const std::string& task_file) {
  Environment environment = current_environment();
  FOZ_TRY(const NodeIndex index, own_index(environment));
  FOZ_TRY(const std::string text, read_shared_file(task_file));
  FOZ_TRY(TaskPlan task, task_from_json(text));
  FOZ_TRY(Fd input, take_over(STDIN_FILENO));
  FOZ_TRY(Fd output, take_over(STDOUT_FILENO));
  Node node({index, std::move(environment), fmt::format("/proc/{}/exe", ::getpid())},
            std::move(task), std::move(input), std::move(output));
  return node.run();
}

}  // namespace foz::agent
