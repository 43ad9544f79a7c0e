#include <fmt/format.h>

#include <algorithm>

#include "core/base/temporary_file.h"
#include "core/journal/pending_release.h"
#include "core/run/observe.h"

namespace foz::run {

namespace {

constexpr UnixMillis k_hour = 3'600'000;
constexpr UnixMillis k_longest_window = 30 * 24 * k_hour;
constexpr UnixMillis k_window_margin =
    k_hour;  // clocks of the login nodes and of accounting differ

std::vector<JobId> sent_jobs(const Facts& facts) {
  std::vector<JobId> jobs;
  for (const StageFacts& stage : facts.stages) {
    for (const PartFacts& part : stage.parts) {
      if (const Request* sent = part.sent()) jobs.push_back(sent->job);
    }
  }
  return jobs;
}

bool any_request(const Facts& facts, Request::Outcome outcome) {
  return std::any_of(facts.stages.begin(), facts.stages.end(), [outcome](const StageFacts& stage) {
    return std::any_of(stage.parts.begin(), stage.parts.end(),
                       [outcome](const PartFacts& part) { return part.find(outcome) != nullptr; });
  });
}

/// Jobs that we know only by their mark can be found among all jobs of the caller alone.
bool needs_marks(const Facts& facts) {
  return any_request(facts, Request::Outcome::open) || any_request(facts, Request::Outcome::unseen);
}

/// A job that may still turn up is looked for after the end too: it would be held for ever.
bool is_worth_asking(const Picture& picture) {
  const Facts& facts = picture.facts;
  return needs_marks(facts) || (!sent_jobs(facts).empty() && !picture.is_recorded());
}

/// Nobody speaks of a task: only accounting can.
bool is_silent(const Word& word) {
  return word.is_vanished || (word.state == TaskState::unknown && word.source.empty());
}

/// A record that should be there is not: the end is Slurm's word alone, or nobody's.
bool may_be_late(const Word& word) {
  return word.is_slurms_end || word.state == TaskState::unknown;
}

/// Where directories are cached (NFS), a file made in one drops the old list of its names.
void refresh(const fs::path& folder) {
  [[maybe_unused]] const auto made_and_removed = TemporaryFile::make(folder);
}

}  // namespace

Result<void> Observer::read_folder() {
  FOZ_CHECK(read_journal());
  auto jobs = read_file(folder_.jobs());
  if (jobs) {
    FOZ_TRY(seen_.parts, journal::jobs_from_json(*jobs));
  } else if (jobs.error().code != Code::not_found) {
    return fail(std::move(jobs).error());
  }
  read_releases();
  seen_.now = clock_.now();
  return {};
}

Result<void> Observer::read_journal() {
  FOZ_TRY(journal::Contents contents, follower_.poll());
  std::move(contents.records.begin(), contents.records.end(), std::back_inserter(seen_.records));
  std::move(contents.damage.begin(), contents.damage.end(), std::back_inserter(seen_.damage));
  return {};
}

void Observer::read_releases() {
  seen_.pending_releases.clear();
  std::error_code error;
  for (fs::directory_iterator it(folder_.pending_releases(), error), end; !error && it != end;
       it.increment(error)) {
    if (auto task = journal::parse_pending_release(it->path().filename().native())) {
      seen_.pending_releases.emplace_back(std::move(task->stage), task->index.value);
    }
  }
  std::sort(seen_.pending_releases.begin(), seen_.pending_releases.end());
}

Result<void> Observer::ask(slurm::Scheduler& scheduler) {
  forget_answers();
  const Facts facts = gather(plan_, seen_);
  ask_queue(scheduler, facts);
  FOZ_CHECK(read_journal());  // what ended before the answer was given is recorded by now
  if (!seen_.queue) return {};
  Picture picture = look(plan_, seen_);
  if (!picture.any(may_be_late)) return {};
  refresh(folder_.journal());
  FOZ_CHECK(read_journal());
  picture = look(plan_, seen_);
  if (picture.any(is_silent)) ask_accounting(scheduler, picture);
  return {};
}

void Observer::forget_answers() {
  seen_.queue.reset();
  seen_.history.reset();
  seen_.queue_error.clear();
  seen_.history_error.clear();
  seen_.now = clock_.now();
}

void Observer::ask_queue(slurm::Scheduler& scheduler, const Facts& facts) {
  const bool by_mark = needs_marks(facts) || plan_.waves;  // advance jobs are known by it alone
  slurm::JobQuery query;
  if (!by_mark) query.ids = sent_jobs(facts);
  if (query.ids.empty() && !by_mark) return;  // no ids would mean all jobs
  auto rows = scheduler.jobs(query);
  if (rows) {
    seen_.queue = std::move(*rows);
  } else {
    seen_.queue_error = rows.error().message;
  }
}

/// The window begins at the first submission of a part that is asked for.
void Observer::ask_accounting(slurm::Scheduler& scheduler, const Picture& picture) {
  slurm::HistoryQuery query;
  query.since = seen_.now;
  for (const StagePicture& stage : picture.stages) {
    for (const PartFacts& part : stage.facts->parts) {
      const Request* sent = part.sent();
      if (sent == nullptr || !is_any_silent(picture, stage, part)) continue;
      query.ids.push_back(sent->job);
      const UnixMillis begin = sent->time == 0 ? seen_.now - k_longest_window : sent->time;
      query.since = std::min(query.since, begin - k_window_margin);
    }
  }
  auto rows = scheduler.history(query);
  if (rows) {
    seen_.history = std::move(*rows);
  } else if (rows.error().code != Code::refused) {
    seen_.history_error = rows.error().message;
  }
}

bool Observer::is_any_silent(const Picture& picture, const StagePicture& stage,
                             const PartFacts& part) {
  for (std::uint64_t i = 0; i < part.tasks.count; ++i) {
    if (is_silent(picture.word(stage, part.tasks.offset + i))) return true;
  }
  return false;
}

Result<Observation> observe(const journal::RunFolder& folder, const plan::Plan& plan,
                            slurm::Scheduler* scheduler, AskQueue ask, const Clock& clock) {
  Observer observer(folder, plan, clock);
  FOZ_CHECK(observer.read_folder());
  if (ask == AskQueue::never) return std::move(observer).take();
  FOZ_ASSERT(scheduler != nullptr);
  if (ask == AskQueue::always || is_worth_asking(look(plan, observer.seen()))) {
    FOZ_CHECK(observer.ask(*scheduler));
  }
  return std::move(observer).take();
}

Result<Observation> observe(const journal::RunFolder& folder, slurm::Scheduler* scheduler,
                            AskQueue ask) {
  FOZ_TRY(const plan::Plan plan, load_plan(folder));
  return observe(folder, plan, scheduler, ask, SystemClock());
}

Result<plan::Plan> load_plan(const journal::RunFolder& folder) {
  auto text = read_file(folder.plan());
  if (!text) return fail(std::move(text).error());
  auto plan = plan::plan_from_json(*text);
  if (plan) return plan;
  return fail(with_context(fmt::format("cannot read '{}'", folder.plan().native()),
                           std::move(plan).error()));
}

}  // namespace foz::run
