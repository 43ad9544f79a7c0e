/// The libslurm back end: foz's side of foz-libslurm (helper_wire.h). The helper is one process for
/// the life of the scheduler; one that dies or hangs costs the call it was in, and the next call
/// starts another. So does a silence of the controller, which may be elsewhere by now: libslurm
/// reads its configuration once.
///
/// RPCs on 22.05: submit 1; release and cancel 1 for each selector; jobs 1; facts 3. What the
/// helper cannot do goes through the commands: accounting, and submissions with options that only
/// sbatch can read.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/slurm/commands.h"
#include "core/slurm/helper_process.h"
#include "core/slurm/helper_wire.h"
#include "core/slurm/scheduler.h"

namespace foz::slurm {

struct HelperSetup {
  std::string program;  ///< path of foz-libslurm
  CommandsSetup commands;
  /// libslurm tries for a minute to find a configuration, and ends the process then.
  std::chrono::milliseconds start_deadline{5'000};
};

class HelperScheduler final : public Scheduler {
 public:
  /// Starts the helper and does not wait for it. Code::not_found where the program is missing.
  /// `clock` must outlive the scheduler.
  [[nodiscard]] static Result<std::unique_ptr<HelperScheduler>> launch(HelperSetup setup,
                                                                       const Clock& clock);
  /// Has the helper's greeting and sees that it is ready. Code::invalid where it speaks another
  /// contract, unavailable where it died or was too slow. Every call does this where it must.
  [[nodiscard]] Result<void> greet();

  [[nodiscard]] std::string_view name() const override { return "libslurm"; }
  [[nodiscard]] Result<Submission> submit(const SubmitRequest& request) override;
  [[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<void> cancel(const std::vector<JobSelector>& jobs) override;
  [[nodiscard]] Result<std::vector<JobRow>> jobs(const JobQuery& query) override;
  [[nodiscard]] Result<std::vector<AccountingRow>> history(const HistoryQuery& query) override;
  [[nodiscard]] Result<ClusterFacts> facts() override;

  /// The release of Slurm that the helper was built for: "22.05.8"; known once it has greeted.
  [[nodiscard]] const std::string& compiled() const { return compiled_; }

 private:
  struct Reply {
    HelperAnswer answer;
    std::string bytes;
  };

  HelperScheduler(HelperSetup setup, const Clock& clock);
  [[nodiscard]] Result<void> start();
  [[nodiscard]] Result<void> listen();
  /// Code::unavailable: the request was not sent. unknown_outcome: it was, and no answer came.
  [[nodiscard]] Result<Reply> call(HelperRequest request, std::chrono::milliseconds deadline);
  [[nodiscard]] Result<Reply> converse(const HelperRequest& request, HelperProcess::Time until);
  [[nodiscard]] Result<Reply> ask(HelperCall call);
  [[nodiscard]] Result<void> act(HelperCall call, const std::vector<JobSelector>& jobs);

  HelperSetup setup_;
  CommandsScheduler commands_;
  std::optional<HelperProcess> process_;
  HelperProcess::Time ready_until_;
  bool is_ready_ = false;
  bool is_stale_ = false;  ///< the controller was silent: what the helper read of it may be old
  std::string compiled_;
  std::uint64_t last_id_ = 0;
};

/// Are helper and cluster of one release? "22.05.8" and "22.05.11" are; major and minor count.
[[nodiscard]] bool is_same_release(std::string_view one, std::string_view other);
/// The release in the answer of `scontrol -V` ("slurm 22.05.8", "slurm-wlm 22.05.8"), or "".
[[nodiscard]] std::string release_of(std::string_view answer);

}  // namespace foz::slurm
