/// A run as it is seen at one moment, told in a few words, and what decide() then wants, in words.
#pragma once

#include <array>

#include "core/run/mark.h"
#include "tests/unit/run/support.h"

namespace foz::run {

using Kind = Action::Kind;
using slurm::State;
using task::EdgeKind;

inline std::string text_of(const Action& action) {
  constexpr std::array k_words = {"cancel run",
                                  "adopt",
                                  "settle",
                                  "submit",
                                  "record jobs",
                                  "advance job",
                                  "cancel advance job",
                                  "cancel orphan",
                                  "lost",
                                  "release stage",
                                  "release",
                                  "cancel",
                                  "forget"};
  std::string text = k_words.at(static_cast<std::size_t>(action.kind));
  const auto part = [&action] { return action.stage + "." + std::to_string(action.part); };
  switch (action.kind) {
    case Kind::cancel_run:
      return text + " '" + action.stage + "': " + action.sentence;
    case Kind::adopt:
      return text + " " + part() + " " + action.nonce + " job " + std::to_string(action.job.value);
    case Kind::settle:
      return text + " " + part() + " " + action.nonce;
    case Kind::submit:
      return text + " " + part();
    case Kind::cancel_orphan:
      return text + " " + std::to_string(action.job.value) + " " + action.sentence;
    case Kind::cancel_advance_job:
      return text + " " + std::to_string(action.job.value);
    case Kind::mark_lost:
      return text + " " + action.stage + " " + std::to_string(action.index) + "-" +
             std::to_string(action.last) + " attempt " + std::to_string(action.attempt) + " " +
             action.cls + ": " + action.sentence;
    case Kind::release_stage:
      return text + " " + action.stage;
    case Kind::release_partner:
    case Kind::cancel_partner:
      return text + " " + action.stage + " " + std::to_string(action.job.value) + " [" +
             action.elements + "]";
    case Kind::forget_release:
      return text + " " + action.stage + " " + std::to_string(action.index);
    default:
      return text;
  }
}

/// A run as it is seen at one moment.
class Moment {
 public:
  explicit Moment(const std::vector<StageWords>& stages, std::uint32_t max_array_size = 1001)
      : plan_(make_plan(stages, "/w/.foz/runs/brave-tide-4f2a", max_array_size)) {
    seen_.now = 1'795'576'600'000;
  }

  Moment& told(journal::Record record) {
    seen_.records.push_back(std::move(record));
    return *this;
  }

  /// A part's job, in the journal and in jobs.json.
  Moment& sent(const std::string& stage, std::uint32_t part, std::uint32_t job) {
    const task::StageTasks& tasks = find(stage).tasks;
    seen_.parts.push_back({stage, part, tasks.parts[part].offset, tasks.parts[part].count,
                           tasks.is_array, JobId{job}, "", nonce_of(job)});
    return told(Told::submitted(stage, part, nonce_of(job), job));
  }
  Moment& sent_and_released(const std::string& stage, std::uint32_t job) {
    return sent(stage, 0, job).told(Told::released(stage));
  }
  /// Started and ended by its keeper.
  Moment& ended(const std::string& stage, std::uint64_t index, const std::string& outcome) {
    return told(Told::started(stage, index, 90)).told(Told::ended(stage, index, outcome));
  }

  Moment& queue_answers() {
    if (!seen_.queue) seen_.queue.emplace();
    return *this;
  }
  Moment& row(slurm::JobRow row) {
    queue_answers();
    seen_.queue->push_back(std::move(row));
    return *this;
  }
  /// A single job, or (with an index) an element of an array.
  Moment& row(std::uint32_t job, State state, const std::string& reason = "",
              std::optional<std::uint32_t> index = {}) {
    slurm::JobRow row = row_of(job, state, reason);
    if (index) {
      row.array_id = row.id;
      row.id = JobId{job * 100 + *index};
      row.index = ArrayIndex{*index};
    }
    return this->row(std::move(row));
  }
  Moment& pending_rest(std::uint32_t job, const std::string& indices, const std::string& reason) {
    slurm::JobRow row = row_of(job, State::pending, reason);
    row.array_id = row.id;
    row.pending_indices = indices;
    return this->row(std::move(row));
  }
  Moment& in_waves(std::uint32_t jobs_at_once = 8) {
    plan_.waves = plan::Waves{jobs_at_once, {}, ""};
    return *this;
  }
  Moment& advance_job(std::uint32_t job, State state, const std::string& reason = "") {
    slurm::JobRow row = row_of(job, state, reason);
    row.name = name_of(std::string(plan::k_advance_job), nonce_of(job));
    return this->row(std::move(row));
  }
  Moment& pending_release(const std::string& child, std::uint64_t index) {
    seen_.pending_releases.emplace_back(child, index);
    return *this;
  }
  Moment& without_jobs_json() {
    seen_.parts.clear();
    return *this;
  }

  [[nodiscard]] std::vector<std::string> remarks() const { return judge(plan_, seen_).remarks; }
  [[nodiscard]] std::vector<std::string> actions() const {
    std::vector<std::string> texts;
    for (const Action& action : decide(plan_, seen_)) texts.push_back(text_of(action));
    return texts;
  }

  static slurm::JobRow row_of(std::uint32_t job, State state, const std::string& reason = "") {
    slurm::JobRow row;
    row.id = JobId{job};
    row.state = state;
    row.state_text = slurm::state_name(state);
    row.reason = reason;
    if (slurm::is_final(state)) row.end_time = 1'795'576'500'000;
    return row;
  }
  static std::string nonce_of(std::uint32_t job) { return "nonce" + std::to_string(job); }
  static std::string name_of(const std::string& stage, const std::string& nonce,
                             std::uint32_t part = 0) {
    return job_name({stage, "brave-tide-4f2a", part, nonce});
  }

 private:
  [[nodiscard]] const plan::StagePlan& find(const std::string& name) const {
    return *std::find_if(plan_.stages.begin(), plan_.stages.end(),
                         [&name](const plan::StagePlan& stage) { return stage.name == name; });
  }

  plan::Plan plan_;
  Observation seen_;
};

}  // namespace foz::run
