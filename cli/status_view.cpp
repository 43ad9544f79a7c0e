#include <fmt/format.h>

#include <algorithm>

#include "cli/failures.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;

Colour colour_of_run(std::string_view run_state) {
  if (run_state == "succeeded") return Colour::green;
  if (run_state == "failed" || run_state == "cancelled") return Colour::red;
  return run_state == "unknown" ? Colour::yellow : Colour::blue;
}

enum class Paint { no, yes };

/// "3 succeeded, 1 running", the finished first.
std::string counts_text(const run::StageStatus& stage, Paint paints) {
  std::vector<std::string> words;
  for (auto at = stage.counts.rbegin(); at != stage.counts.rend(); ++at) {
    if (at->second == 0) continue;
    const std::string word = fmt::format("{} {}", at->second, run::state_name(at->first));
    words.push_back(paints == Paint::yes ? paint(word, colour_of(at->first)) : word);
  }
  return join(words, ", ");
}

std::uint64_t count_over(const run::StageStatus& stage) {
  std::uint64_t over = 0;
  for (const auto& [state, count] : stage.counts)
    if (run::is_over(state)) over += count;
  return over;
}

std::string bar(const run::StageStatus& stage, std::size_t width) {
  const std::uint64_t filled = stage.tasks == 0 ? 0 : count_over(stage) * width / stage.tasks;
  return std::string(filled, '#') + std::string(width - filled, '.');
}

bool is_stage_over(const run::StageStatus& stage) {
  return count_over(stage) == stage.tasks;
}

/// The parents that a stage's waiting tasks wait for; where all have ended, Slurm is to see it yet.
std::vector<std::string> parents_of(const OpenRun& run, const run::RunStatus& status,
                                    std::size_t place) {
  std::vector<std::string> all, open;
  for (const auto& parent : run.plan.stages[place].tasks.parents) {
    all.push_back(parent.stage);
    for (const auto& stage : status.stages)
      if (stage.name == parent.stage && !is_stage_over(stage)) open.push_back(parent.stage);
  }
  return open.empty() ? all : open;
}

/// Slurm's words for a task that waits for others, whether by a dependency or held by foz.
bool is_word_for_parents(const std::string& reason) {
  return reason == "Dependency" || reason == "JobHeldUser";
}

std::string waits_text(const OpenRun& run, const run::RunStatus& status, std::size_t place) {
  const run::StageStatus& stage = status.stages[place];
  const auto waiting = stage.counts.find(TaskState::waiting);
  std::vector<std::string> words;
  const bool has_waiting = waiting != stage.counts.end() && waiting->second > 0;
  const auto parents = has_waiting ? parents_of(run, status, place) : std::vector<std::string>();
  if (!parents.empty()) words.push_back("waits for " + join(parents, ", "));
  for (const std::string& reason : stage.waits_for)
    if (parents.empty() || !is_word_for_parents(reason)) words.push_back(printable(reason));
  return words.empty() ? "" : "  (" + join(words, "; ") + ")";
}

/// On a narrow screen the bar is short, and the name gives way before the counts do.
struct Columns {
  std::size_t name = 0, bar = 20;
};

Columns columns_of(const run::RunStatus& status) {
  Columns columns;
  for (const auto& stage : status.stages) columns.name = std::max(columns.name, stage.name.size());
  const auto width = screen_width();
  if (width && *width < 80) columns.bar = 8;
  if (width && *width < 80)
    columns.name = std::min(columns.name, std::max<std::size_t>(8, *width / 4));
  return columns;
}

/// "  in 12 s", from the start of its first task to the end of its last one; "  for 12 s" to now.
std::string stage_time(const run::StageStatus& stage) {
  const auto time = lasting(stage.started, stage.ended, is_stage_over(stage));
  return time ? (time->has_ended ? "  in " : "  for ") + time->text : "";
}

/// A line of its own for what does not fit beside the counts.
std::string stage_line(const OpenRun& run, const run::RunStatus& status, std::size_t place,
                       const Columns& columns) {
  const run::StageStatus& stage = status.stages[place];
  const std::string waits = waits_text(run, status, place);
  const std::string counts = counts_text(stage, Paint::yes);
  const std::string time = stage_time(stage);
  const std::string name = pad(cut(stage.name, columns.name), columns.name);
  const std::string line = fmt::format("  {}  [{}]  ", name, bar(stage, columns.bar));
  const auto width = screen_width();
  const bool fits =
      !width ||
      line.size() + counts_text(stage, Paint::no).size() + time.size() + waits.size() <= *width;
  const std::string gap = fits || waits.empty() ? "" : "\n" + std::string(columns.name + 3, ' ');
  return line + counts + paint(time, Colour::dim) + gap + paint(waits, Colour::dim) + "\n";
}

/// A remark may have several lines: what a command printed.
std::string remark_text(const std::string& remark) {
  return paint("  note: " + printable_lines(remark, "        "), Colour::yellow) + "\n";
}

/// What a failed task says of itself is not said again, whatever stands before it.
bool is_told(const std::string& remark, const std::vector<FailureGroup>& failures) {
  return std::any_of(failures.begin(), failures.end(), [&](const FailureGroup& group) {
    return !group.sentence.empty() &&
           (remark == group.sentence || remark.ends_with(": " + group.sentence));
  });
}

}  // namespace

Colour colour_of(TaskState state) {
  switch (state) {
    case TaskState::succeeded:
      return Colour::green;
    case TaskState::failed:
    case TaskState::cancelled:
    case TaskState::dependency_failed:
      return Colour::red;
    case TaskState::running:
      return Colour::blue;
    case TaskState::unknown:
      return Colour::yellow;
    case TaskState::waiting:
    case TaskState::held:
    case TaskState::queued:
      return Colour::dim;
  }
  return Colour::none;
}

std::string run_span(const run::RunStatus& status) {
  const auto time = lasting(status.began, status.ended, status.is_over);
  return time ? (time->has_ended ? "took " : "for ") + time->text : "";
}

std::string run_time(const run::RunStatus& status) {
  if (status.began == 0) return "";
  const std::string span = run_span(status);
  return "began " + date_time(status.began) + (span.empty() ? "" : ", " + span);
}

std::string render_header(const run::RunStatus& status) {
  const std::string time = run_time(status), name = printable(status.workflow);
  const std::size_t size =
      status.run_id.size() + name.size() + status.state.size() + time.size() + 6;
  const auto width = screen_width();
  const std::string gap = width && size > *width ? "\n  " : "  ";
  return fmt::format("{}  {}  {}{}\n", status.run_id, name,
                     paint(status.state, colour_of_run(status.state)),
                     time.empty() ? "" : gap + paint(time, Colour::dim));
}

std::string render_stage_line(const OpenRun& run, const run::RunStatus& status, std::size_t place) {
  return stage_line(run, status, place, columns_of(status));
}

std::string render_status(const OpenRun& run, const run::RunStatus& status) {
  const Columns columns = columns_of(status);
  std::string out = render_header(status);
  for (std::size_t i = 0; i < status.stages.size(); ++i) out += stage_line(run, status, i, columns);
  const ToldFailures failures = told_failures(run, status);
  out += failures_text(run, failures) + tolerated_text(run, status.tolerated);
  for (const auto& remark : status.remarks)
    if (!is_told(remark, failures.groups)) out += remark_text(remark);
  return out;
}

}  // namespace foz::cli
