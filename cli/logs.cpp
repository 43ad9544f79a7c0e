#include "cli/logs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "cli/failures.h"
#include "cli/load.h"
#include "cli/no_log.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

struct Options {
  std::string task;
  std::string run = "latest";
  std::string rank, step;
  std::uint32_t attempt = 0;
  bool follow = false;
};

struct Subject {
  OpenRun run;
  std::size_t stage = 0;  ///< place in the plan
  std::uint64_t index = 0;

  [[nodiscard]] const plan::StagePlan& plan() const { return run.plan.stages[stage]; }
  [[nodiscard]] std::string task_name() const { return task::task_name(plan().tasks, {index}); }
  [[nodiscard]] std::string label() const {
    return task_label(plan().name, plan().tasks.tasks, index);
  }
};

/// The stage of the plan and the task's index, or what is wrong with the address.
Outcome<Subject> find_subject(const Options& options) {
  const auto address = parse_task_address(options.task);
  if (!address) return bad_usage(quoted(options.task) + " is no task: say STAGE or STAGE[INDEX]");
  FOZ_TRY(OpenRun run, open_run(options.run));
  FOZ_TRY(const plan::StagePlan* stage, find_stage(run, address->stage));
  const std::uint64_t tasks = stage->tasks.tasks, index = address->index.value_or(0);
  if (!address->index && tasks > 1)
    return bad_usage(fmt::format("stage '{}' has {}: say which, as in {}[0]", stage->name,
                                 count_of(tasks, "task"), stage->name));
  if (index >= tasks)
    return bad_usage(fmt::format("stage '{}' has {}, counted from 0: there is no {}[{}]",
                                 stage->name, count_of(tasks, "task"), stage->name, index));
  const auto place = static_cast<std::size_t>(stage - run.plan.stages.data());
  return Subject{std::move(run), place, index};
}

enum class Tail { may_grow, is_whole };

/// Prints what was added to a file since `offset`; several files are told apart by their label,
/// line by line, so that a line that is being written waits for its end. Gives the new offset.
std::uint64_t print_new(const LogFile& log, std::uint64_t offset, bool with_label, Tail tail) {
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
    if (!whole && tail == Tail::may_grow && text.size() < buffer.size()) return offset;
    if (whole) text = text.substr(0, end);
    for (const auto piece : split(text, '\n'))
      print(shown_label(log) + " | " + std::string(piece) + "\n");
    offset += text.size() + (whole ? 1 : 0);
  }
}

const run::StageStatus& stage_of(const run::RunStatus& status, const Subject& subject) {
  return status.stages.at(subject.stage);  // as in the plan
}

/// The journal tells of most ends; of a keeper that died with its node, the queue.
bool is_task_over(const Subject& subject, slurm::Scheduler* scheduler) {
  const auto ask = scheduler == nullptr ? run::AskQueue::never : run::AskQueue::if_needed;
  const auto status = read_status(subject.run, scheduler, ask);
  return !status || run::is_over(word_of(stage_of(*status, subject), subject.index).state);
}

constexpr std::uint64_t k_said_at_most = 64U << 10U;

/// What the batch script itself said, where no rank could say anything.
std::string slurm_output(const Subject& subject, const TaskWord& word) {
  if (word.log.empty()) return "";
  return read_end(subject.run.folder.root() / word.log, k_said_at_most).value_or("");
}

/// Nothing was printed: Slurm's own output where there is one, and the reason.
Outcome<int> explain(const Subject& subject, const Missing& missing, slurm::Scheduler* scheduler) {
  if (auto wrong = wrong_choice(missing)) return fail(std::move(*wrong));
  const auto ask = scheduler == nullptr ? run::AskQueue::never : run::AskQueue::if_needed;
  FOZ_TRY(const auto status, read_status(subject.run, scheduler, ask));
  const auto& stage = stage_of(status, subject);
  const TaskWord word = word_of(stage, subject.index);
  const std::string why = why_nothing(missing, word, stage, subject.plan().tasks.parents);
  const std::string said = slurm_output(subject, word);
  if (said.empty()) return fail(Fault{k_environment, why});
  print_error("foz: " + why + "; this is what its job said:\n");
  print(said);
  return int{k_environment};
}

/// "foz: train has written nothing: it failed (launch_failed): ..."; from the journal.
int explain_silence(const Subject& subject) {
  const auto status = read_status(subject.run, nullptr, run::AskQueue::never);
  const TaskWord word = status ? word_of(stage_of(*status, subject), subject.index) : TaskWord{};
  const std::string why =
      status ? ": " + is_now("it", word.state) + in_brackets(word.state, word.cls) : "";
  print_error(
      fmt::format("foz: {} has written nothing{}{}\n", subject.label(), why,
                  word.sentence.empty() ? "" : ": " + printable_lines(word.sentence, "  ")));
  return word.cls == "launch_failed" ? k_environment : k_done;
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

enum class Printed { no_log, empty_logs, text };

Printed summary_of(const std::map<std::string, std::uint64_t>& offsets) {
  if (offsets.empty()) return Printed::no_log;
  for (const auto& [path, offset] : offsets)
    if (offset > 0) return Printed::text;
  return Printed::empty_logs;
}

/// How far each log, by its path, is printed.
using Offsets = std::map<std::string, std::uint64_t>;

Outcome<void> print_on(const Subject& subject, const Missing& wanted, Tail tail, Offsets& offsets) {
  FOZ_TRY(auto all, find_logs(subject.run.folder.logs(subject.plan().name), subject.task_name()));
  const auto logs = choose_logs(std::move(all), wanted.choice);
  for (const LogFile& log : logs) {
    std::uint64_t& offset = offsets[log.path.string()];
    offset = print_new(log, offset, logs.size() > 1, tail);
  }
  return {};
}

/// Prints what is there, before anybody is asked, and with --follow what comes.
Outcome<Printed> print_logs(const Subject& subject, const Options& options, const Missing& wanted,
                            slurm::Scheduler* scheduler) {
  Questions questions(scheduler, subject.run.plan.polling_floor);
  Offsets offsets;
  FOZ_CHECK(print_on(subject, wanted, Tail::may_grow, offsets));
  for (;;) {
    const bool over = !options.follow || is_task_over(subject, questions.due());
    FOZ_CHECK(print_on(subject, wanted, over ? Tail::is_whole : Tail::may_grow, offsets));
    if (over) return summary_of(offsets);
    std::this_thread::sleep_for(
        std::chrono::milliseconds(250));  // the run folder may be on a file system without inotify
  }
}

Outcome<int> show(const Options& options, const Global& global) {
  FOZ_TRY(const Subject subject, find_subject(options));
  Missing wanted{subject.label(), {}, {std::nullopt, options.rank, options.step}};
  if (options.attempt != 0) wanted.choice.attempt = options.attempt;
  FOZ_TRY(const auto installation, find_installation());
  std::unique_ptr<WatchedScheduler> scheduler;
  if (options.follow) {
    FOZ_TRY(scheduler, open_scheduler(global, installation));
    scheduler->keep_trying();
  }
  FOZ_TRY(const Printed printed, print_logs(subject, options, wanted, scheduler.get()));
  if (printed == Printed::empty_logs) return explain_silence(subject);
  if (printed == Printed::text) return int{k_done};
  if (!scheduler) scheduler = open_scheduler(global, installation).value_or(nullptr);
  FOZ_TRY(wanted.logs,
          find_logs(subject.run.folder.logs(subject.plan().name), subject.task_name()));
  return explain(subject, wanted, scheduler.get());
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
  command->add_option("--step", options->step, "Only this one of its `steps`, counted from 0");
  command->add_option("--attempt", options->attempt, "Of this attempt instead of the newest");
  command->add_flag("-f,--follow", options->follow, "Go on until the task is over");
  command->callback([options, program] {
    const auto status = show(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
