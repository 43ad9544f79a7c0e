#include "cli/failures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "cli/no_log.h"
#include "cli/task_names.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;
constexpr std::size_t k_groups_shown = 5;  ///< but one of every stage
constexpr std::size_t k_ranges_shown = 8;
constexpr std::size_t k_log_lines_shown = 8;
constexpr std::string_view k_step = "step ";  ///< so begins what one of several steps ended with

/// Where nobody cancelled the run, a task that was cancelled is news.
bool is_worth_telling(const run::TaskGroup& range, const std::string& run) {
  if (range.state == TaskState::cancelled) return run != "cancelled";
  return range.state == TaskState::failed || range.state == TaskState::unknown ||
         (range.state == TaskState::held && !range.cls.empty());
}

bool has_only_succeeded(const run::StageStatus& stage) {
  const auto succeeded = stage.counts.find(TaskState::succeeded);
  return succeeded != stage.counts.end() && succeeded->second == stage.tasks;
}

/// Whether a parent that must succeed has not: of what hangs on it nothing is told, but of it.
bool is_explained_by_parents(const OpenRun& run, const run::RunStatus& status, std::size_t place,
                             std::uint64_t index) {
  const auto& parents = run.plan.stages[place].tasks.parents;
  return std::any_of(parents.begin(), parents.end(), [&](const task::Parent& parent) {
    const auto stage = std::find_if(status.stages.begin(), status.stages.end(),
                                    [&](const auto& one) { return one.name == parent.stage; });
    if (stage == status.stages.end()) return false;
    if (parent.kind == task::EdgeKind::each)
      return word_of(*stage, index).state != TaskState::succeeded;
    return parent.kind == task::EdgeKind::success && !has_only_succeeded(*stage);
  });
}

/// Whether the number behind these words tells tasks apart.
bool tells_how_it_ended(std::string_view words) {
  return words.ends_with("exit status ") || words.ends_with("exit code ") ||
         words.ends_with("signal ");
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

std::vector<FailureGroup> group_stage(const OpenRun& run, const run::RunStatus& status,
                                      std::size_t place) {
  const run::StageStatus& stage = status.stages[place];
  std::vector<FailureGroup> groups;
  std::map<std::tuple<TaskState, std::string, std::string>, std::size_t> seen;
  for (const auto& [range, log] : ranges_of(stage)) {
    const bool is_refused_join = range.state == TaskState::dependency_failed &&
                                 !is_explained_by_parents(run, status, place, range.first);
    if (!is_refused_join && !is_worth_telling(range, status.state)) continue;
    const auto [at, is_new] =
        seen.try_emplace({range.state, range.cls, alike(range.sentence)}, groups.size());
    if (is_new) groups.push_back({place, range.state, range.cls, range.sentence, log, {}});
    FailureGroup& group = groups[at->second];
    add_range(group.tasks, range.first, range.last);
  }
  return groups;
}

/// What the last lines of a log may take.
constexpr std::uint64_t k_log_end = 64U << 10U;
constexpr std::size_t k_log_width = 500;

/// Where a log is, and its last lines, indented; empty when there is none.
std::string log_text(const OpenRun& run, const std::string& log) {
  if (log.empty()) return "";
  const fs::path path = run.folder.root() / log;
  const auto text = read_end(path, k_log_end);
  if (!text) return "";
  auto lines = split(*text, '\n');
  std::erase_if(lines, [](std::string_view line) { return trim(line).empty(); });
  const std::size_t first = lines.size() > k_log_lines_shown ? lines.size() - k_log_lines_shown : 0;
  std::string out = paint("      log: " + path.string(), Colour::dim) + "\n";
  for (std::size_t i = first; i < lines.size(); ++i)
    out += paint("      | " + cut(printable(lines[i]), k_log_width), Colour::dim) + "\n";
  return out;
}

/// "      6 stages like this: b, c", long lists cut; empty where it is alone.
std::string like_it_text(const OpenRun& run, const FailureGroup& group) {
  if (group.like_it.empty()) return "";
  std::vector<std::string> names = {run.plan.stages[group.stage].name};
  for (const std::size_t stage : group.like_it) {
    if (names.size() == k_ranges_shown) {
      names.emplace_back("...");
      break;
    }
    names.push_back(run.plan.stages[stage].name);
  }
  return fmt::format("      {} like this: {}\n", count_of(group.like_it.size() + 1, "stage"),
                     join(names, ", "));
}

std::string group_text(const OpenRun& run, const FailureGroup& group, const std::string& sentence) {
  const TaskNames names(run.plan.stages[group.stage]);
  const std::string label = names.with_values(group.tasks.front().first);
  std::string out = fmt::format("  {} {}", paint(label, Colour::bold),
                                paint(run::state_name(group.state), colour_of(group.state)));
  out += in_brackets(group.state, group.cls);
  if (!sentence.empty()) out += ": " + printable_lines(sentence, "      ");
  return out + "\n" + alike_text(group.tasks) + like_it_text(run, group) + log_text(run, group.log);
}

/// What was said of another group is not said again: "never sent: X" behind X is "never sent".
std::string new_words(const FailureGroup& group, const std::vector<FailureGroup>& told) {
  for (const FailureGroup& other : told) {
    const std::string tail = ": " + other.sentence;
    if (!other.sentence.empty() && group.sentence.ends_with(tail))
      return group.sentence.substr(0, group.sentence.size() - tail.size());
  }
  return group.sentence;
}

/// Whole stages that ended alike, without a log, are one group, called by its first.
std::vector<FailureGroup> merge_stages(const run::RunStatus& status,
                                       std::vector<FailureGroup> all) {
  std::vector<FailureGroup> merged;
  const auto is_whole = [&](const FailureGroup& group) {
    return group.log.empty() && count_in(group.tasks) == status.stages[group.stage].tasks;
  };
  for (FailureGroup& group : all) {
    const auto like = std::find_if(merged.begin(), merged.end(), [&](const FailureGroup& other) {
      return is_whole(group) && is_whole(other) && other.state == group.state &&
             other.cls == group.cls && other.sentence == group.sentence;
    });
    if (like == merged.end())
      merged.push_back(std::move(group));
    else
      like->like_it.push_back(group.stage);
  }
  return merged;
}

/// All of them, grouped.
std::vector<FailureGroup> group_failures(const OpenRun& run, const run::RunStatus& status) {
  std::vector<FailureGroup> all;
  for (std::size_t i = 0; i < status.stages.size(); ++i) {
    auto groups = group_stage(run, status, i);
    std::move(groups.begin(), groups.end(), std::back_inserter(all));
  }
  return merge_stages(status, std::move(all));
}

std::uint64_t tasks_of(const run::RunStatus& status, const FailureGroup& group) {
  std::uint64_t tasks = count_in(group.tasks);
  for (const std::size_t stage : group.like_it) tasks += status.stages[stage].tasks;
  return tasks;
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

std::string alike(const std::string& sentence) {
  std::string out;
  bool is_kept = false;
  for (const char letter : sentence) {
    const bool is_digit = std::isdigit(static_cast<unsigned char>(letter)) != 0;
    is_kept = is_digit && (is_kept || out == k_step || tells_how_it_ended(out));
    if (!is_digit || is_kept)
      out += letter;
    else if (out.empty() || out.back() != '#')
      out += '#';
  }
  return out;
}

std::string in_brackets(run::TaskState state, const std::string& cls) {
  return cls.empty() || cls == run::state_name(state) ? "" : " (" + cls + ")";
}

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

ToldFailures told_failures(const OpenRun& run, const run::RunStatus& status) {
  auto groups = group_failures(run, status);
  const auto chosen = choose(groups);
  ToldFailures told;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (chosen[i])
      told.groups.push_back(std::move(groups[i]));
    else
      told.left_out += tasks_of(status, groups[i]);
  }
  return told;
}

std::string failures_text(const OpenRun& run, const ToldFailures& failures) {
  std::string out;
  for (const auto& group : failures.groups)
    out += group_text(run, group, new_words(group, failures.groups));
  return out + left_out_text(run, failures.left_out);
}

}  // namespace foz::cli
