#include "core/slurm/fake.h"

#include <algorithm>

#include "core/slurm/commands.h"
#include "core/slurm/indices.h"

namespace foz::slurm {

namespace {

constexpr std::string_view k_silence = "Socket timed out on send/recv operation";

tl::unexpected<Error> unavailable() {
  return fail(Code::unavailable,
              "the controller does not answer: Unable to contact slurm "
              "controller (connect failure)");
}

tl::unexpected<Error> unknown_outcome() {
  return fail(Code::unknown_outcome,
              "it is not known whether it was done: " + std::string(k_silence));
}

}  // namespace

FakeFault FakeScheduler::meet(FakeCall call) {
  ++calls_.at(static_cast<std::size_t>(call));
  for (Late& late : late_) {
    if (late.calls_to_wait-- == 0) late.effect();
  }
  std::erase_if(late_, [](const Late& late) { return late.calls_to_wait < 0; });
  if (is_away_) return FakeFault::away;
  auto& faults = faults_of(call);
  if (faults.empty()) return FakeFault::none;
  const FakeFault fault = faults.front();
  faults.pop_front();
  return fault;
}

template <class T>
Result<T> FakeScheduler::perform(FakeCall call, std::function<Result<T>()> effect) {
  const auto with_watcher = [this, call, effect = std::move(effect)]() -> Result<T> {
    tell(call, FakeMoment::before);
    auto result = effect();
    tell(call, FakeMoment::after);
    return result;
  };
  switch (meet(call)) {
    case FakeFault::none:
      return with_watcher();
    case FakeFault::away:
      return unavailable();
    case FakeFault::lost_before:
      return unknown_outcome();
    case FakeFault::lost_after:
      (void)with_watcher();
      return unknown_outcome();
    case FakeFault::late:
      late_.push_back({1, [with_watcher] { (void)with_watcher(); }});
      return unknown_outcome();
    case FakeFault::refused:
      return fail(Code::refused, "Slurm said no: Access/permission denied");
  }
  return unavailable();
}

Result<Submission> FakeScheduler::submit(const SubmitRequest& request) {
  return perform<Submission>(FakeCall::submit,
                             [this, request] { return cluster_.submit(request); });
}

Result<void> FakeScheduler::release(const std::vector<JobSelector>& jobs) {
  if (jobs.empty()) return {};
  return perform<void>(FakeCall::release, [this, jobs] { return cluster_.release(jobs); });
}

Result<void> FakeScheduler::cancel(const std::vector<JobSelector>& jobs) {
  if (jobs.empty()) return {};
  return perform<void>(FakeCall::cancel, [this, jobs]() -> Result<void> {
    cluster_.cancel(jobs);
    return {};
  });
}

Result<std::vector<JobRow>> FakeScheduler::jobs(const JobQuery& query) {
  return perform<std::vector<JobRow>>(FakeCall::jobs,
                                      [this, query]() -> Result<std::vector<JobRow>> {
                                        auto rows = select_rows(cluster_.rows(), query.ids);
                                        if (!query.expand_arrays) return rows;
                                        return expand_rows(std::move(rows));
                                      });
}

Result<std::vector<AccountingRow>> FakeScheduler::history(const HistoryQuery& query) {
  return perform<std::vector<AccountingRow>>(
      FakeCall::history, [this, query]() -> Result<std::vector<AccountingRow>> {
        if (!cluster_.limits.has_accounting) {
          return fail(Code::refused, "this site has no accounting");
        }
        auto rows = newest_of_each(cluster_.records());
        std::erase_if(rows, [&query](const AccountingRow& row) {
          const auto& ids = query.ids;
          const bool asked = ids.empty() ||
                             std::find(ids.begin(), ids.end(), row.id) != ids.end() ||
                             std::find(ids.begin(), ids.end(), row.array_id) != ids.end();
          return !asked || row.submit_time < query.since;
        });
        return rows;
      });
}

Result<ClusterFacts> FakeScheduler::facts() {
  return perform<ClusterFacts>(FakeCall::facts, [this]() -> Result<ClusterFacts> {
    ClusterFacts facts;
    facts.name = "fake";
    facts.version = cluster_.limits.version;
    facts.max_array_size = cluster_.limits.max_array_size;
    facts.has_accounting = cluster_.limits.has_accounting;
    for (const std::string& name : cluster_.limits.partitions) {
      const bool is_default = facts.partitions.empty();
      facts.partitions.push_back({name,
                                  is_default,
                                  true,
                                  {TimeLimit::Kind::unlimited, Seconds{0}},
                                  std::nullopt,
                                  4,
                                  "n[1-4]"});
      facts.shapes.push_back({name, 4, 8, 16'000, {{"gpu", "a100", 4}}});
    }
    return facts;
  });
}

}  // namespace foz::slurm
