#include "core/run/facts.h"

#include <algorithm>
#include <array>
#include <map>

namespace foz::run {

namespace {

namespace kind = journal::kind;
using journal::Record;

constexpr std::array k_fact_kinds = {
    kind::submit_intended, kind::submitted,       kind::submit_failed, kind::release_intended,
    kind::released,        kind::cancel_intended, kind::cancelled,     kind::task_lost,
    kind::task_started,    kind::task_ended,      kind::log_lost,
};

/// Folds records into facts, one at a time.
class Gathering {
 public:
  explicit Gathering(const plan::Plan& plan) {
    for (const plan::StagePlan& stage : plan.stages) {
      by_name_[stage.name] = facts_.stages.size();
      StageFacts& facts = facts_.stages.emplace_back();
      facts.plan = &stage;
      for (const task::Part& part : stage.tasks.parts)
        facts.parts.push_back({part, {}, false, false});
    }
  }

  void take(const Record& record) {
    const std::string& kind = record.kind;
    if (kind == kind::task_ended) return take_end(record);
    if (kind == kind::task_started) return take_start(record);
    if (kind == kind::task_lost) return take_lost(record);
    if (kind == kind::submit_intended) return take_intent(record);
    if (kind == kind::submitted) return take_submitted(record);
    if (kind == kind::submit_failed) return take_failed(record);
    if (kind == kind::release_intended || kind == kind::released) return take_release(record);
    if (kind == kind::cancel_intended) return take_cancel(record);
    if (kind == kind::cancelled) return take_cancelled(record);
    if (kind == kind::log_lost) return take_log_lost(record);
  }

  /// jobs.json knows a job whose record was lost with a damaged journal.
  void take(const journal::SubmittedPart& part) {
    PartFacts* facts = find_part(part.stage, part.part);
    if (facts == nullptr) return;
    Request& request = request_of(*facts, part.nonce);
    if (request.outcome == Request::Outcome::submitted) return;
    request.outcome = Request::Outcome::submitted;
    request.job = part.job;
    request.cluster = part.cluster;
  }

  /// Cancellations are settled when all is known: a `cancelled` closes every intent of its stage.
  [[nodiscard]] Facts finish() && {
    for (const auto& [stage, counts] : cancels_) {
      if (counts.intended > counts.done) facts_.cancel_open.push_back(stage);
    }
    if (facts_.has_begun) facts_.refusal.clear();
    return std::move(facts_);
  }

 private:
  struct Cancels {
    int intended = 0, done = 0;
  };

  StageFacts* find_stage(const std::string& name) {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &facts_.stages[found->second];
  }

  PartFacts* find_part(const std::string& stage, std::int64_t part) {
    StageFacts* facts = find_stage(stage);
    if (facts == nullptr || part < 0) return nullptr;
    const auto number = static_cast<std::size_t>(part);
    return number < facts->parts.size() ? &facts->parts[number] : nullptr;
  }

  PartFacts* find_part(const Record& record) {
    return find_part(record.text("stage"), record.integer("part"));
  }

  static Request& request_of(PartFacts& part, const std::string& nonce) {
    for (Request& request : part.requests) {
      if (request.nonce == nonce) return request;
    }
    Request& request = part.requests.emplace_back();
    request.nonce = nonce;
    return request;
  }

  TaskFacts* find_task(const Record& record) {
    StageFacts* stage = find_stage(record.text("stage"));
    const auto index = static_cast<std::uint64_t>(record.integer("index"));
    if (stage == nullptr || index >= stage->plan->tasks.tasks) return nullptr;
    return &stage->tasks[index];
  }

  void take_intent(const Record& record) {
    if (PartFacts* part = find_part(record))
      request_of(*part, record.text("nonce")).asked = record.time;
  }

  void take_submitted(const Record& record) {
    PartFacts* part = find_part(record);
    if (part == nullptr) return;
    Request& request = request_of(*part, record.text("nonce"));
    request.outcome = Request::Outcome::submitted;
    request.job = JobId{static_cast<std::uint32_t>(record.integer("job"))};
    request.cluster = record.text("cluster");
    request.time = record.time;
  }

  void take_failed(const Record& record) {
    const std::string what = record.text("what");
    if (what == "refused") take_refusal(record);
    PartFacts* part = find_part(record);
    if (part == nullptr) return;
    Request& request = request_of(*part, record.text("nonce"));
    if (request.outcome == Request::Outcome::submitted) return;  // it turned up after all
    request.outcome = what == "refused"  ? Request::Outcome::refused
                      : what == "unseen" ? Request::Outcome::unseen
                                         : Request::Outcome::nothing;
  }

  /// Of a stage's part or of an advance job.
  void take_refusal(const Record& record) {
    facts_.refusal = record.text("reason");
    if (StageFacts* stage = find_stage(record.text("stage"))) stage->refusal = facts_.refusal;
  }

  void take_release(const Record& record) {
    PartFacts* part = find_part(record);
    if (part == nullptr) return;
    part->release_intended = facts_.has_begun = true;
    part->released = part->released || record.kind == kind::released;
  }

  void take_log_lost(const Record& record) {
    ++facts_.logs_lost;
    if (facts_.first_log_lost.empty()) facts_.first_log_lost = record.text("sentence");
  }

  void take_cancel(const Record& record) {
    const std::string stage = record.text("stage");
    ++cancels_[stage].intended;
    facts_.cancel_asked = std::max(facts_.cancel_asked, record.time);
    if (!stage.empty()) return;
    facts_.cancel_intended = true;
    facts_.cancelled_by_user = facts_.cancelled_by_user || record.text("by") == "user";
    facts_.cancel_reason = record.text("reason");
  }

  void take_cancelled(const Record& record) {
    const std::string stage = record.text("stage");
    ++cancels_[stage].done;
    if (stage.empty()) facts_.is_cancelled = true;
    for (StageFacts& facts : facts_.stages) {
      const bool is_named = facts.plan->name == stage;
      facts.is_cancelled = facts.is_cancelled || stage.empty() || is_named;
      facts.is_cancelled_alone = facts.is_cancelled_alone || is_named;
    }
  }

  void take_start(const Record& record) {
    TaskFacts* task = find_task(record);
    const auto attempt = static_cast<std::uint32_t>(record.integer("attempt"));
    if (task == nullptr || (task->has_start && attempt < task->started_attempt)) return;
    task->has_start = true;
    task->started_attempt = attempt;
    task->restart = static_cast<std::uint32_t>(record.integer("restart"));
    task->job = JobId{static_cast<std::uint32_t>(record.integer("job"))};
    task->array_job = JobId{static_cast<std::uint32_t>(record.integer("array_job"))};
    task->nodes = record.text("nodes");
    task->started = record.time;
  }

  void take_end(const Record& record) {
    TaskFacts* task = find_task(record);
    const auto attempt = static_cast<std::uint32_t>(record.integer("attempt"));
    if (task == nullptr || (task->has_end && attempt < task->ended_attempt)) return;
    task->has_end = true;
    task->ended_attempt = attempt;
    task->ended = record.time;
    task->outcome = record.text("outcome");
    task->cls = record.text("class");
    task->sentence = record.text("sentence");
    task->log = record.text("log");
  }

  /// A record stands for the tasks [index, last].
  void take_lost(const Record& record) {
    StageFacts* stage = find_stage(record.text("stage"));
    if (stage == nullptr) return;
    const auto first = static_cast<std::uint64_t>(record.integer("index"));
    const auto last = std::max(first, static_cast<std::uint64_t>(record.integer("last")));
    const std::uint64_t tasks = stage->plan->tasks.tasks;
    if (first >= tasks) return;
    stage->lost.push_back({first, std::min(last, tasks - 1),
                           static_cast<std::uint32_t>(record.integer("attempt")),
                           record.text("class"), record.text("sentence"), record.integer("ended")});
  }

  Facts facts_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, Cancels> cancels_;
};

}  // namespace

const Request* PartFacts::find(Request::Outcome outcome) const {
  const auto found = std::find_if(requests.begin(), requests.end(),
                                  [outcome](const Request& one) { return one.outcome == outcome; });
  return found == requests.end() ? nullptr : &*found;
}

const Request* PartFacts::sent() const {
  return find(Request::Outcome::submitted);
}

bool TaskFacts::is_final() const {
  const bool is_newest = has_end && (!has_start || ended_attempt >= started_attempt);
  return is_newest && outcome != "interrupted";
}

const PartFacts& StageFacts::part_of(std::uint64_t index) const {
  const auto after = std::upper_bound(
      parts.begin(), parts.end(), index,
      [](std::uint64_t at, const PartFacts& part) { return at < part.tasks.offset; });
  FOZ_ASSERT(after != parts.begin());
  return *std::prev(after);
}

bool is_fact(const Record& record) {
  return std::find(k_fact_kinds.begin(), k_fact_kinds.end(), record.kind) != k_fact_kinds.end();
}

Facts gather(const plan::Plan& plan, const Observation& seen) {
  Gathering gathering(plan);
  for (const Record& record : seen.records) gathering.take(record);
  for (const journal::SubmittedPart& part : seen.parts) gathering.take(part);
  return std::move(gathering).finish();
}

bool is_being_sent(const Facts& facts, UnixMillis now) {
  constexpr UnixMillis k_longest_request = 10'000;
  UnixMillis newest = 0;
  for (const StageFacts& stage : facts.stages) {
    for (const PartFacts& part : stage.parts) {
      for (const Request& request : part.requests) newest = std::max(newest, request.asked);
    }
  }
  return now - newest < k_longest_request;
}

std::vector<journal::SubmittedPart> submitted_parts(const Facts& facts) {
  std::vector<journal::SubmittedPart> parts;
  for (const StageFacts& stage : facts.stages) {
    for (std::size_t number = 0; number < stage.parts.size(); ++number) {
      const PartFacts& part = stage.parts[number];
      const Request* sent = part.sent();
      if (sent == nullptr) continue;
      parts.push_back({stage.plan->name, static_cast<std::uint32_t>(number), part.tasks.offset,
                       part.tasks.count, stage.plan->tasks.is_array, sent->job, sent->cluster,
                       sent->nonce});
    }
  }
  return parts;
}

}  // namespace foz::run
