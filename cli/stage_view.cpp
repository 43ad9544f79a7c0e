#include <fmt/format.h>

#include <map>
#include <tuple>

#include "cli/failures.h"
#include "cli/runs.h"
#include "cli/task_names.h"
#include "cli/times.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;

constexpr std::size_t k_tasks_shown = 20;

/// "  job 12 on n[1-2] for 42 s", "  after 3 s": what is known of it.
std::string where_and_how_long(const run::TaskStatus& task) {
  std::string out;
  if (task.job.value != 0) out += fmt::format("  job {}", task.job.value);
  if (!task.nodes.empty()) out += " on " + printable(task.nodes);
  if (const auto time = lasting(task.started, task.ended, run::is_over(task.state)))
    out += (time->has_ended ? " after " : " for ") + time->text;
  return out;
}

std::string task_line(const run::TaskStatus& task, const TaskNames& names) {
  std::string out = fmt::format("  {} {}", names.with_values(task.index.value),
                                paint(run::state_name(task.state), colour_of(task.state)));
  out += in_brackets(task.state, task.cls);
  out += where_and_how_long(task);
  if (task.attempt > 1) out += fmt::format(", attempt {}", task.attempt);
  if (!task.sentence.empty()) out += "\n      " + printable_lines(task.sentence, "      ");
  return out + "\n";
}

/// What is told task by task; the rest in groups.
bool is_told_singly(TaskState state) {
  return state == TaskState::running || state == TaskState::failed || state == TaskState::unknown;
}

/// The tasks of one state, one line each, as far as there is room.
std::string singly(const run::StageStatus& stage, const TaskNames& names, TaskState state) {
  std::string out;
  std::size_t left = 0, shown = 0;
  for (const auto& [index, task] : stage.known) {
    if (task.state != state) continue;
    if (shown == k_tasks_shown) {
      ++left;
      continue;
    }
    out += task_line(task, names);
    ++shown;
  }
  if (left > 0) out += fmt::format("  ... {} more {}\n", left, run::state_name(state));
  return out;
}

/// Tasks of which one thing is to be said.
struct Kind {
  TaskState state;
  std::string cls, sentence;
  Ranges tasks;
};

/// All that is not told singly, by index within each kind.
std::vector<Kind> kinds_of(const run::StageStatus& stage) {
  std::vector<Kind> kinds;
  std::map<std::tuple<TaskState, std::string, std::string>, std::size_t> seen;
  const auto add = [&](const run::TaskGroup& one) {
    const auto [at, is_new] =
        seen.try_emplace({one.state, one.cls, alike(one.sentence)}, kinds.size());
    if (is_new) kinds.push_back({one.state, one.cls, one.sentence, {}});
    add_range(kinds[at->second].tasks, one.first, one.last);
  };
  auto group = stage.groups.begin();
  const auto add_before = [&](std::uint64_t index) {
    for (; group != stage.groups.end() && group->first < index; ++group) add(*group);
  };
  for (const auto& [index, task] : stage.known) {
    add_before(index);
    if (!is_told_singly(task.state)) add({index, index, task.state, task.cls, task.sentence, ""});
  }
  add_before(UINT64_MAX);
  return kinds;
}

std::string in_groups(const run::StageStatus& stage, const std::string& name) {
  std::string out;
  const auto kinds = kinds_of(stage);
  for (std::size_t i = 0; i < kinds.size() && i < k_tasks_shown; ++i) {
    const Kind& kind = kinds[i];
    const std::string which =
        stage.tasks == 1 ? name : fmt::format("{}[{}]", name, ranges_text(kind.tasks));
    out += fmt::format(
        "  {} {}{}{}\n", which, paint(run::state_name(kind.state), colour_of(kind.state)),
        in_brackets(kind.state, kind.cls),
        kind.sentence.empty() ? "" : ": " + printable_lines(kind.sentence, "      "));
  }
  if (kinds.size() > k_tasks_shown)
    out += fmt::format("  ... {} more\n", count_of(kinds.size() - k_tasks_shown, "group"));
  return out;
}

std::vector<run::ToleratedFailure> tolerated_of(const run::RunStatus& status,
                                                const std::string& stage) {
  std::vector<run::ToleratedFailure> found;
  for (const auto& failure : status.tolerated)
    if (failure.stage == stage) found.push_back(failure);
  return found;
}

}  // namespace

std::string render_stage(const OpenRun& run, const run::RunStatus& status, std::size_t place) {
  const run::StageStatus& stage = status.stages[place];
  const TaskNames names(run.plan.stages[place]);
  std::string out = render_header(status) + render_stage_line(run, status, place);
  for (const TaskState state : {TaskState::running, TaskState::failed, TaskState::unknown})
    out += singly(stage, names, state);
  out += in_groups(stage, stage.name) + tolerated_text(run, tolerated_of(status, stage.name));
  for (const auto& remark : status.remarks)
    out += paint("  note: " + printable_lines(remark, "        "), Colour::yellow) + "\n";
  return out;
}

}  // namespace foz::cli
