#include "core/run/act.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "core/base/text.h"
#include "core/run/waves.h"

namespace foz::run {

namespace {

namespace kind = journal::kind;
using Kind = Action::Kind;

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

bool any_unseen(const Facts& facts) {
  return std::any_of(facts.stages.begin(), facts.stages.end(), [](const StageFacts& stage) {
    return std::any_of(stage.parts.begin(), stage.parts.end(), [](const PartFacts& part) {
      return part.find(Request::Outcome::unseen) != nullptr;
    });
  });
}

}  // namespace

Acting::Acting(const Context& context)
    : context_(context),
      has_unseen_(any_unseen(context.picture.facts)),
      has_advance_job_(count_waiting_advance_jobs(context.picture) > 0) {
  for (const journal::SubmittedPart& part : submitted_parts(context.picture.facts)) {
    sent_[{part.stage, part.part}] = {part.job, part.cluster, part.nonce, false};
  }
}

/// A row of lost tasks is durable with its last record: the file is one.
Result<void> Acting::act(const std::vector<Action>& actions) {
  for (auto action = actions.begin(); action != actions.end(); ++action) {
    const auto next = std::next(action);
    const bool is_last_of_row = next == actions.end() || next->kind != Kind::mark_lost;
    FOZ_CHECK(act(*action, is_last_of_row ? Durability::durable : Durability::cached));
  }
  return {};
}

Result<void> Acting::act(const Action& action, Durability of_lost) {
  switch (action.kind) {
    case Kind::cancel_run:
      return cancel_jobs(action.stage);
    case Kind::adopt: {
      const Mark mark{action.stage, context_.plan.run_id, action.part, action.nonce};
      return adopt(mark, {action.job, "", mark.nonce, is_in_queue(mark)});
    }
    case Kind::settle:
      return settle_then_submit(action);
    case Kind::submit:
      return submit(stage(action.stage), action.part);
    case Kind::record_jobs:
      return record_jobs();
    case Kind::submit_advance_job:
      return submit_advance_job();
    case Kind::cancel_advance_job:
      return cancel_advance_job(action.job);
    case Kind::cancel_orphan:
      return cancel_orphan(action.job, action.sentence);
    case Kind::mark_lost:
      return mark_lost(action, of_lost);
    case Kind::release_stage:
      return release_stage(stage(action.stage));
    case Kind::release_partner:
    case Kind::cancel_partner:
      return sweep(action);
    case Kind::forget_release:
      return forget_release(action);
  }
  return {};
}

const plan::StagePlan& Acting::stage(const std::string& name) const {
  const StagePicture* found = context_.picture.find_stage(name);
  FOZ_ASSERT(found != nullptr);
  return *found->facts->plan;
}

Result<void> Acting::record(std::string_view kind, Fields fields, Durability durability) {
  return effect("record " + std::string(kind), [&] {
    return context_.writer.append({std::string(kind), "", 0, 0, std::move(fields)}, durability);
  });
}

Result<void> Acting::record_jobs() {
  std::vector<journal::SubmittedPart> parts;
  for (const plan::StagePlan& stage : context_.plan.stages) {
    for (std::uint32_t number = 0; number < stage.tasks.parts.size(); ++number) {
      const auto found = sent_.find({stage.name, number});
      if (found == sent_.end()) continue;
      const task::Part& part = stage.tasks.parts[number];
      const Sent& sent = found->second;
      parts.push_back({stage.name, number, part.offset, part.count, stage.tasks.is_array, sent.job,
                       sent.cluster, sent.nonce});
    }
  }
  return effect("write jobs", [&] {
    return write_file(context_.folder.jobs(), journal::jobs_to_json(parts), Durability::durable);
  });
}

Result<void> Acting::cancel_orphan(JobId job, const std::string& name) {
  FOZ_CHECK(record(kind::note, {{"text", fmt::format("job {} ('{}') is not the job of its part: it "
                                                     "is cancelled",
                                                     job.value, name)}}));
  FOZ_CHECK(effect("cancel orphan", [&] { return context_.scheduler.cancel({{job, ""}}); }));
  ++counts_.cancelled;
  return {};
}

/// Before anything is let go: a request that was given up may have become a job by now.
Result<void> Acting::cancel_unseen() {
  if (!has_unseen_) return {};
  FOZ_TRY(const std::vector<slurm::JobRow> rows, context_.scheduler.jobs({}));
  std::vector<JobId> orphans;
  for (const slurm::JobRow& row : rows) {
    const auto mark = parse_job_name(row.name);
    if (!mark || mark->run_id != context_.plan.run_id || !is_alive(&row)) continue;
    if (mark->stage == plan::k_advance_job) continue;
    const JobId job = job_of(row);
    const auto known = sent_.find({mark->stage, mark->part});
    const bool is_known = known != sent_.end() && known->second.job == job;
    if (is_known || std::find(orphans.begin(), orphans.end(), job) != orphans.end()) continue;
    orphans.push_back(job);
    FOZ_CHECK(cancel_orphan(job, row.name));
  }
  return {};
}

Result<void> Acting::mark_lost(const Action& action, Durability durability) {
  return record(kind::task_lost,
                {{"stage", action.stage},
                 {"index", number(action.index)},
                 {"last", number(action.last)},
                 {"attempt", number(action.attempt)},
                 {"class", action.cls},
                 {"sentence", action.sentence},
                 {"ended", action.ended}},
                durability);
}

/// A job that only a keeper's record told of, or none: it is not to be acted on by its id.
bool Acting::is_in_queue(const Mark& mark) const {
  const auto& strangers = context_.picture.strangers;
  return std::any_of(strangers.begin(), strangers.end(),
                     [name = job_name(mark)](const slurm::JobRow* row) {
                       return row->name == name && is_alive(row);
                     });
}

/// Just sent, or shown by the queue as ours: an id may be another job's by now. What an answering
/// queue does not show, asked repeatedly, is gone, and needs no release.
Result<bool> Acting::is_to_be_let_go(const plan::StagePlan& stage, std::uint32_t part) {
  const Sent& sent = sent_.at({stage.name, part});
  const StagePicture& picture = *context_.picture.find_stage(stage.name);
  if (sent.is_fresh || is_seen_alive(picture, stage.tasks.parts[part])) return true;
  if (context_.picture.queue_answered) {
    const Mark mark{stage.name, context_.plan.run_id, part, sent.nonce};
    FOZ_TRY(const std::vector<slurm::JobRow> rows, look_for({mark}));
    return is_alive(find_named(rows, job_name(mark)));
  }
  return fail(Code::unavailable,
              fmt::format("cannot release stage '{}': Slurm does not say whether job {} is still "
                          "its ({})",
                          stage.name, sent.job.value, context_.seen.queue_error));
}

Result<void> Acting::release_stage(const plan::StagePlan& stage) {
  FOZ_CHECK(cancel_unseen());
  const StagePicture& picture = *context_.picture.find_stage(stage.name);
  std::vector<slurm::JobSelector> jobs;
  std::vector<Fields> parts;
  for (std::uint32_t number = 0; number < stage.tasks.parts.size(); ++number) {
    const auto found = sent_.find({stage.name, number});
    if (found == sent_.end() || picture.facts->parts[number].released) continue;
    FOZ_TRY(const bool is_there, is_to_be_let_go(stage, number));
    if (is_there) jobs.push_back({found->second.job, ""});
    parts.push_back({{"stage", stage.name}, {"part", std::int64_t{number}}});
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    FOZ_CHECK(record(kind::release_intended, parts[i],
                     is_last ? Durability::durable : Durability::cached));
  }
  auto done = jobs.empty() ? Result<void>{}
                           : effect("release", [&] { return context_.scheduler.release(jobs); });
  if (!done && done.error().code == Code::not_found) done = release_each(jobs);
  if (!done) {
    return fail(with_context(fmt::format("cannot release stage '{}'", stage.name),
                             std::move(done).error()));
  }
  for (Fields& part : parts) FOZ_CHECK(record(kind::released, std::move(part)));
  counts_.released += static_cast<std::uint32_t>(jobs.size());
  return {};
}

/// A job that is gone was released before, or cancelled by somebody: the picture tells.
Result<void> Acting::release_each(const std::vector<slurm::JobSelector>& jobs) {
  for (const slurm::JobSelector& job : jobs) {
    auto done = effect("release", [&] { return context_.scheduler.release({job}); });
    if (!done && done.error().code != Code::not_found) return done;
  }
  return {};
}

Result<void> Acting::sweep(const Action& action) {
  const bool releases = action.kind == Kind::release_partner;
  const Fields fields{{"stage", action.stage},
                      {"job", number(action.job.value)},
                      {"elements", action.elements},
                      {"what", std::string(releases ? "released" : "cancelled")}};
  const std::vector<slurm::JobSelector> jobs{{action.job, action.elements}};
  FOZ_CHECK(record(kind::sweep_intended, fields, Durability::cached));
  auto done = releases
                  ? effect("release partners", [&] { return context_.scheduler.release(jobs); })
                  : effect("cancel partners", [&] { return context_.scheduler.cancel(jobs); });
  if (!done && done.error().code != Code::not_found) {
    return fail(with_context(
        fmt::format("cannot {} tasks of stage '{}'", releases ? "release" : "cancel", action.stage),
        std::move(done).error()));
  }
  FOZ_CHECK(record(kind::swept, fields, Durability::cached));
  ++(releases ? counts_.released : counts_.cancelled);
  return {};
}

Result<void> Acting::forget_release(const Action& action) {
  return effect("forget release", [&]() -> Result<void> {
    ::unlink(context_.folder.pending_release(action.stage, TaskIndex{action.index}).c_str());
    return {};
  });
}

}  // namespace foz::run
