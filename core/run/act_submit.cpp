#include <fmt/format.h>

#include <algorithm>

#include "core/run/act.h"
#include "core/run/selectors.h"
#include "core/slurm/refusal.h"

namespace foz::run {

namespace {

namespace kind = journal::kind;
constexpr int k_requests = 2;  ///< for a part, where the first one was not answered

/// Whether an error says that no job can have come of the request.
bool is_nothing(Code code) {
  return code == Code::unavailable || code == Code::not_found || code == Code::storage_full ||
         code == Code::too_large;
}

std::string_view word(plan::DependencyKind kind) {
  switch (kind) {
    case plan::DependencyKind::afterany:
      return "afterany";
    case plan::DependencyKind::aftercorr:
      return "aftercorr";
    default:
      return "afterok";
  }
}

slurm::SubmitRequest make_request(const plan::Plan& plan, const plan::StagePlan& stage,
                                  const Mark& mark, std::string dependency) {
  const task::Part& part = stage.tasks.parts[mark.part];
  slurm::SubmitRequest request = stage.request;
  request.name = job_name(mark);
  const std::string users = request.comment.empty() ? "" : " " + request.comment;
  request.comment = job_comment(mark) + users;
  if (request.script.empty()) {
    request.script = journal::RunFolder(plan.run_folder).script(stage.name).native();
  }
  request.script_args = {fmt::format("{}", part.offset)};
  if (stage.tasks.is_array) {
    const std::size_t together = plan::parts_together(plan, stage);
    const std::uint32_t at_most = share_of(stage.at_most, together, mark.part % together);
    request.array = array_spec(part.count, at_most < part.count ? at_most : 0);
  }
  request.dependency = std::move(dependency);
  const bool is_held = is_released_by_foz(plan, stage) || has_held_partner(stage);
  request.hold = is_held ? slurm::Hold::yes : slurm::Hold::no;
  return request;
}

}  // namespace

Result<void> Acting::submit(const plan::StagePlan& stage, std::uint32_t part) {
  for (int request = 0; request < k_requests; ++request) {
    if (has_no_room_) return {};
    FOZ_TRY(const Fate fate, submit_once(stage, part));
    if (fate != Fate::unseen) return {};
  }
  return fail(
      Code::unknown_outcome,
      fmt::format("cannot submit stage '{}': {} requests were not answered, and no job came "
                  "of them (the last: {}); try again when Slurm answers",
                  stage.name, k_requests, last_silence_));
}

Result<Acting::Fate> Acting::submit_once(const plan::StagePlan& stage, std::uint32_t part) {
  FOZ_TRY(std::string dependency, dependency(stage, part));
  const Mark mark{stage.name, context_.plan.run_id, part, make_nonce()};
  slurm::SubmitRequest request = make_request(context_.plan, stage, mark, std::move(dependency));
  request.environment = submission_environment();
  FOZ_CHECK(record_intent(mark));
  const auto answer = effect("submit", [&] { return context_.scheduler.submit(request); });
  if (answer) {
    FOZ_CHECK(record_sent(mark, {answer->id, answer->cluster, mark.nonce, true}, false));
    ++counts_.submitted;
    return Fate::sent;
  }
  Error error = answer.error();
  const bool is_unknown = error.code != Code::refused && !is_nothing(error.code);
  if (is_unknown) {
    FOZ_TRY(const Fate fate, settle(mark, error.message));
    if (fate != Fate::unseen || !is_full(error)) return fate;
    error.code = Code::refused;  // no job came of it, and Slurm had said why
  }
  if (is_for_later(error)) {
    has_no_room_ = true;
    if (!is_unknown) FOZ_CHECK(record_unsent(mark, "nothing", error.message));
    return Fate::left;
  }
  if (error.code == Code::refused && context_.picture.facts.has_begun) {
    FOZ_CHECK(record_unsent(mark, "refused", error.message));
    ++counts_.refused;
    return Fate::left;
  }
  if (error.code == Code::refused) return fail(refuse(mark, error));
  FOZ_CHECK(record_unsent(mark, "nothing", error.message));
  return fail(with_context(fmt::format("cannot submit stage '{}'", stage.name), error));
}

Environment Acting::submission_environment() const {
  if (context_.effects.environment) return *context_.effects.environment;
  return slurm::clean_environment(current_environment()).environment;
}

Result<void> Acting::record_intent(const Mark& mark) {
  return record(kind::submit_intended, {{"stage", mark.stage},
                                        {"part", std::int64_t{mark.part}},
                                        {"nonce", mark.nonce},
                                        {"name", job_name(mark)}});
}

Result<void> Acting::record_sent(const Mark& mark, const Sent& sent, bool is_adopted) {
  sent_[{mark.stage, mark.part}] = sent;
  return record_submitted(mark, sent, is_adopted);
}

Result<void> Acting::record_submitted(const Mark& mark, const Sent& sent, bool is_adopted) {
  return record(kind::submitted, {{"stage", mark.stage},
                                  {"part", std::int64_t{mark.part}},
                                  {"nonce", mark.nonce},
                                  {"job", std::int64_t{sent.job.value}},
                                  {"cluster", sent.cluster},
                                  {"adopted", is_adopted}});
}

Result<void> Acting::record_unsent(const Mark& mark, std::string_view what,
                                   const std::string& reason) {
  return record(kind::submit_failed, {{"stage", mark.stage},
                                      {"part", std::int64_t{mark.part}},
                                      {"nonce", mark.nonce},
                                      {"what", std::string(what)},
                                      {"reason", reason}});
}

/// Whatever its code: an sbatch that waits for room is killed, and what it sent last not known.
bool Acting::is_full(const Error& error) {
  return slurm::classify_refusal(error.message).kind == slurm::RefusalClass::queue_full;
}

/// Others of the user's jobs may fill the queue while a run goes through it in waves.
bool Acting::is_for_later(const Error& error) const {
  const bool may_wait = has_advance_job_ || context_.picture.facts.has_begun;
  if (!may_wait || error.code != Code::refused) return false;
  const slurm::RefusalClass kind = slurm::classify_refusal(error.message).kind;
  return kind == slurm::RefusalClass::submit_limit || kind == slurm::RefusalClass::queue_full;
}

/// Nothing has been released yet, so nothing runs half: what was sent goes.
Error Acting::refuse(const Mark& mark, const Error& error) {
  const std::size_t sent = sent_.size();
  auto undone = record_unsent(mark, "refused", error.message);
  if (undone) undone = cancel_jobs("");
  std::string message = error.message;
  // behind Slurm's own lines, one of its own
  const std::string_view behind = message.find('\n') == message.npos ? "; " : "\n  ";
  if (!undone) {
    message += behind;
    message += fmt::format("what had been sent is not cancelled yet ({}): 'foz advance' does that",
                           undone.error().message);
  } else if (sent > 0) {
    message += behind;
    message +=
        fmt::format("the {} that had been sent {} cancelled, nothing has run",
                    sent == 1 ? "job" : fmt::format("{} jobs", sent), sent == 1 ? "is" : "are");
  }
  const std::string what = mark.stage == plan::k_advance_job
                               ? "the job that is to send on"
                               : fmt::format("stage '{}'", mark.stage);
  return {Code::refused, fmt::format("cannot submit {}: {}", what, message)};
}

Result<void> Acting::adopt(const Mark& mark, const slurm::JobRow& row) {
  return adopt(mark, {job_of(row), "", mark.nonce, true});
}

Result<void> Acting::adopt(const Mark& mark, const Sent& sent) {
  ++counts_.adopted;
  return record_sent(mark, sent, true);
}

Result<void> Acting::settle_then_submit(const Action& action) {
  const Mark mark{action.stage, context_.plan.run_id, action.part, action.nonce};
  FOZ_TRY(const Fate fate, settle(mark, "foz ended before Slurm's answer was recorded"));
  return fate == Fate::sent ? Result<void>{} : submit(stage(action.stage), action.part);
}

/// Looks for the job of a request whose outcome nobody knows. Found: adopted. Not shown by a queue
/// that is believed: given up, so that the part may be sent again.
Result<Acting::Fate> Acting::settle(const Mark& mark, const std::string& why) {
  const auto rows = look_for({mark});
  const slurm::JobRow* found = rows ? find_named(*rows, job_name(mark)) : nullptr;
  if (found != nullptr) {
    FOZ_CHECK(adopt(mark, *found));
    return Fate::sent;
  }
  if (rows && is_believable(*rows)) {
    has_unseen_ = true;
    last_silence_ = why;
    FOZ_CHECK(record_unsent(mark, "unseen", why));
    return Fate::unseen;
  }
  const std::string silence = rows ? "the queue's answer names no job of this run, though some "
                                     "wait in it: it is not believed"
                                   : rows.error().message;
  return fail(
      Code::unknown_outcome,
      fmt::format("nobody knows whether Slurm took stage '{}' ({}), and the queue cannot be "
                  "asked: {}; nothing is sent twice, 'foz advance' settles it",
                  mark.stage, why, silence));
}

/// The queue; where it is silent, or does not show what may come of each request, it is asked
/// again. The last answer: what does not come stays open, and whoever looks at the run is told.
Result<std::vector<slurm::JobRow>> Acting::look_for(const std::vector<Mark>& requests) {
  for (int look = 1;; ++look) {
    auto rows = effect("look for jobs", [&] { return context_.scheduler.jobs({}); });
    const bool has_all =
        rows && std::all_of(requests.begin(), requests.end(), [&](const Mark& request) {
          return find_named(*rows, job_name(request)) != nullptr;
        });
    if (has_all || requests.empty() || look == k_looks) return rows;
    context_.effects.pause(k_between_looks);
  }
}

/// An empty answer proves nothing where jobs of ours must be in the queue: sent, and never
/// released.
bool Acting::is_believable(const std::vector<slurm::JobRow>& rows) const {
  bool must_be_there = false;
  for (const auto& [key, sent] : sent_) {
    const auto is_ours = [job = sent.job](const slurm::JobRow& row) {
      return row.id == job || row.array_id == job;
    };
    if (std::any_of(rows.begin(), rows.end(), is_ours)) return true;
    must_be_there = must_be_there || sent.is_fresh;
  }
  return !must_be_there;
}

bool Acting::is_seen_alive(const StagePicture& stage, const task::Part& part) const {
  for (std::uint64_t i = 0; i < part.count; ++i) {
    if (is_alive(stage.rows[part.offset + i])) return true;
  }
  return false;
}

/// The jobs that a dependency must name. What Slurm no longer knows is left out where the journal
/// says that the edge is satisfied: an unknown id lifts a dependency, or has it refused.
Result<std::vector<JobId>> Acting::living_parts(const plan::StagePlan& stage,
                                                const plan::Dependency& edge) const {
  const StagePicture& parent = *context_.picture.find_stage(edge.stage);
  std::vector<JobId> jobs;
  for (std::uint32_t number = 0; number < parent.facts->parts.size(); ++number) {
    const task::Part& part = parent.facts->parts[number].tasks;
    const auto sent = sent_.find({edge.stage, number});
    if (sent != sent_.end() && (sent->second.is_fresh || is_seen_alive(parent, part))) {
      jobs.push_back(sent->second.job);
      continue;
    }
    const auto allows = [&](std::uint64_t index) {
      const TaskState state = context_.picture.word(parent, index).state;
      return edge.kind == plan::DependencyKind::afterany ? is_over(state)
                                                         : state == TaskState::succeeded;
    };
    std::uint64_t i = 0;
    while (i < part.count && allows(part.offset + i)) ++i;
    if (i == part.count) continue;
    const std::string waits = fmt::format(
        "stage '{}' waits for {} of '{}'", stage.name,
        job_text(*parent.facts, parent.facts->parts[number], part.offset + i), edge.stage);
    if (!context_.picture.queue_answered) {
      return fail(Code::unavailable, fmt::format("{}, and the queue is not known: {}", waits,
                                                 context_.seen.queue_error));
    }
    return fail(Code::failed, fmt::format("{}, which Slurm does not show and whose end is not "
                                          "recorded; 'foz advance' looks again, 'foz cancel' ends "
                                          "this run",
                                          waits));
  }
  return jobs;
}

Result<std::string> Acting::dependency(const plan::StagePlan& stage, std::uint32_t part) const {
  std::string text;
  for (const plan::Dependency& edge : stage.dependencies) {
    if (edge.kind == plan::DependencyKind::held_partner) continue;
    FOZ_TRY(std::vector<JobId> jobs, living_parts(stage, edge));
    // aftercorr goes from a part to the part that has the same elements
    const bool has_same_parts = jobs.size() == stage.tasks.parts.size();
    if (edge.kind == plan::DependencyKind::aftercorr && has_same_parts) jobs = {jobs[part]};
    if (jobs.empty()) continue;
    if (!text.empty()) text += ',';
    text += word(edge.kind);
    for (const JobId job : jobs) text += fmt::format(":{}", job.value);
  }
  if (text.size() < k_max_dependency) return text;
  return fail(
      Code::too_large,
      fmt::format("stage '{}' waits for so many jobs that its dependency takes {} bytes, and "
                  "Slurm takes {}; make the arrays of its parents fewer",
                  stage.name, text.size(), k_max_dependency));
}

}  // namespace foz::run
