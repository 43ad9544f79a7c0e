#include "core/run/remarks.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/run/mark.h"
#include "core/run/waves.h"

namespace foz::run {

namespace {

void add_known(const Observation& seen, Picture& picture) {
  const Facts& facts = picture.facts;
  if (!seen.queue_error.empty() && !picture.is_over())
    picture.remarks.push_back("the queue is not known: " + seen.queue_error);
  if (facts.logs_lost == 1) picture.remarks.push_back(facts.first_log_lost);
  if (facts.logs_lost > 1)
    picture.remarks.push_back(fmt::format("{}, and so {} more", facts.first_log_lost,
                                          count_of(facts.logs_lost - 1, "log")));
  for (const journal::Damage& damage : seen.damage) {
    picture.remarks.push_back(fmt::format("journal '{}' at byte {}: {}",
                                          damage.file.filename().native(), damage.offset,
                                          damage.what));
  }
  if (!picture.facts.refusal.empty()) return picture.remarks.push_back(picture.facts.refusal);
  for (const StageFacts& stage : picture.facts.stages) {
    if (stage.refusal.empty()) continue;
    picture.remarks.push_back(
        fmt::format("the rest of stage '{}' is not sent: {}", stage.plan->name, stage.refusal));
  }
}

/// Whether a job may still come of it: sbatch and the controller try for minutes.
bool is_on_its_way(const Request& request, UnixMillis now) {
  constexpr UnixMillis k_longest = 3'600'000;
  const bool is_unknown =
      request.outcome == Request::Outcome::open || request.outcome == Request::Outcome::unseen;
  return is_unknown && now - request.asked < k_longest;
}

bool is_on_its_way(const PartFacts& part, UnixMillis now) {
  return part.sent() == nullptr &&
         std::any_of(part.requests.begin(), part.requests.end(),
                     [now](const Request& request) { return is_on_its_way(request, now); });
}

/// Jobs of a cancelled stage that were not there yet when it was cancelled.
std::string remark_on_latecomers(const Picture& picture) {
  for (const slurm::JobRow* row : picture.strangers) {
    const StagePicture* stage = picture.find_stage(parse_job_name(row->name)->stage);
    if (stage == nullptr || !stage->facts->is_cancelled || !is_alive(row)) continue;
    return fmt::format(
        "stage '{}' is cancelled, and job {} of it has come since ({}): 'foz "
        "advance' ends it",
        stage->facts->plan->name, job_of(*row).value, row->state_text);
  }
  return {};
}

bool is_left_behind(const PartFacts& part, const StageFacts& stage, const plan::Plan& plan) {
  if (stage.is_cancelled || !stage.refusal.empty()) return false;
  if (part.sent() == nullptr) return true;
  return plan::is_released_by_foz(plan, *stage.plan) && !part.release_intended && !part.released;
}

/// A run that was cut off while it was sent. Waves have a remark of their own.
std::string remark_on_sending(const plan::Plan& plan, const Picture& picture, UnixMillis now) {
  const Facts& facts = picture.facts;
  if (plan.waves || facts.cancel_intended || !facts.refusal.empty() || picture.is_over()) return {};
  const bool is_any =
      std::any_of(facts.stages.begin(), facts.stages.end(), [&](const StageFacts& stage) {
        return std::any_of(stage.parts.begin(), stage.parts.end(), [&](const PartFacts& part) {
          return is_left_behind(part, stage, plan);
        });
      });
  if (!is_any || is_being_sent(facts, now)) return {};
  return "it was not sent to its end, and unless another foz is at it nothing goes on by itself: "
         "'foz advance' does the rest";
}

bool is_any_unreadable(const Picture& picture) {
  return std::any_of(picture.stages.begin(), picture.stages.end(), [](const StagePicture& stage) {
    return std::find(stage.shown.begin(), stage.shown.end(), Shown::unreadable) !=
           stage.shown.end();
  });
}

/// A `foz cancel` that Slurm did not hear of. One at work is done in a moment.
std::string remark_on_cancelling(const Picture& picture, UnixMillis now) {
  constexpr UnixMillis k_moment = 5'000;
  const Facts& facts = picture.facts;
  if (facts.cancel_open.empty() || picture.is_over() || now - facts.cancel_asked < k_moment)
    return {};
  return "it is to be cancelled, and that was not carried out to its end: unless another foz is at "
         "it, 'foz cancel' or 'foz advance' does the rest";
}

/// Nothing goes on by itself behind a task that nobody speaks of.
std::string remark_on_silence(const Picture& picture) {
  const bool is_any = picture.any(
      [](const Word& word) { return word.state == TaskState::unknown && word.source.empty(); });
  if (!is_any || !picture.queue_answered || is_any_unreadable(picture)) return {};
  if (picture.facts.cancel_intended) return {};
  return "of what is unknown nobody will say more: where this is the Slurm that the run was sent "
         "to, 'foz cancel' ends the run, and what has ended stays what it is";
}

}  // namespace

std::string remark_on_requests(const Facts& facts, UnixMillis now) {
  for (const StageFacts& stage : facts.stages) {
    const bool is_any = std::any_of(stage.parts.begin(), stage.parts.end(),
                                    [&](const PartFacts& p) { return is_on_its_way(p, now); });
    if (!stage.is_cancelled || !is_any) continue;
    return fmt::format(
        "a request for stage '{}' was on its way when it was cancelled: should a "
        "job come of it, 'foz advance' or another 'foz cancel' ends it",
        stage.plan->name);
  }
  return {};
}

void add_remarks(const plan::Plan& plan, const Observation& seen, Picture& picture) {
  const auto add = [&](std::string remark) {
    if (!remark.empty()) picture.remarks.push_back(std::move(remark));
  };
  add_known(seen, picture);
  std::string late = remark_on_latecomers(picture);
  add(late.empty() ? remark_on_requests(picture.facts, seen.now) : std::move(late));
  std::string next = remark_on_cancelling(picture, seen.now);
  if (next.empty()) next = stalled(plan, seen, picture);
  if (next.empty()) next = remark_on_sending(plan, picture, seen.now);
  if (next.empty()) next = remark_on_silence(picture);
  add(std::move(next));
}

}  // namespace foz::run
