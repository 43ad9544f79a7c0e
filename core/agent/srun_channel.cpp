#include "core/agent/srun_channel.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/agent/lines.h"
#include "core/agent/spawn_rank.h"
#include "core/agent/srun.h"
#include "core/agent/wire.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// Of a cluster without task plugins, where there is nothing to bind.
constexpr std::string_view k_harmless = "lacks support for cpu binding";
constexpr milliseconds k_hello_limit{100'000};
constexpr milliseconds k_close_limit{15'000};
constexpr milliseconds k_kill_limit{5'000};

struct Pipe {
  Fd reader;
  Fd writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(errno_error("cannot make a pipe", errno));
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

class SrunChannel final : public Channel {
 public:
  SrunChannel(Loop& loop, Reaper& reaper, SrunSetting setting)
      : loop_(loop),
        reaper_(reaper),
        setting_(std::move(setting)),
        greeted_(setting_.job.nodes.size(), false),
        lost_(setting_.job.nodes.size(), false) {}

  ~SrunChannel() override {
    if (pid_ > 0) reaper_.forget(pid_);
  }

  void connect(const TaskPlan& task, Hear hear) override {
    hear_ = std::move(hear);
    task_dir_ = task.task_dir;
    const auto started = start(task);
    if (!started) return lose_all(started.error().message);
    patience_ = loop_.after(k_hello_limit, [this] { lose_silent(); });
  }

  void send(const Order& order, std::optional<NodeIndex> to) override {
    if (!writer_) return;
    if (const auto* world = std::get_if<order::TakeWorld>(&order)) {
      const auto written = write_file(world_file(task_dir_, world->plan->world),
                                      world_to_json(*world->plan), Durability::cached);
      if (!written) return lose_all(written.error().message);
    }
    writer_->write(to_lines(std::nullopt, order_to_json(order, to)));
  }

  void close(std::function<void()> done) override {
    closed_ = std::move(done);
    patience_.reset();
    if (pid_ < 0) return loop_.post([this] { std::exchange(closed_, nullptr)(); });
    writer_->close();
    patience_ = loop_.after(k_close_limit, [this] { end_srun(SIGTERM); });
  }

 private:
  Result<void> start(const TaskPlan& task) {
    FOZ_CHECK(make_directories(task_dir_));
    FOZ_CHECK(write_file(task_file(task_dir_), task_to_json(task), Durability::cached));
    FOZ_TRY(Pipe input, make_pipe());
    FOZ_TRY(Pipe output, make_pipe());
    FOZ_TRY(Pipe error, make_pipe());
    request_.argv = srun_command(setting_.job, setting_.srun_args, setting_.program,
                                 task_file(task_dir_).native());
    request_.environment = srun_environment(setting_.environment);
    request_.input = input.reader.get();
    request_.output = output.writer.get();
    request_.error = error.writer.get();
    FOZ_TRY(Spawned spawned, spawn_rank(request_));
    pid_ = spawned.pid;
    outcome_ = std::move(spawned.outcome);
    reaper_.watch(pid_, [this](int status) { srun_ended(status); });
    writer_ = std::make_unique<LineWriter>(loop_, std::move(input.writer));
    reader_ = std::make_unique<LineReader>(
        loop_, std::move(output.reader), [this](auto line) { take(line); },
        [this] { stream_ended(); });
    errors_ = std::make_unique<LineReader>(
        loop_, std::move(error.reader), [this](auto line) { take_error(line); },
        [this] { stream_ended(); });
    return {};
  }

  void take(std::string_view line) {
    auto taken = joiner_.take(line);
    if (!taken.is_ours) return take_error(line);
    if (!taken.message || !taken.message->from) return;
    const NodeIndex node = *taken.message->from;
    if (node.value >= greeted_.size() || lost_[node.value]) return;
    auto report = report_from_json(taken.message->text);
    if (!report) return lose(node, report.error().message);
    if (std::holds_alternative<report::Hello>(*report)) greet(node);
    if (const auto* gone = std::get_if<report::Lost>(&*report)) return lose(node, gone->sentence);
    hear_(node, std::move(*report));
  }

  void greet(NodeIndex node) {
    greeted_[node.value] = true;
    if (std::find(greeted_.begin(), greeted_.end(), false) == greeted_.end()) patience_.reset();
  }

  /// What srun says, and what a site's scripts print: kept for sentences, and passed on to the
  /// job's own output.
  void take_error(std::string_view line) {
    if (line.find(k_harmless) != line.npos) return;
    const std::string text = std::string(line) + "\n";
    [[maybe_unused]] const auto written = write_all(STDERR_FILENO, text);
    if (!trim(line).empty()) last_said_ = printable(trim(line));
    for (const std::string& name : find_lost_nodes(line)) {
      const auto& nodes = setting_.job.nodes;
      const auto found = std::find(nodes.begin(), nodes.end(), name);
      if (found == nodes.end()) continue;
      const NodeIndex node{static_cast<std::uint32_t>(found - nodes.begin())};
      lose(node, fmt::format("the agent on {} is gone: {}", name, last_said_));
    }
  }

  void lose(NodeIndex node, const std::string& sentence) {
    if (closed_ || lost_[node.value]) return;
    lost_[node.value] = true;
    loop_.post([this, node, sentence] { hear_(node, report::Lost{sentence}); });
  }

  void lose_all(const std::string& sentence) {
    for (std::uint32_t i = 0; i < lost_.size(); ++i) lose(NodeIndex{i}, sentence);
  }

  void lose_silent() {
    for (std::uint32_t i = 0; i < greeted_.size(); ++i)
      if (!greeted_[i])
        lose(NodeIndex{i}, fmt::format("{} did not answer within {} s{}", setting_.job.nodes[i],
                                       k_hello_limit.count() / 1000, said()));
  }

  [[nodiscard]] std::string said() const {
    return last_said_.empty() ? "" : "; srun last said: " + last_said_;
  }

  void srun_ended(int wait_status) {
    pid_ = -1;
    end_ = describe_wait_status(wait_status);
    if (const auto why = read_spawn_error(outcome_.get(), request_)) last_said_ = *why;
    end_when_all_is_read();
  }

  void stream_ended() {
    ++streams_ended_;
    end_when_all_is_read();
  }

  /// Its end counts once its last lines were taken in.
  void end_when_all_is_read() {
    if (pid_ > 0 || streams_ended_ < 2) return;
    patience_.reset();
    if (closed_) return std::exchange(closed_, nullptr)();
    lose_all(fmt::format("srun ended ({}) before the task was over{}", end_, said()));
  }

  void end_srun(int signal) {
    if (pid_ > 0) ::kill(-pid_, signal);
    patience_ = loop_.after(k_kill_limit, [this, signal] {
      if (signal != SIGKILL) return end_srun(SIGKILL);
      if (closed_) std::exchange(closed_, nullptr)();
    });
  }

  Loop& loop_;
  Reaper& reaper_;
  SrunSetting setting_;
  Hear hear_;
  std::function<void()> closed_;
  fs::path task_dir_;
  SpawnRequest request_;
  pid_t pid_ = -1;
  Fd outcome_;
  std::unique_ptr<LineWriter> writer_;
  std::unique_ptr<LineReader> reader_;
  std::unique_ptr<LineReader> errors_;
  LineJoiner joiner_;
  std::vector<bool> greeted_;
  std::vector<bool> lost_;
  int streams_ended_ = 0;
  std::string end_;
  std::string last_said_;
  Loop::Handle patience_;
};

}  // namespace

std::unique_ptr<Channel> make_srun_channel(Loop& loop, Reaper& reaper, SrunSetting setting) {
  return std::make_unique<SrunChannel>(loop, reaper, std::move(setting));
}

}  // namespace foz::agent
