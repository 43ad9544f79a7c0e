#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/run/act.h"

namespace foz::run {

namespace {

namespace kind = journal::kind;
using std::chrono::milliseconds;

/// KillWait is 30 s on most sites; a job may then still be COMPLETING.
constexpr milliseconds k_end_limit{180'000};
constexpr milliseconds k_first_look{100};
constexpr milliseconds k_longest_look{5'000};
constexpr milliseconds k_cancel_again{30'000};

std::vector<slurm::JobSelector> whole_jobs(const std::vector<JobId>& jobs) {
  std::vector<slurm::JobSelector> selectors;
  for (const JobId job : jobs) selectors.push_back({job, ""});
  return selectors;
}

std::vector<JobId> sorted(std::vector<JobId> jobs) {
  std::sort(jobs.begin(), jobs.end());
  jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
  return jobs;
}

std::string text_of(const slurm::JobRow& row) {
  const std::string id = row.array_id.value != 0 && row.index
                             ? fmt::format("{}_{}", row.array_id.value, row.index->value)
                             : fmt::format("{}", job_of(row).value);
  return fmt::format("job {} is {}", id, row.state_text);
}

}  // namespace

Result<void> Acting::intend_cancel(const std::string& stage, const std::string& reason,
                                   std::string_view by) {
  return record(kind::cancel_intended,
                {{"stage", stage}, {"reason", reason}, {"by", std::string(by)}});
}

/// Requests whose outcome was not known when foz began: somebody was cut off while sending.
std::vector<Mark> Acting::open_requests(const std::string& stage) const {
  std::vector<Mark> requests;
  for (const StageFacts& facts : context_.picture.facts.stages) {
    if (!stage.empty() && facts.plan->name != stage) continue;
    for (std::uint32_t number = 0; number < facts.parts.size(); ++number) {
      const Request* open = facts.parts[number].find(Request::Outcome::open);
      if (open == nullptr || sent_.count({facts.plan->name, number}) != 0) continue;
      requests.push_back({facts.plan->name, context_.plan.run_id, number, open->nonce});
    }
  }
  return requests;
}

/// Jobs that were sent, have not ended, and were not shown: the queue is asked for them again.
std::vector<Mark> Acting::unshown_jobs(const std::string& stage) const {
  std::vector<Mark> jobs;
  if (!context_.picture.queue_answered) return jobs;
  for (const auto& [key, sent] : sent_) {
    if (!stage.empty() && key.first != stage) continue;
    const StagePicture& picture = *context_.picture.find_stage(key.first);
    const task::Part& part = picture.facts->parts[key.second].tasks;
    if (is_seen_alive(picture, part) || context_.picture.is_over(picture, part)) continue;
    jobs.push_back({key.first, context_.plan.run_id, key.second, sent.nonce});
  }
  return jobs;
}

/// An advance job that runs may be this very process; it finds the run cancelled, and ends.
bool Acting::is_to_end(const slurm::JobRow& row, const std::string& stage) const {
  const auto mark = parse_job_name(row.name);
  if (!is_alive(&row) || !mark || mark->run_id != context_.plan.run_id) return false;
  if (!stage.empty() && mark->stage != stage) return false;
  return mark->stage != plan::k_advance_job || row.state == slurm::State::pending;
}

/// Also what was asked for and never recorded. The mark decides, among all jobs of the caller: an
/// id that we sent is somebody else's where Slurm's ids have begun anew, or Slurm is another one.
Result<std::vector<JobId>> Acting::marked_jobs(const std::string& stage) {
  const std::vector<Mark> requests = open_requests(stage);
  std::vector<Mark> expected = unshown_jobs(stage);
  expected.insert(expected.end(), requests.begin(), requests.end());
  FOZ_TRY(const auto rows, look_for(expected));
  for (const Mark& request : requests) {
    const slurm::JobRow* row = find_named(rows, job_name(request));
    if (row != nullptr) FOZ_CHECK(adopt(request, *row));
  }
  note_foreign_jobs(rows, stage);
  std::vector<JobId> jobs;
  for (const slurm::JobRow& row : rows) {
    if (is_to_end(row, stage)) jobs.push_back(job_of(row));
  }
  return sorted(std::move(jobs));
}

void Acting::note_foreign_jobs(const std::vector<slurm::JobRow>& rows, const std::string& stage) {
  for (const auto& [key, sent] : sent_) {
    if (!stage.empty() && key.first != stage) continue;
    const JobId job = sent.job;
    const auto row = std::find_if(rows.begin(), rows.end(), [job](const slurm::JobRow& one) {
      return job_of(one) == job && is_alive(&one);
    });
    if (row == rows.end()) continue;
    const auto mark = parse_job_name(row->name);
    if (!mark || mark->run_id != context_.plan.run_id) foreign_.emplace_back(job, row->name);
  }
}

std::string Acting::remark_on_foreign_jobs() const {
  if (foreign_.empty()) return {};
  const auto& [job, name] = foreign_.front();
  if (foreign_.size() == 1) {
    return fmt::format(
        "job {} is left alone: Slurm calls it {}, so its id has been given to "
        "another job since",
        job.value, quoted(name));
  }
  std::vector<std::string> ids;
  for (const auto& [id, other] : foreign_) ids.push_back(fmt::format("{}", id.value));
  return fmt::format(
      "jobs {} are left alone: Slurm calls the first of them {}, so their ids have "
      "been given to other jobs since",
      join(ids, ", "), quoted(name));
}

Result<void> Acting::end_jobs(const std::string& stage) {
  FOZ_TRY(const std::vector<JobId> jobs, marked_jobs(stage));
  if (!jobs.empty()) {
    FOZ_CHECK(effect("cancel", [&] { return context_.scheduler.cancel(whole_jobs(jobs)); }));
    FOZ_CHECK(wait_until_gone(jobs, stage));
  }
  counts_.cancelled += static_cast<std::uint32_t>(jobs.size());
  return {};
}

Result<void> Acting::cancel_jobs(const std::string& stage) {
  FOZ_CHECK(end_jobs(stage));
  return record(kind::cancelled, {{"stage", stage}});
}

/// Asked at growing intervals; what is still there is cancelled again where Slurm took its time (a
/// cancel meant for a whole array may hit its first elements only).
Result<void> Acting::wait_until_gone(const std::vector<JobId>& jobs, const std::string& stage) {
  milliseconds waited{0}, since_cancel{0}, next = k_first_look;
  std::string left = "the queue did not answer";
  while (true) {
    FOZ_CHECK(context_.lock.touch());
    const auto rows = context_.scheduler.jobs({jobs, false});
    std::vector<JobId> alive;
    for (const slurm::JobRow& row : rows ? *rows : std::vector<slurm::JobRow>{}) {
      if (!is_to_end(row, stage)) continue;
      if (alive.empty()) left = text_of(row);
      alive.push_back(job_of(row));
    }
    if (rows && alive.empty()) return {};
    if (waited >= k_end_limit) {
      return fail(rows ? Code::failed : Code::unavailable,
                  fmt::format("cancelled, but after {} seconds {}; 'foz advance' looks again",
                              waited.count() / 1000, left));
    }
    if (since_cancel >= k_cancel_again && !alive.empty()) {
      FOZ_CHECK(context_.scheduler.cancel(whole_jobs(sorted(std::move(alive)))));
      since_cancel = milliseconds{0};
    }
    context_.effects.pause(next);
    waited += next;
    since_cancel += next;
    next = std::min(2 * next, k_longest_look);
  }
}

}  // namespace foz::run
