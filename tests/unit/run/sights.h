/// Observations in a few words: what the journal, the queue and accounting say of a run.
#pragma once

#include "tests/unit/run/support.h"

namespace foz::run {

inline constexpr UnixMillis k_now = 1'795'580'151'000;

inline slurm::JobRow row_of(std::uint32_t job, slurm::State state, std::string reason = "") {
  slurm::JobRow row;
  row.id = JobId{job};
  row.state = state;
  row.state_text = std::string(slurm::state_name(state));
  row.reason = std::move(reason);
  row.start_time = k_now - 600'000;
  row.end_time = slurm::is_final(state) ? k_now - 300'000 : 0;
  return row;
}

inline slurm::JobRow element_of(std::uint32_t array, std::uint32_t index, slurm::State state,
                                std::string reason = "") {
  slurm::JobRow row = row_of(array + 100 + index, state, std::move(reason));
  row.array_id = JobId{array};
  row.index = ArrayIndex{index};
  return row;
}

/// What is not split off: "3-16,20".
inline slurm::JobRow rest_of(std::uint32_t array, std::string indices, std::string reason) {
  slurm::JobRow row = row_of(array, slurm::State::pending, std::move(reason));
  row.array_id = JobId{array};
  row.pending_indices = std::move(indices);
  return row;
}

inline slurm::AccountingRow past_of(std::uint32_t job, slurm::State state, int restart = 0) {
  slurm::AccountingRow row;
  row.id = JobId{job};
  row.state = state;
  row.state_text = std::string(slurm::state_name(state));
  row.submit_time = k_now - 3'000'000 + restart;
  row.start_time = k_now - 600'000;
  row.end_time = slurm::is_final(state) ? k_now - 300'000 : 0;
  return row;
}

/// An observation; what is not said was not asked.
struct Sights {
  Observation seen;

  Sights() { seen.now = k_now; }
  Sights& tell(std::initializer_list<journal::Record> records) {
    seen.records.insert(seen.records.end(), records);
    return *this;
  }
  /// Sent as `job`, and jobs.json says so.
  Sights& sent(const plan::Plan& plan, const std::string& stage, std::uint32_t job,
               std::uint32_t part = 0) {
    const std::string nonce = "n" + std::to_string(job);
    seen.records.push_back(Told::intended(stage, part, nonce));
    seen.records.push_back(Told::submitted(stage, part, nonce, job));
    for (const plan::StagePlan& one : plan.stages) {
      if (one.name != stage) continue;
      const task::Part& tasks = one.tasks.parts.at(part);
      seen.parts.push_back(
          {stage, part, tasks.offset, tasks.count, one.tasks.is_array, JobId{job}, "", nonce});
    }
    return *this;
  }
  Sights& queue(std::vector<slurm::JobRow> rows) {
    seen.queue = std::move(rows);
    return *this;
  }
  Sights& silent_queue(std::string why = "no answer") {
    seen.queue_error = std::move(why);
    return *this;
  }
  Sights& history(std::vector<slurm::AccountingRow> rows) {
    seen.history = std::move(rows);
    return *this;
  }
};

/// "failed oom 'sentence' (queue)": a task as a line.
inline std::string line_of(TaskState state, const std::string& cls, const std::string& sentence,
                           const std::string& source) {
  std::string line(state_name(state));
  if (!cls.empty()) line += " " + cls;
  if (!sentence.empty()) line += " '" + sentence + "'";
  return line + " (" + source + ")";
}
inline std::string line_of(const TaskStatus& task) {
  return line_of(task.state, task.cls, task.sentence, task.source);
}

/// A stage: "0-3 waiting (queue)", "4 running (queue)" ...
inline std::vector<std::string> lines_of(const StageStatus& stage) {
  std::map<std::uint64_t, std::string> lines;
  for (const auto& [index, task] : stage.known) {
    lines[index] = std::to_string(index) + " " + line_of(task);
  }
  for (const TaskGroup& group : stage.groups) {
    const std::string last = group.last == group.first ? "" : "-" + std::to_string(group.last);
    lines[group.first] = std::to_string(group.first) + last + " " +
                         line_of(group.state, group.cls, group.sentence, group.source);
  }
  std::vector<std::string> all;
  for (auto& [first, line] : lines) all.push_back(std::move(line));
  return all;
}

}  // namespace foz::run
