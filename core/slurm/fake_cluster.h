/// A Slurm in memory, for tests: it keeps the rules that foz relies on (arrays, holds,
/// dependencies, limits, forgetting), and nothing moves but when it is told to. What it cannot do
/// it does not pretend: no scripts run, no time passes by itself, every node is free.
///
///   submit ──▶ pending ──start──▶ running ──finish──▶ ended ──purge──▶ forgotten
///                ▲  │ held, dependency, throttle       │
///                │  └─ cancel, dependency that cannot come true ─▶ cancelled
///                └──────────── requeue ◀───────────────┘
///
/// As in Slurm: elements of an array have no record and no id of their own until they are started
/// or released one by one; the last one takes the array's id. Cancelling some of the others makes
/// them vanish without a row; cancelling all that are left gives one row, with the array's id and
/// no indices. A dependency on a job that is forgotten counts as met. A child whose dependency
/// cannot come true is cancelled (--kill-on-invalid-dep=yes, which every submission of foz has).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/slurm/scheduler.h"

namespace foz::slurm {

/// How a fake job ended.
struct FakeEnd {
  State state = State::completed;
  int exit_code = 0;
  int exit_signal = 0;
};

/// A single job, or one element of an array.
struct FakeTask {
  JobId job;  ///< as submitted: the array's id for an element
  std::optional<ArrayIndex> index;
  bool operator==(const FakeTask&) const = default;
};

struct FakeLimits {
  enum class UnknownParent { met, refused };  ///< 22.05 takes it as met; 24.11 refuses

  std::uint32_t max_array_size = 1001;
  std::size_t max_submit = SIZE_MAX;  ///< tasks of the caller in the queue
  UnknownParent unknown_parent = UnknownParent::met;
  std::vector<std::string> partitions = {"batch"};  ///< the first is the default
  bool has_accounting = true;
  std::string version = "22.05.8";
};

class FakeCluster {
 public:
  FakeLimits limits;
  UnixMillis now = 1'795'576'551'000;  ///< the test's clock; records carry it

  // What a scheduler asks for.
  [[nodiscard]] Result<Submission> submit(const SubmitRequest& request);
  [[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs);
  void cancel(const std::vector<JobSelector>& jobs);
  [[nodiscard]] std::vector<JobRow> rows() const;
  [[nodiscard]] std::vector<AccountingRow> records() const { return records_; }

  // What a test makes happen. A task that is not as it must be is a bug of the test (FOZ_ASSERT).
  /// Tasks that could start now: not held, dependency met, below their array's throttle.
  [[nodiscard]] std::vector<FakeTask> startable() const;
  void start(const FakeTask& task, const std::string& node = "n1");
  void finish(const FakeTask& task, const FakeEnd& end = {});
  /// Back to pending under the same id, as after a node failure: a running or ended task.
  void requeue(const FakeTask& task);
  /// The controller forgets a job (all of an array) that has ended; accounting does not.
  void purge(JobId job);
  void purge_ended();
  /// Starts and ends whatever can start, again and again, until nothing can: `work` says how each
  /// ends. Gives the number of tasks run.
  std::size_t run(const std::function<FakeEnd(const FakeTask&, const SubmitRequest&)>& work);
  /// Tasks that are not over.
  [[nodiscard]] std::size_t tasks_in_queue() const;

  [[nodiscard]] bool knows(JobId job) const { return jobs_.contains(job); }
  [[nodiscard]] const SubmitRequest& request(JobId job) const;
  [[nodiscard]] State state(const FakeTask& task) const;
  /// nullopt: no such task is known.
  [[nodiscard]] std::optional<State> find_state(const FakeTask& task) const;
  [[nodiscard]] bool can_purge(JobId job) const;
  /// Every job ever submitted and not forgotten, oldest first.
  [[nodiscard]] std::vector<JobId> jobs() const;

 private:
  struct Element {
    std::optional<ArrayIndex> index;
    JobId id;  ///< 0: part of the array's one record, or vanished from it
    State state = State::pending;
    bool held = false;
    std::string reason;
    std::string node;
    UnixMillis submitted = 0, started = 0, ended = 0;
    int restarts = 0;
    FakeEnd end;
  };
  struct Job {
    JobId id;
    SubmitRequest request;
    std::size_t at_most = SIZE_MAX;  ///< throttle
    bool rest_cancelled = false;     ///< the elements without an id were cancelled all at once
    std::vector<Element> elements;   ///< one, without an index, for a single job
  };
  enum class Wait { met, open, never };

  [[nodiscard]] Result<void> check(const SubmitRequest& request) const;
  [[nodiscard]] Result<void> check_dependency(const std::string& dependency) const;
  [[nodiscard]] Wait wait_of(const Job& job, const Element& element) const;
  [[nodiscard]] Wait wait_for(std::string_view kind, JobId parent, const Element& element) const;
  [[nodiscard]] std::string reason_of(const Job& job, const Element& element) const;
  [[nodiscard]] JobRow row_of(const Job& job, const Element& element) const;
  [[nodiscard]] std::optional<JobRow> rest_row(const Job& job) const;
  [[nodiscard]] static AccountingRow accounting_of(const Job& job, const Element& element);
  [[nodiscard]] const Element& get(const FakeTask& task) const;
  [[nodiscard]] Element& get(const FakeTask& task);
  [[nodiscard]] std::vector<Element*> select(const JobSelector& selector);
  [[nodiscard]] std::vector<Element*> unsplit(Job& job);
  void give_id(Job& job, Element& element);
  void end_element(const Job& job, Element& element, const FakeEnd& end, std::string reason);
  void cancel_elements(Job& job, const std::vector<Element*>& elements, const std::string& reason);
  void cancel_unsplit(Job& job, const std::vector<Element*>& elements, const std::string& reason);
  [[nodiscard]] std::vector<Element*> hopeless(Job& job);
  /// Cancels children whose dependency can no longer come true, and theirs.
  void settle();

  std::map<JobId, Job> jobs_;
  std::vector<AccountingRow> records_;
  std::uint32_t next_id_ = 1;
};

}  // namespace foz::slurm
