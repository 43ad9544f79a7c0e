/// The back end that is always there: Slurm's own commands, run with argv words (never a shell) in
/// an environment in which neither the user's output settings nor the locale can disturb them.
///
/// RPCs on 22.05: submit 1; release and cancel 1 for each selector; jobs 2 (squeue asks for the
/// partitions as well); facts 4 (scontrol pings the controller as well). Knows nothing of runs.
#pragma once

#include <chrono>
#include <functional>

#include "core/base/clock.h"
#include "core/base/spawn.h"
#include "core/slurm/sacct.h"
#include "core/slurm/scheduler.h"

namespace foz::slurm {

struct CommandsSetup {
  Environment environment;  ///< cleaned; with PATH, and SLURM_CONF where the user has it
  std::chrono::milliseconds question_deadline{30'000};
  std::chrono::milliseconds action_deadline{60'000};
};

class CommandsScheduler final : public Scheduler {
 public:
  /// `clock` must outlive the scheduler.
  CommandsScheduler(CommandsSetup setup, const Clock& clock);

  [[nodiscard]] std::string_view name() const override { return "commands"; }
  [[nodiscard]] Result<Submission> submit(const SubmitRequest& request) override;
  [[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<void> cancel(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<std::vector<JobRow>> jobs(const JobQuery& query) override;
  [[nodiscard]] Result<std::vector<AccountingRow>> history(const HistoryQuery& query) override;
  [[nodiscard]] Result<ClusterFacts> facts() override;

 private:
  [[nodiscard]] Result<Finished> run(std::vector<std::string> argv,
                                     std::chrono::milliseconds deadline) const;
  /// Standard output of a question that ended with status 0.
  [[nodiscard]] Result<std::string> ask(std::vector<std::string> argv) const;
  [[nodiscard]] Result<void> act(const std::vector<std::string>& program,
                                 const std::vector<JobSelector>& jobs,
                                 const std::function<Result<void>(const Finished&)>& read) const;
  [[nodiscard]] static Result<ClusterFacts> add_nodes(ClusterFacts facts,
                                                      Result<Finished> finished);
  [[nodiscard]] Result<std::vector<AccountingRow>> history_of(const std::vector<JobId>& ids,
                                                              Window window);

  CommandsSetup setup_;
  const Clock& clock_;
  bool accounting_is_off_ = false;  ///< once the site has said so it is not asked again
};

/// The rows of `rows` that belong to one of `ids` (all of them when there are none).
[[nodiscard]] std::vector<JobRow> select_rows(std::vector<JobRow> rows,
                                              const std::vector<JobId>& ids);

}  // namespace foz::slurm
