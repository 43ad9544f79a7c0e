#include "cli/logs.h"

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

struct Options {
  std::string task;
  std::string run = "latest";
  std::string rank;
  std::uint32_t attempt = 0;
  bool follow = false;
};

struct Subject {
  OpenRun run;
  std::string stage;
  std::string task_name;
  std::uint64_t index = 0;
};

/// The stage of the plan and the task's name, or what is wrong with the address.
Result<Subject> find_subject(const Options& options) {
  const auto address = parse_task_address(options.task);
  if (!address)
    return fail(Code::invalid, "'" + options.task + "' is no task: say STAGE or STAGE[INDEX]");
  FOZ_TRY(OpenRun run, open_run(options.run));
  for (const auto& stage : run.plan.stages) {
    if (stage.name != address->stage) continue;
    if (!address->index && stage.tasks.tasks > 1)
      return fail(Code::invalid, "stage '" + stage.name + "' has " +
                                     count_of(stage.tasks.tasks, "task") + ": say which, as in " +
                                     stage.name + "[0]");
    const std::uint64_t index = address->index.value_or(0);
    if (index >= stage.tasks.tasks)
      return fail(Code::invalid, "stage '" + stage.name + "' has " +
                                     count_of(stage.tasks.tasks, "task") +
                                     ", counted from 0: there is no " + stage.name + "[" +
                                     std::to_string(index) + "]");
    std::string name = task::task_name(stage.tasks, {index});
    return Subject{std::move(run), stage.name, std::move(name), index};
  }
  return fail(Code::invalid,
              "run '" + run.folder.run_id() + "' has no stage '" + address->stage + "'");
}

/// Prints what was added to a file since `offset`; several files are told apart by their label.
/// Gives the new offset.
std::uint64_t print_new(const LogFile& log, std::uint64_t offset, bool with_label) {
  const Fd file(::open(log.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return offset;
  std::string buffer(64U << 10U, '\0'), line;
  for (;;) {
    const ssize_t got =
        ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (got <= 0) return offset;
    std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    if (!with_label) {
      print(text);
      offset += text.size();
      continue;
    }
    const auto end = text.rfind('\n');
    const bool whole = end != std::string_view::npos;
    if (whole) text = text.substr(0, end);
    for (const auto piece : split(text, '\n')) print(log.label + " | " + std::string(piece) + "\n");
    offset += text.size() + (whole ? 1 : 0);
  }
}

bool is_over(const run::StageStatus& stage, std::uint64_t index) {
  const auto task = stage.known.find(index);
  if (task != stage.known.end()) return run::is_over(task->second.state);
  return std::any_of(stage.groups.begin(), stage.groups.end(), [index](const auto& group) {
    return group.first <= index && index <= group.last && run::is_over(group.state);
  });
}

/// The journal tells of most ends; of a keeper that died with its node, the queue.
bool is_task_over(const Subject& subject, slurm::Scheduler* scheduler) {
  const auto ask = scheduler == nullptr ? run::AskQueue::never : run::AskQueue::if_needed;
  const auto status = read_status(subject.run, scheduler, ask);
  if (!status) return true;
  return std::any_of(status->stages.begin(), status->stages.end(), [&](const auto& stage) {
    return stage.name == subject.stage && is_over(stage, subject.index);
  });
}

/// When the controller is asked, while the journal is looked at all the time.
class Questions {
 public:
  Questions(slurm::Scheduler* scheduler, Seconds interval)
      : scheduler_(scheduler), interval_(interval) {}

  /// The scheduler, when there is one and a question is due; else null.
  [[nodiscard]] slurm::Scheduler* due() {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return nullptr;
    next_ = now + interval_;
    return scheduler_;
  }

 private:
  slurm::Scheduler* scheduler_;
  Seconds interval_;
  std::chrono::steady_clock::time_point next_;
};

Result<int> show(const Options& options, const Global& global) {
  FOZ_TRY(const Subject subject, find_subject(options));
  std::unique_ptr<slurm::Scheduler> scheduler;
  if (options.follow) {
    FOZ_TRY(const auto installation, find_installation());
    FOZ_TRY(scheduler, open_scheduler(global, installation));
  }
  Questions questions(scheduler.get(), subject.run.plan.polling_floor);
  const auto attempt = options.attempt == 0 ? std::nullopt : std::optional(options.attempt);
  std::map<std::string, std::uint64_t> offsets;
  bool any = false;
  for (;;) {
    const bool over = !options.follow || is_task_over(subject, questions.due());
    FOZ_TRY(const auto logs, find_logs(subject.run.folder.logs(subject.stage), subject.task_name,
                                       attempt, options.rank));
    for (const LogFile& log : logs) {
      any = true;
      std::uint64_t& offset = offsets[log.path.string()];
      offset = print_new(log, offset, logs.size() > 1);
    }
    if (over) break;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(250));  // the run folder may be on a file system without inotify
  }
  if (!any) return fail(Code::not_found, "task '" + subject.task_name + "' has written no log yet");
  return int{k_done};
}

}  // namespace

void add_logs(Program program) {
  auto options = std::make_shared<Options>();
  auto* command = program.app.add_subcommand("logs", "Print what a task's ranks have written");
  command
      ->add_option("task", options->task,
                   "STAGE, or STAGE[INDEX] where the stage has several tasks")
      ->required();
  command->add_option("--run", options->run, "Run id, a prefix of it, 'latest' or a path")
      ->capture_default_str();
  command->add_option("--rank", options->rank, "Only this rank: 0, or with its role, worker.0");
  command->add_option("--attempt", options->attempt, "Of this attempt instead of the newest");
  command->add_flag("-f,--follow", options->follow, "Go on until the task is over");
  command->callback([options, program] {
    const auto status = show(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
