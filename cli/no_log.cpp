#include "cli/no_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

using run::TaskState;

constexpr std::size_t k_ranks_named = 8;

std::string attempts_text(const std::vector<LogFile>& logs) {
  std::set<std::uint32_t> attempts;
  for (const LogFile& log : logs) attempts.insert(log.attempt);
  std::vector<std::string> words;
  for (const std::uint32_t attempt : attempts) words.push_back(std::to_string(attempt));
  return join(words, ", ");
}

/// The numbers of the steps that have logs, each once.
std::vector<std::string> steps_of(const std::vector<LogFile>& logs) {
  std::set<std::int64_t> steps;
  for (const LogFile& log : logs)
    if (const auto step = step_of(log)) steps.insert(*step);
  std::vector<std::string> words;
  for (const std::int64_t step : steps) words.push_back(std::to_string(step));
  return words;
}

std::string ranks_text(const std::vector<LogFile>& logs) {
  std::vector<std::string> names;
  for (const LogFile& log : logs) names.push_back(shown_label(log));
  if (names.size() == 1) return "there is only " + names.front();
  if (names.size() <= k_ranks_named) return "there are " + join(names, ", ");
  return fmt::format("there are {}, {} to {}", count_of(names.size(), "log"), names.front(),
                     names.back());
}

/// What could have been chosen: steps where the step is not there, else ranks.
std::string choices_text(std::vector<LogFile> logs, const LogChoice& choice) {
  if (choice.step.empty()) return ranks_text(logs);
  const auto steps = steps_of(logs);
  if (steps.empty()) return "its stage has no steps";
  const bool has_step = std::find(steps.begin(), steps.end(), choice.step) != steps.end();
  if (!has_step) return (steps.size() == 1 ? "it has step " : "it has steps ") + join(steps, ", ");
  std::erase_if(logs, [&](const LogFile& log) {
    const auto step = step_of(log);
    return !step || std::to_string(*step) != choice.step;
  });
  return ranks_text(logs);
}

std::string parents_text(const std::vector<task::Parent>& parents) {
  std::vector<std::string> names;
  for (const task::Parent& parent : parents) names.push_back(parent.stage);
  return names.empty() ? "it is not sent to Slurm yet" : "it waits for " + join(names, ", ");
}

std::string behind_colon(const std::string& text) {
  return text.empty() ? "" : ": " + printable_lines(text, "  ");
}

}  // namespace

std::string is_now(const std::string& task, TaskState state) {
  const bool is_verb = state == TaskState::succeeded || state == TaskState::failed;
  return fmt::format("{}{} {}", task, is_verb ? "" : " is", run::state_name(state));
}

TaskWord word_of(const run::StageStatus& stage, std::uint64_t index) {
  const auto known = stage.known.find(index);
  if (known != stage.known.end()) {
    const run::TaskStatus& task = known->second;
    return {task.state, task.cls, task.sentence, task.log, task.attempt != 0};
  }
  for (const run::TaskGroup& group : stage.groups)
    if (group.first <= index && index <= group.last)
      return {group.state, group.cls, group.sentence, "", false};
  return {};
}

std::optional<Fault> wrong_choice(const Missing& missing) {
  std::vector<LogFile> logs = missing.logs;
  std::erase_if(logs, is_setup_log);
  if (logs.empty()) return std::nullopt;
  const auto newest = std::max_element(logs.begin(), logs.end(), [](const auto& a, const auto& b) {
                        return a.attempt < b.attempt;
                      })->attempt;
  const std::uint32_t wanted = missing.choice.attempt.value_or(newest);
  const std::string all = attempts_text(logs);
  std::erase_if(logs, [wanted](const LogFile& log) { return log.attempt != wanted; });
  if (logs.empty())
    return Fault{k_bad_usage,
                 fmt::format("{} has no log of attempt {}, only of {}", missing.task, wanted, all)};
  const auto& [attempt, rank, step] = missing.choice;
  const std::string what = step.empty()   ? "rank " + quoted(rank)
                           : rank.empty() ? "step " + quoted(step)
                                          : "rank " + quoted(rank) + " of step " + quoted(step);
  return Fault{k_bad_usage, fmt::format("attempt {} of {} has no {}: {}", wanted, missing.task,
                                        what, choices_text(logs, missing.choice))};
}

std::string why_nothing(const Missing& missing, const TaskWord& word, const run::StageStatus& stage,
                        const std::vector<task::Parent>& parents) {
  const std::string& task = missing.task;
  switch (word.state) {
    case TaskState::waiting:
      return fmt::format("{} has not started: {}", task, parents_text(parents));
    case TaskState::held:
      return fmt::format("{} has not started{}", task, behind_colon(word.sentence));
    case TaskState::queued:
      return fmt::format("{} has not started: it is in Slurm's queue{}", task,
                         stage.waits_for.empty() ? "" : " (" + join(stage.waits_for, "; ") + ")");
    case TaskState::running:
      return task + " is running, but no rank of it has started yet";
    case TaskState::succeeded:
      return task + " succeeded, but there is no log of it";
    case TaskState::failed:
    case TaskState::cancelled:
    case TaskState::dependency_failed:
      if (word.has_begun && !word.log.empty() && word.cls != "launch_failed")
        return fmt::format("{}, and there is no log of it{}", is_now(task, word.state),
                           behind_colon(word.sentence));
      return fmt::format("no rank of {} has run ({}){}", task,
                         word.cls.empty() ? run::state_name(word.state) : word.cls,
                         behind_colon(word.sentence));
    case TaskState::unknown:
      break;
  }
  return fmt::format("{} is unknown{}", task, behind_colon(word.sentence));
}

}  // namespace foz::cli
