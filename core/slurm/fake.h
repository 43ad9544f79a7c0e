/// Schedulers over a FakeCluster (fake_cluster.h): one for tests that makes every kind of trouble
/// on demand, and one whose cluster is a file, for separate processes.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>

#include "core/slurm/fake_cluster.h"

namespace foz::slurm {

enum class FakeCall { submit, release, cancel, jobs, history, facts };
constexpr std::size_t k_fake_calls = 6;

/// What may happen to a call.
enum class FakeFault {
  none,
  away,         ///< nobody answers and nothing happens: Code::unavailable
  lost_before,  ///< the request never arrived, which the caller cannot know: unknown_outcome
  lost_after,   ///< done, and the answer lost: unknown_outcome
  late,         ///< unknown_outcome; done only after one more call (of any kind) has been answered
  refused,      ///< Code::refused
};
enum class FakeMoment { before, after };

/// Several of them may share one cluster, as several processes do.
class FakeScheduler final : public Scheduler {
 public:
  /// `cluster` must outlive the scheduler.
  explicit FakeScheduler(FakeCluster& cluster) : cluster_(cluster) {}

  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] Result<Submission> submit(const SubmitRequest& request) override;
  [[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<void> cancel(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<std::vector<JobRow>> jobs(const JobQuery& query) override;
  [[nodiscard]] Result<std::vector<AccountingRow>> history(const HistoryQuery& query) override;
  [[nodiscard]] Result<ClusterFacts> facts() override;

  /// The next call of this kind that has no trouble waiting for it yet meets `fault`; none: it goes
  /// well, so that the nth call can be chosen.
  void expect(FakeCall call, FakeFault fault) { faults_of(call).push_back(fault); }
  /// Until come_back(), every call meets FakeFault::away.
  void go_away() { is_away_ = true; }
  void come_back() { is_away_ = false; }
  /// Called before and after the effect of each call that reaches the cluster: the place to stop a
  /// process (throw, exit) between any two actions.
  void watch(std::function<void(FakeCall, FakeMoment)> watcher) { watcher_ = std::move(watcher); }
  /// Calls so far, those in trouble included.
  [[nodiscard]] std::size_t calls(FakeCall call) const {
    return calls_.at(static_cast<std::size_t>(call));
  }

 private:
  std::deque<FakeFault>& faults_of(FakeCall call) {
    return faults_.at(static_cast<std::size_t>(call));
  }
  FakeFault meet(FakeCall call);
  template <class T>
  Result<T> perform(FakeCall call, std::function<Result<T>()> effect);
  void tell(FakeCall call, FakeMoment moment) const {
    if (watcher_) watcher_(call, moment);
  }

  FakeCluster& cluster_;
  std::array<std::deque<FakeFault>, k_fake_calls> faults_;
  std::array<std::size_t, k_fake_calls> calls_{};
  std::function<void(FakeCall, FakeMoment)> watcher_;
  struct Late {
    int calls_to_wait = 0;
    std::function<void()> effect;
  };
  std::vector<Late> late_;
  bool is_away_ = false;
};

/// A fake cluster that lies in `folder`, so that separate processes see one state: `--scheduler
/// fake` of the program, with $FOZ_FAKE_SLURM. The state is its history, one line an event, written
/// under a lock; whoever plays the cluster appends lines too:
///
///   file  := (event LF)*                 events
///   event := [UNIX_MS SP] verb
///   verb  := submit JSON | release SELECTOR* | cancel SELECTOR*     by schedulers
///          | start TASK | finish TASK STATE [CODE[:SIGNAL]] | requeue TASK | purge JOB
///          | limit NAME VALUE | fault CALL FAULT                    by whoever plays the cluster
///          | used CALL                                              a fault that was met
///   TASK  := 12 | 12_3      SELECTOR := 12 | 12_[0-9]
///   NAME  := max_array_size | max_submit | accounting (0, 1) | unknown_parent (met, refused)
///
/// `late` is the same as lost_after here: no call of a process waits for the next one's.
///
/// A line that is not of this form, or asks for what cannot be (ending what does not run), makes
/// every call fail with its number.
[[nodiscard]] std::unique_ptr<Scheduler> open_fake_folder(const std::string& folder,
                                                          const Clock& clock);

/// The cluster as the events of `text` leave it. Code::invalid with the line's number.
[[nodiscard]] Result<FakeCluster> replay_fake(std::string_view text);

}  // namespace foz::slurm
