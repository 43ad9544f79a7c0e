#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/run/picture.h"

namespace foz::run {

namespace {

constexpr std::array<std::string_view, 9> k_state_names = {
    "waiting",           "held",   "queued", "running", "succeeded", "failed", "cancelled",
    "dependency_failed", "unknown"};

/// Slurm's own output of a task, for those that left no log of their own.
std::string slurm_log(const plan::Plan& plan, const StageFacts& stage, const PartFacts& part,
                      std::uint64_t index) {
  const Request* sent = part.sent();
  if (sent == nullptr) return {};
  std::string log;
  const std::string& pattern = stage.plan->request.output;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char letter = pattern[i] == '%' && i + 1 < pattern.size() ? pattern[++i] : '\0';
    if (letter == '\0') {
      log += pattern[i];
    } else if (letter == 'A' || letter == 'j') {
      log += fmt::format("{}", sent->job.value);
    } else if (letter == 'a') {
      log += fmt::format("{}", index - part.tasks.offset);
    } else {
      return {};
    }
  }
  const std::string inside = plan.run_folder + "/";
  return log.starts_with(inside) ? log.substr(inside.size()) : log;
}

bool has_partner(const plan::StagePlan& stage) {
  const auto& parents = stage.tasks.parents;
  return std::any_of(parents.begin(), parents.end(), [](const task::Parent& parent) {
    return parent.kind == task::EdgeKind::each;
  });
}

bool is_waiting(TaskState state) {
  return state == TaskState::waiting || state == TaskState::held || state == TaskState::queued;
}

/// When somebody asked for the cancellation of stages, by their names; "": of the whole run.
std::map<std::string, UnixMillis> users_cancels(const std::vector<journal::Record>& records) {
  std::map<std::string, UnixMillis> times;
  for (const journal::Record& record : records) {
    if (record.kind != journal::kind::cancel_intended || record.text("by") != "user") continue;
    const auto [at, is_new] = times.try_emplace(record.text("stage"), record.time);
    at->second = std::min(at->second, record.time);
  }
  return times;
}

/// Turns a picture into what is reported.
class Report {
 public:
  Report(const plan::Plan& plan, const Picture& picture, const Observation& seen)
      : plan_(plan), picture_(picture), cancels_(users_cancels(seen.records)) {}

  [[nodiscard]] StageStatus stage(const StagePicture& stage) const {
    StageStatus status;
    status.name = stage.facts->plan->name;
    status.tasks = stage.words.size();
    for (std::uint64_t index = 0; index < stage.words.size(); ++index) {
      const Word& word = picture_.word(stage, index);
      ++status.counts[word.state];
      if (is_single(stage, index)) {
        status.known.emplace_hint(status.known.end(), index, task(stage, index, word));
      } else {
        add_to_group(status, index, word, sentence_of(stage, index, word));
      }
    }
    status.waits_for = waits_for(stage);
    add_times(stage, status);
    return status;
  }

 private:
  /// Whether there is something to say of this very task.
  [[nodiscard]] bool is_single(const StagePicture& stage, std::uint64_t index) const {
    if (stage.facts->tasks.count(index) != 0) return true;
    const Word& word = picture_.word(stage, index);
    const slurm::JobRow* row = stage.rows[index];
    if (row != nullptr && row->index && row->state != slurm::State::pending) return true;
    return (word.never_starts && has_partner(*stage.facts->plan)) || stage.words.size() == 1;
  }

  /// Whether `foz cancel` ended it, waiting or running: then it is told alike. What its keeper
  /// recorded before that had another reason, and so had what Slurm said of it.
  [[nodiscard]] bool is_users_cancel(const StagePicture& stage, std::uint64_t index,
                                     const Word& word) const {
    if (cancels_.empty() || word.state != TaskState::cancelled || word.is_slurms_end) return false;
    const auto& tasks = stage.facts->tasks;
    const auto found = tasks.find(index);
    const bool has_end = found != tasks.end() && found->second.is_final();
    return std::any_of(cancels_.begin(), cancels_.end(), [&](const auto& cancel) {
      if (!cancel.first.empty() && cancel.first != stage.facts->plan->name) return false;
      return has_end ? found->second.ended >= cancel.second : find_lost(stage, index) == nullptr;
    });
  }

  /// Null where advance recorded nothing of it.
  static const Lost* find_lost(const StagePicture& stage, std::uint64_t index) {
    return stage.lost.empty() ? nullptr : stage.lost[index];
  }

  [[nodiscard]] std::string sentence_of(const StagePicture& stage, std::uint64_t index,
                                        const Word& word) const {
    const bool is_by_user =
        is_users_cancel(stage, index, word) &&
        stage.facts->part_of(index).sent() != nullptr;  // else it was never sent
    return is_by_user ? "cancelled by foz cancel" : word.sentence;
  }

  /// Of a task that was lost nobody may know when it ended, and then not when its stage did.
  static void add_times(const StagePicture& stage, StageStatus& status) {
    UnixMillis last = 0;
    std::uint64_t over = 0;
    bool is_end_known = true;
    for (const auto& [index, task] : status.known) {
      const bool is_first = status.started == 0 || task.started < status.started;
      if (task.started != 0 && is_first) status.started = task.started;
      const Lost* lost = task.ended == 0 ? find_lost(stage, index) : nullptr;
      const bool has_end = task.ended != 0 || (lost != nullptr && lost->ended != 0);
      is_end_known = is_end_known && (task.started == 0 || has_end);
      last = std::max(last, task.ended);
    }
    for (const Lost& lost : stage.facts->lost) last = std::max(last, lost.ended);
    for (const auto& [state, count] : status.counts) over += run::is_over(state) ? count : 0;
    if (over == status.tasks && is_end_known) status.ended = last;
  }

  [[nodiscard]] TaskStatus task(const StagePicture& stage, std::uint64_t index,
                                const Word& word) const {
    const StageFacts& facts = *stage.facts;
    const PartFacts& part = facts.part_of(index);
    TaskStatus status;
    status.index = TaskIndex{index};
    status.state = word.state;
    status.cls = word.cls;
    status.sentence = sentence_of(stage, index, word);
    status.source = word.source;
    if (const Request* sent = part.sent()) status.job = sent->job;
    if (const slurm::JobRow* row = stage.rows[index]) add_row(status, *row);
    if (!stage.past.empty() && stage.past[index] != nullptr) add_past(status, *stage.past[index]);
    const auto found = facts.tasks.find(index);
    if (found != facts.tasks.end()) add_facts(status, found->second);
    if (const Lost* lost = find_lost(stage, index); lost != nullptr && status.ended == 0)
      status.ended = lost->first == lost->last ? lost->ended : 0;
    const bool has_start = found != facts.tasks.end() && found->second.has_start;
    if (word.state == TaskState::dependency_failed) status.log.clear();
    if (status.log.empty() && may_have_output(word, has_start))
      status.log = slurm_log(plan_, facts, part, index);
    return status;
  }

  /// Whether Slurm's own output of it is where to look: not of what never started for its parents'
  /// sake, or was cancelled before.
  static bool may_have_output(const Word& word, bool has_start) {
    if (word.state == TaskState::cancelled) return has_start;
    return word.state == TaskState::failed || word.state == TaskState::unknown;
  }

  static void add_row(TaskStatus& status, const slurm::JobRow& row) {
    if (row.index || row.pending_indices.empty()) status.job = row.id;
    status.nodes = row.nodes;
    if (row.state == slurm::State::pending) return;  // times to come are no times
    status.started = row.start_time;
    if (slurm::is_final(row.state)) status.ended = row.end_time;
  }

  static void add_past(TaskStatus& status, const slurm::AccountingRow& row) {
    status.job = row.id;
    status.nodes = row.nodes;
    status.started = row.start_time;
    status.ended = row.end_time;
  }

  static void add_facts(TaskStatus& status, const TaskFacts& facts) {
    status.attempt = std::max(facts.started_attempt, facts.ended_attempt);
    if (facts.has_start) {
      status.job = facts.job;
      status.started = facts.started;
      if (!facts.nodes.empty()) status.nodes = facts.nodes;
    }
    if (!facts.is_final()) return;
    status.ended = facts.ended;
    status.log = facts.log;
  }

  static void add_to_group(StageStatus& status, std::uint64_t index, const Word& word,
                           std::string sentence) {
    TaskGroup group{index, index, word.state, word.cls, std::move(sentence), word.source};
    if (!status.groups.empty() && status.groups.back().last + 1 == index) {
      TaskGroup& last = status.groups.back();
      group.first = last.first;
      group.last = last.last;
      if (group == last) {
        last.last = index;
        return;
      }
      group.first = group.last = index;
    }
    status.groups.push_back(std::move(group));
  }

  [[nodiscard]] std::vector<std::string> waits_for(const StagePicture& stage) const {
    std::vector<std::string> reasons;
    const slurm::JobRow* last = nullptr;
    for (std::uint64_t index = 0; index < stage.rows.size(); ++index) {
      const slurm::JobRow* row = stage.rows[index];
      if (row == nullptr || row == last) continue;
      last = row;
      const bool waits = row->state == slurm::State::pending &&
                         is_waiting(picture_.word(stage, index).state) && !row->reason.empty() &&
                         row->reason != "None";
      if (waits && std::find(reasons.begin(), reasons.end(), row->reason) == reasons.end()) {
        reasons.push_back(row->reason);
      }
    }
    return reasons;
  }

  const plan::Plan& plan_;
  const Picture& picture_;
  std::map<std::string, UnixMillis> cancels_;
};

std::map<TaskState, std::uint64_t> count_all(const std::vector<StageStatus>& stages) {
  std::map<TaskState, std::uint64_t> counts;
  for (const StageStatus& stage : stages) {
    for (const auto& [state, count] : stage.counts) counts[state] += count;
  }
  return counts;
}

/// The first time of a record of this kind; 0: there is none.
UnixMillis first_time(const std::vector<journal::Record>& records, std::string_view kind) {
  UnixMillis first = 0;
  for (const journal::Record& record : records) {
    if (record.kind == kind && (first == 0 || record.time < first)) first = record.time;
  }
  return first;
}

/// Of a run that is over: the last end of a stage, or the cancellation behind it; 0: of a stage
/// that ran nobody knows it.
UnixMillis last_end(const std::vector<StageStatus>& stages,
                    const std::vector<journal::Record>& records) {
  UnixMillis last = 0;
  for (const StageStatus& stage : stages) {
    if (stage.started != 0 && stage.ended == 0) return 0;
    last = std::max(last, stage.ended);
  }
  for (const journal::Record& record : records) {
    if (record.kind == journal::kind::cancelled) last = std::max(last, record.time);
  }
  return last;
}

bool is_wholly_sent(const Facts& facts) {
  return std::all_of(facts.stages.begin(), facts.stages.end(), [](const StageFacts& stage) {
    return std::all_of(stage.parts.begin(), stage.parts.end(),
                       [](const PartFacts& part) { return part.sent() != nullptr; });
  });
}

std::string state_of_run(const Picture& picture, std::map<TaskState, std::uint64_t> counts) {
  const auto any = [&counts](std::initializer_list<TaskState> states) {
    return std::any_of(states.begin(), states.end(),
                       [&counts](TaskState state) { return counts[state] > 0; });
  };
  using enum TaskState;
  const bool is_alive = any({waiting, held, queued, running});
  if (!is_alive && !any({TaskState::unknown})) {
    if (picture.facts.cancelled_by_user && any({cancelled})) return "cancelled";
    return any({failed, cancelled, dependency_failed}) ? "failed" : "succeeded";
  }
  if (!is_alive) return "unknown";
  const bool has_begun = any({running, succeeded, failed, cancelled, dependency_failed});
  if (has_begun) return "running";
  return is_wholly_sent(picture.facts) ? "waiting" : "submitting";
}

}  // namespace

std::string_view state_name(TaskState state) {
  return k_state_names.at(static_cast<std::size_t>(state));
}

bool is_over(TaskState state) {
  return state == TaskState::succeeded || state == TaskState::failed ||
         state == TaskState::cancelled || state == TaskState::dependency_failed;
}

RunStatus report(const plan::Plan& plan, const Picture& picture, const Observation& seen) {
  RunStatus status;
  status.run_id = plan.run_id;
  status.workflow = plan.workflow;
  status.remarks = picture.remarks;
  status.queue_answered = seen.queue.has_value();
  status.queue_asked = status.queue_answered || !seen.queue_error.empty();
  const Report told(plan, picture, seen);
  for (const StagePicture& stage : picture.stages) status.stages.push_back(told.stage(stage));
  status.tolerated = tolerated_failures(plan, seen.records);
  status.state = state_of_run(picture, count_all(status.stages));
  status.is_over = picture.is_over();
  status.began = first_time(seen.records, journal::kind::submit_intended);
  if (status.is_over) status.ended = last_end(status.stages, seen.records);
  return status;
}

RunStatus judge(const plan::Plan& plan, const Observation& seen) {
  return report(plan, look(plan, seen), seen);
}

}  // namespace foz::run
