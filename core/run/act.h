/// Carries out actions: each one journalled before and after, each safe to be done again. Private
/// to this room.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/run/lock.h"
#include "core/run/mark.h"
#include "core/run/picture.h"

namespace foz::run {

/// How often a queue is asked for the mark of a request whose outcome is unknown. The controller
/// may still be at work on it: one look is not enough.
constexpr int k_looks = 3;
constexpr std::chrono::milliseconds k_between_looks{1000};

/// A run that is being acted upon: the folder under our lock, our journal, Slurm, and the counts.
/// All references outlive it.
class Acting {
 public:
  struct Context {
    const journal::RunFolder& folder;
    const plan::Plan& plan;
    const Observation& seen;
    const Picture& picture;
    slurm::Scheduler& scheduler;
    const Effects& effects;
    const RunLock& lock;
    journal::Writer& writer;
  };
  explicit Acting(const Context& context);

  /// In their order, up to the first that fails.
  [[nodiscard]] Result<void> act(const std::vector<Action>& actions);
  /// Ends the jobs that the queue shows under the mark of a stage ("" all), and sees that none is
  /// left. Whatever has another name is not touched, and without an answer nothing is.
  [[nodiscard]] Result<void> end_jobs(const std::string& stage);
  /// The same, and records it.
  [[nodiscard]] Result<void> cancel_jobs(const std::string& stage);
  /// Says in the journal that cancel_jobs() is to come.
  [[nodiscard]] Result<void> intend_cancel(const std::string& stage, const std::string& reason,
                                           std::string_view by);

  [[nodiscard]] const Advanced& counts() const { return counts_; }
  /// Of jobs that have the id of one of ours and another name, when jobs were ended. Empty: none.
  [[nodiscard]] std::string remark_on_foreign_jobs() const;
  /// Why nobody will send the rest of the run.
  [[nodiscard]] const std::optional<Error>& stall() const { return stall_; }

 private:
  using Fields = std::vector<std::pair<std::string, journal::Scalar>>;
  using PartKey = std::pair<std::string, std::uint32_t>;

  /// What became of a request. left: not sent now; with a later wave, or never.
  enum class Fate { sent, unseen, left };

  /// A part that was sent.
  struct Sent {
    JobId job;
    std::string cluster, nonce;
    bool is_fresh = false;  ///< by this advance: held, or waiting for what is held, and ours
  };

  [[nodiscard]] Result<void> act(const Action& action, Durability of_lost);

  // effects, each between two probes
  Result<void> record(std::string_view kind, Fields fields,
                      Durability durability = Durability::durable);
  template <class Call>
  auto effect(std::string_view name, const Call& call) -> decltype(call());

  // submissions (act_submit.cpp)
  Result<void> submit(const plan::StagePlan& stage, std::uint32_t part);
  Result<Fate> submit_once(const plan::StagePlan& stage, std::uint32_t part);
  Result<Fate> settle(const Mark& mark, const std::string& why);
  Result<std::vector<slurm::JobRow>> look_for(const std::vector<Mark>& requests);
  Result<void> settle_then_submit(const Action& action);
  Result<void> adopt(const Mark& mark, const slurm::JobRow& row);
  Result<void> adopt(const Mark& mark, const Sent& sent);
  [[nodiscard]] Environment submission_environment() const;
  Result<void> record_intent(const Mark& mark);
  Result<void> record_submitted(const Mark& mark, const Sent& sent, bool is_adopted);
  Result<void> record_sent(const Mark& mark, const Sent& sent, bool is_adopted);
  Result<void> record_unsent(const Mark& mark, std::string_view what, const std::string& reason);
  Error refuse(const Mark& mark, const Error& error);
  [[nodiscard]] static bool is_full(const Error& error);
  [[nodiscard]] bool is_for_later(const Error& error) const;
  Result<std::string> dependency(const plan::StagePlan& stage, std::uint32_t part) const;
  Result<std::vector<JobId>> living_parts(const plan::StagePlan& stage,
                                          const plan::Dependency& edge) const;
  [[nodiscard]] bool is_seen_alive(const StagePicture& stage, const task::Part& part) const;
  [[nodiscard]] bool is_believable(const std::vector<slurm::JobRow>& rows) const;

  // the advance job (act_advance_job.cpp)
  Result<void> submit_advance_job();
  Result<void> cancel_advance_job(JobId job);
  [[nodiscard]] std::string first_end() const;

  // the rest (act.cpp)
  Result<void> record_jobs();
  Result<void> cancel_orphan(JobId job, const std::string& name);
  Result<void> cancel_unseen();
  Result<void> mark_lost(const Action& action, Durability durability);
  Result<void> release_stage(const plan::StagePlan& stage);
  Result<void> sweep(const Action& action);
  Result<void> forget_release(const Action& action);
  Result<bool> is_to_be_let_go(const plan::StagePlan& stage, std::uint32_t part);
  [[nodiscard]] bool is_in_queue(const Mark& mark) const;
  Result<void> release_each(const std::vector<slurm::JobSelector>& jobs);

  // cancellation (act_cancel.cpp)
  Result<void> wait_until_gone(const std::vector<JobId>& jobs, const std::string& stage);
  [[nodiscard]] bool is_to_end(const slurm::JobRow& row, const std::string& stage) const;
  void note_foreign_jobs(const std::vector<slurm::JobRow>& rows, const std::string& stage);
  [[nodiscard]] std::vector<Mark> open_requests(const std::string& stage) const;
  [[nodiscard]] std::vector<Mark> unshown_jobs(const std::string& stage) const;
  Result<std::vector<JobId>> marked_jobs(const std::string& stage);

  [[nodiscard]] const plan::StagePlan& stage(const std::string& name) const;

  Context context_;
  std::map<PartKey, Sent> sent_;
  bool has_unseen_ = false;
  bool has_advance_job_ = false;  ///< one waits, or was sent
  std::string last_silence_;      ///< why a request's outcome was not known
  bool has_no_room_ = false;      ///< the queue took no more: what is left is for later
  std::optional<Error> stall_;
  std::vector<std::pair<JobId, std::string>> foreign_;  ///< jobs with the id of one of ours
  Advanced counts_;
};

template <class Call>
auto Acting::effect(std::string_view name, const Call& call) -> decltype(call()) {
  if (auto held = context_.lock.touch(); !held) return fail(std::move(held).error());
  const auto& probe = context_.effects.probe;
  if (probe) probe("before " + std::string(name));
  auto result = call();
  if (probe) probe("after " + std::string(name));
  return result;
}

}  // namespace foz::run
