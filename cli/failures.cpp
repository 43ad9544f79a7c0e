#include "cli/failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "cli/task_names.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;
constexpr std::size_t k_groups_shown = 5;  ///< but one of every stage
constexpr std::size_t k_ranges_shown = 8;
constexpr std::size_t k_log_lines_shown = 8;

/// `run` is the run's state: where nobody cancelled it, a task that was cancelled is news.
bool is_worth_telling(TaskState state, const std::string& cls, const std::string& run) {
  if (state == TaskState::cancelled) return run != "cancelled";
  return state == TaskState::failed || state == TaskState::unknown ||
         (state == TaskState::held && !cls.empty());
}

/// Whether the number behind these words tells tasks apart.
bool tells_how_it_ended(std::string_view words) {
  return words.ends_with("exit status ") || words.ends_with("exit code ") ||
         words.ends_with("signal ");
}

/// A reason without its other numbers: ranks, nodes and ids differ from task to task.
std::string alike(const std::string& sentence) {
  std::string out;
  bool is_kept = false;
  for (const char letter : sentence) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    is_kept = is_digit && (is_kept || tells_how_it_ended(out));
    if (!is_digit || is_kept)
      out += letter;
    else if (out.empty() || out.back() != '#')
      out += '#';
  }
  return out;
}

/// All that is known of a stage's tasks as ranges, by index: single tasks are ranges of one.
std::vector<std::pair<run::TaskGroup, std::string>> ranges_of(const run::StageStatus& stage) {
  std::vector<std::pair<run::TaskGroup, std::string>> all;
  for (const auto& [index, task] : stage.known)
    all.push_back({{index, index, task.state, task.cls, task.sentence, task.source}, task.log});
  for (const auto& group : stage.groups) all.emplace_back(group, "");
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.first.first < b.first.first; });
  return all;
}

std::vector<FailureGroup> group_stage(const run::RunStatus& status, std::size_t place) {
  const run::StageStatus& stage = status.stages[place];
  std::vector<FailureGroup> groups;
  std::map<std::tuple<TaskState, std::string, std::string>, std::size_t> seen;
  for (const auto& [range, log] : ranges_of(stage)) {
    if (!is_worth_telling(range.state, range.cls, status.state)) continue;
    const auto [at, is_new] =
        seen.try_emplace({range.state, range.cls, alike(range.sentence)}, groups.size());
    if (is_new) groups.push_back({place, range.state, range.cls, range.sentence, log, {}});
    FailureGroup& group = groups[at->second];
    add_range(group.tasks, range.first, range.last);
  }
  return groups;
}

/// The last lines of a log, indented; empty when there is none.
std::string log_tail(const OpenRun& run, const std::string& log) {
  if (log.empty()) return "";
  const auto text = read_file(run.folder.root() / log);
  if (!text) return "";
  auto lines = split(*text, '\n');
  std::erase_if(lines, [](std::string_view line) { return trim(line).empty(); });
  const std::size_t first = lines.size() > k_log_lines_shown ? lines.size() - k_log_lines_shown : 0;
  std::string out;
  for (std::size_t i = first; i < lines.size(); ++i)
    out += paint("      | " + printable(lines[i]), Colour::dim) + "\n";
  return out;
}

std::string group_text(const OpenRun& run, const FailureGroup& group) {
  const TaskNames names(run.plan.stages[group.stage]);
  const std::string label = names.with_values(group.tasks.front().first);
  std::string out = fmt::format("  {} {}", paint(label, Colour::bold),
                                paint(run::state_name(group.state), colour_of(group.state)));
  if (!group.cls.empty()) out += " (" + group.cls + ")";
  if (!group.sentence.empty()) out += ": " + printable_lines(group.sentence, "      ");
  out += "\n" + alike_text(group.tasks);
  if (!group.log.empty())
    out += paint("      log: " + (run.folder.root() / group.log).string(), Colour::dim) + "\n";
  return out + log_tail(run, group.log);
}

/// The first of each stage, then others as long as there is room.
std::vector<bool> choose(const std::vector<FailureGroup>& groups) {
  std::vector<bool> chosen(groups.size());
  std::set<std::size_t> stages;
  std::size_t room = k_groups_shown;
  const auto take = [&](std::size_t i) {
    chosen[i] = true;
    if (room > 0) --room;
  };
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (stages.insert(groups[i].stage).second) take(i);
  for (std::size_t i = 0; i < groups.size() && room > 0; ++i)
    if (!chosen[i]) take(i);
  return chosen;
}

std::string left_out_text(const OpenRun& run, std::uint64_t tasks) {
  if (tasks == 0) return "";
  const std::string name = name_from_here(run.folder);
  return fmt::format(
      "  ... and {} of other kinds: 'foz status {} --json' has every task, 'foz logs STAGE[INDEX] "
      "--run {}' what one wrote\n",
      count_of(tasks, "task"), name, name);
}

}  // namespace

void add_range(Ranges& ranges, std::uint64_t first, std::uint64_t last) {
  if (!ranges.empty() && ranges.back().second + 1 == first)
    ranges.back().second = last;
  else
    ranges.emplace_back(first, last);
}

std::uint64_t count_in(const Ranges& ranges) {
  std::uint64_t count = 0;
  for (const auto& [first, last] : ranges) count += last - first + 1;
  return count;
}

std::string ranges_text(const Ranges& ranges) {
  std::vector<std::string> words;
  for (const auto& [first, last] : ranges) {
    if (words.size() == k_ranges_shown) {
      words.emplace_back("...");
      break;
    }
    words.push_back(first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  }
  return join(words, ", ");
}

std::string alike_text(const Ranges& tasks) {
  if (count_in(tasks) == 1) return "";
  return fmt::format("      {} like this: {}\n", count_of(count_in(tasks), "task"),
                     ranges_text(tasks));
}

std::vector<FailureGroup> group_failures(const run::RunStatus& status) {
  std::vector<FailureGroup> all;
  for (std::size_t i = 0; i < status.stages.size(); ++i) {
    auto groups = group_stage(status, i);
    std::move(groups.begin(), groups.end(), std::back_inserter(all));
  }
  return all;
}

std::vector<FailureGroup> told_failures(const run::RunStatus& status) {
  const auto groups = group_failures(status);
  const auto chosen = choose(groups);
  std::vector<FailureGroup> told;
  for (std::size_t i = 0; i < groups.size(); ++i)
    if (chosen[i]) told.push_back(groups[i]);
  return told;
}

std::string failures_text(const OpenRun& run, const run::RunStatus& status) {
  std::string out;
  std::uint64_t left = 0;
  for (const auto& group : group_failures(status)) left += count_in(group.tasks);
  for (const auto& group : told_failures(status)) {
    out += group_text(run, group);
    left -= count_in(group.tasks);
  }
  return out + left_out_text(run, left);
}

}  // namespace foz::cli
