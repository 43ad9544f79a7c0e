/// A scheduler that tells a person, on standard error, when Slurm does not answer, and when it does
/// again: one line each, however many questions go unanswered meanwhile. Knows nothing of runs.
///
/// Slurm is silent from the beginning of the first question that got no answer to the next answer,
/// which may be a refusal. Accounting is another daemon: its silence is not told.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/slurm/scheduler.h"

namespace foz::cli {

/// What the command does about a silence: it ends with an error or says what it knows, or it asks
/// again until there is an answer.
enum class Persistence { ends, keeps_trying };

class WatchedScheduler final : public slurm::Scheduler {
 public:
  explicit WatchedScheduler(std::unique_ptr<slurm::Scheduler> inner) : inner_(std::move(inner)) {}

  /// Persistence::keeps_trying from now on.
  void keep_trying() { persistence_ = Persistence::keeps_trying; }
  /// Whether the last question got no answer; one that keeps trying has said so.
  [[nodiscard]] bool is_silent() const { return since_.has_value(); }

  [[nodiscard]] std::string_view name() const override { return inner_->name(); }
  [[nodiscard]] Result<slurm::Submission> submit(const slurm::SubmitRequest& request) override;
  [[nodiscard]] Result<void> release(const std::vector<slurm::JobSelector>& jobs) override;
  [[nodiscard]] Result<void> cancel(const std::vector<slurm::JobSelector>& jobs) override;
  [[nodiscard]] Result<std::vector<slurm::JobRow>> jobs(const slurm::JobQuery& query) override;
  [[nodiscard]] Result<std::vector<slurm::AccountingRow>> history(
      const slurm::HistoryQuery& query) override;
  [[nodiscard]] Result<slurm::ClusterFacts> facts() override;

 private:
  struct Moment {
    std::chrono::steady_clock::time_point ticks;
    UnixMillis time = 0;
  };

  template <class Call>
  auto watch(const Call& call) -> decltype(call());
  void note(const Error* error);
  void tell(const std::string& reason);

  std::unique_ptr<slurm::Scheduler> inner_;
  Persistence persistence_ = Persistence::ends;
  std::optional<Moment> since_;  ///< the question that was not answered, or is not yet
  bool is_told_ = false;
};

}  // namespace foz::cli
