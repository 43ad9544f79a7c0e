#include <fmt/format.h>

#include <algorithm>

#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;

constexpr std::size_t k_failures_shown = 5;
constexpr std::size_t k_log_lines_shown = 8;

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

Colour colour_of(std::string_view run_state) {
  if (run_state == "succeeded") return Colour::green;
  if (run_state == "failed" || run_state == "cancelled") return Colour::red;
  return run_state == "unknown" ? Colour::yellow : Colour::blue;
}

/// "3 succeeded, 1 running", the finished first.
std::string counts_text(const run::StageStatus& stage) {
  std::vector<std::string> words;
  for (auto at = stage.counts.rbegin(); at != stage.counts.rend(); ++at)
    if (at->second != 0)
      words.push_back(paint(fmt::format("{} {}", at->second, run::state_name(at->first)),
                            colour_of(at->first)));
  return join(words, ", ");
}

std::string bar(const run::StageStatus& stage) {
  constexpr std::uint64_t k_width = 20;
  std::uint64_t over = 0;
  for (const auto& [state, count] : stage.counts)
    if (run::is_over(state)) over += count;
  const std::uint64_t filled = stage.tasks == 0 ? 0 : over * k_width / stage.tasks;
  return std::string(filled, '#') + std::string(k_width - filled, '.');
}

std::string stage_line(const run::StageStatus& stage, std::size_t name_width) {
  std::string line =
      fmt::format("  {}  [{}]  {}", pad(stage.name, name_width), bar(stage), counts_text(stage));
  if (!stage.waits_for.empty())
    line += paint("  (" + join(stage.waits_for, "; ") + ")", Colour::dim);
  return line + "\n";
}

/// The last lines of a log, indented; empty when there is none.
std::string log_tail(const OpenRun& run, const std::string& log) {
  if (log.empty()) return "";
  const auto text = read_file(run.folder.root() / log);
  if (!text) return "";
  auto lines = split(*text, '\n');
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  const std::size_t first = lines.size() > k_log_lines_shown ? lines.size() - k_log_lines_shown : 0;
  std::string out;
  for (std::size_t i = first; i < lines.size(); ++i)
    out += paint("      | " + printable(lines[i]), Colour::dim) + "\n";
  return out;
}

std::string task_label(const run::StageStatus& stage, std::uint64_t index) {
  return stage.tasks == 1 ? stage.name : fmt::format("{}[{}]", stage.name, index);
}

std::string failure_text(const OpenRun& run, const run::StageStatus& stage,
                         const run::TaskStatus& task) {
  std::string out = fmt::format("  {} {}", paint(task_label(stage, task.index.value), Colour::bold),
                                paint(run::state_name(task.state), colour_of(task.state)));
  if (!task.cls.empty()) out += " (" + task.cls + ")";
  if (!task.sentence.empty()) out += ": " + printable(task.sentence);
  out += "\n";
  if (!task.log.empty())
    out += paint("      log: " + (run.folder.root() / task.log).string(), Colour::dim) + "\n";
  return out + log_tail(run, task.log);
}

bool is_worth_telling(TaskState state) {
  return state == TaskState::failed || state == TaskState::unknown;
}

std::string failures_text(const OpenRun& run, const run::RunStatus& status) {
  std::string out;
  std::size_t shown = 0, left = 0;
  for (const auto& stage : status.stages)
    for (const auto& [index, task] : stage.known) {
      if (!is_worth_telling(task.state)) continue;
      if (shown < k_failures_shown)
        out += failure_text(run, stage, task), ++shown;
      else
        ++left;
    }
  if (left != 0) out += fmt::format("  ... and {} more ('foz status --json' has them all)\n", left);
  return out;
}

/// A remark may have several lines: what a command printed.
std::string remark_text(const std::string& remark) {
  std::string out, label = "  note: ";
  for (const auto line : split(remark, '\n')) {
    out += paint(label + printable(trim(line)), Colour::yellow) + "\n";
    label = "        ";
  }
  return out;
}

}  // namespace

std::string render_status(const OpenRun& run, const run::RunStatus& status) {
  std::size_t width = 0;
  for (const auto& stage : status.stages) width = std::max(width, stage.name.size());
  std::string out = fmt::format("{}  {}  {}\n", status.run_id, printable(status.workflow),
                                paint(status.state, colour_of(status.state)));
  for (const auto& stage : status.stages) out += stage_line(stage, width);
  out += failures_text(run, status);
  for (const auto& remark : status.remarks) out += remark_text(remark);
  return out;
}

}  // namespace foz::cli
