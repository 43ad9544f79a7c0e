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

std::vector<JobId> Acting::jobs_of(const std::string& stage) const {
  std::vector<JobId> jobs;
  for (const auto& [key, sent] : sent_) {
    if (stage.empty() || key.first == stage) jobs.push_back(sent.job);
  }
  return jobs;
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

/// Also what was asked for and never recorded: by its mark, among all jobs of the caller. An
/// advance job that runs may be this very process; it finds the run cancelled, and ends.
Result<std::vector<JobId>> Acting::marked_jobs(const std::string& stage) {
  const std::vector<Mark> requests = open_requests(stage);
  FOZ_TRY(const auto rows, look_for(requests));
  for (const Mark& request : requests) {
    const slurm::JobRow* row = find_named(rows, job_name(request));
    if (row != nullptr) FOZ_CHECK(adopt(request, job_of(*row)));
  }
  std::vector<JobId> jobs = jobs_of(stage);
  for (const slurm::JobRow& row : rows) {
    const auto mark = parse_job_name(row.name);
    if (!mark || mark->run_id != context_.plan.run_id) continue;
    if (!stage.empty() && mark->stage != stage) continue;
    if (mark->stage == plan::k_advance_job && row.state != slurm::State::pending) continue;
    jobs.push_back(job_of(row));
  }
  std::sort(jobs.begin(), jobs.end());
  jobs.erase(std::unique(jobs.begin(), jobs.end()), jobs.end());
  return jobs;
}

Result<void> Acting::end_jobs(const std::string& stage) {
  FOZ_TRY(const std::vector<JobId> jobs, marked_jobs(stage));
  if (!jobs.empty()) {
    FOZ_CHECK(effect("cancel", [&] { return context_.scheduler.cancel(whole_jobs(jobs)); }));
    FOZ_CHECK(wait_until_gone(jobs));
  }
  counts_.cancelled += static_cast<std::uint32_t>(jobs.size());
  return {};
}

Result<void> Acting::cancel_jobs(const std::string& stage) {
  FOZ_CHECK(end_jobs(stage));
  return record(kind::cancelled, {{"stage", stage}});
}

/// Asked at growing intervals; cancelled again where Slurm took its time (a cancel meant for a
/// whole array may hit its first elements only).
Result<void> Acting::wait_until_gone(const std::vector<JobId>& jobs) {
  milliseconds waited{0}, since_cancel{0}, next = k_first_look;
  std::string left = "the queue did not answer";
  while (true) {
    FOZ_CHECK(context_.lock.touch());
    const auto rows = context_.scheduler.jobs({jobs, false});
    if (rows) {
      const auto alive = std::find_if(rows->begin(), rows->end(),
                                      [](const slurm::JobRow& row) { return is_alive(&row); });
      if (alive == rows->end()) return {};
      left = text_of(*alive);
    }
    if (waited >= k_end_limit) {
      return fail(Code::unavailable,
                  fmt::format("cancelled, but after {} seconds {}; 'foz advance' looks again",
                              waited.count() / 1000, left));
    }
    if (since_cancel >= k_cancel_again) {
      FOZ_CHECK(context_.scheduler.cancel(whole_jobs(jobs)));
      since_cancel = milliseconds{0};
    }
    context_.effects.pause(next);
    waited += next;
    since_cancel += next;
    next = std::min(2 * next, k_longest_look);
  }
}

}  // namespace foz::run
