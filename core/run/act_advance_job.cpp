#include <fmt/format.h>

#include "core/run/act.h"

namespace foz::run {

namespace {

/// When nothing of the run is left in the queue, and yet the rest finds no room: others of the
/// user's jobs fill it.
constexpr std::string_view k_later = "now+300";
/// Of the parts whose first end starts it: some are enough, and Slurm bounds a dependency's length.
constexpr std::size_t k_most_named = 200;

}  // namespace

/// "afterany:12?afterany:15": the first end of a part that is seen alive, or was just sent.
std::string Acting::first_end() const {
  std::string text;
  std::size_t named = 0;
  for (const auto& [key, sent] : sent_) {
    const StagePicture& stage = *context_.picture.find_stage(key.first);
    if (!sent.is_fresh && !is_seen_alive(stage, stage.facts->parts[key.second].tasks)) continue;
    if (!text.empty()) text += '?';
    text += fmt::format("afterany:{}", sent.job.value);
    if (++named == k_most_named) break;
  }
  return text;
}

/// Its answer lost means nothing: whatever carries its mark is an advance job, and one more of them
/// does no harm. Where none is sent, what is sent goes all the same.
Result<void> Acting::submit_advance_job() {
  FOZ_ASSERT(context_.plan.waves.has_value());
  const Mark mark{std::string(plan::k_advance_job), context_.plan.run_id, 0, make_nonce()};
  slurm::SubmitRequest request = context_.plan.waves->request;
  request.name = job_name(mark);
  request.comment = job_comment(mark);
  request.dependency = first_end();
  if (request.dependency.empty()) request.begin = std::string(k_later);
  request.environment = submission_environment();
  FOZ_CHECK(record_intent(mark));
  const auto answer =
      effect("submit advance job", [&] { return context_.scheduler.submit(request); });
  if (answer) {
    has_advance_job_ = true;
    return record_submitted(mark, {answer->id, answer->cluster, mark.nonce, true}, false);
  }
  const bool is_refused = answer.error().code == Code::refused || is_full(answer.error());
  const bool is_undone = is_refused && !context_.picture.facts.has_begun;
  if (is_undone && !has_advance_job_) return fail(refuse(mark, answer.error()));
  FOZ_CHECK(record_unsent(mark, "nothing", answer.error().message));
  if (has_advance_job_) return {};
  stall_ = Error{Code::unavailable,
                 fmt::format("part of the run is sent, and the job that is to send the rest is "
                             "not: {}; run 'foz advance' when something of it has ended",
                             answer.error().message)};
  return {};
}

Result<void> Acting::cancel_advance_job(JobId job) {
  FOZ_CHECK(record(journal::kind::note,
                   {{"text", fmt::format("the run is over: advance job {} is cancelled, there is "
                                         "nothing left to send",
                                         job.value)}}));
  FOZ_CHECK(effect("cancel advance job", [&] { return context_.scheduler.cancel({{job, ""}}); }));
  ++counts_.cancelled;
  return {};
}

}  // namespace foz::run
