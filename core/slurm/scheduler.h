/// The port to Slurm. Three things stand behind it and pass the same behaviour tests: the commands
/// (sbatch, squeue, scontrol, sacct, scancel), the libslurm helper program, and a fake for tests.
/// Nothing above knows which.
///
/// Every call has a deadline of its own. Code::unavailable: nothing was learned, nothing happened,
/// ask again later. Code::unknown_outcome: an action may have happened; look for its mark (the
/// job's name) before doing it again. Code::refused: Slurm said no; the message holds its words and
/// what they mean.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// What to ask of the queue: one question whatever it names. Empty `ids`: all jobs of the caller.
struct JobQuery {
  std::vector<JobId> ids;
  bool expand_arrays = false;  ///< one row for each task, split off or not (as squeue -r)
};

struct HistoryQuery {
  std::vector<JobId> ids;
  UnixMillis since = 0;  ///< lower bound of the window; must be set
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  /// "commands", "libslurm", "fake": for messages.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// `request.environment` becomes the job's and must have PATH, and SLURM_CONF where the caller
  /// has it. Never Code::not_found.
  [[nodiscard]] virtual Result<Submission> submit(const SubmitRequest& request) = 0;
  /// One RPC for each selector (Slurm counts ids). Releasing what is not held is no error; an id
  /// that is gone is Code::not_found.
  [[nodiscard]] virtual Result<void> release(const std::vector<JobSelector>& jobs) = 0;
  /// Cancels; what is already gone is no error. Does not wait for the end.
  [[nodiscard]] virtual Result<void> cancel(const std::vector<JobSelector>& jobs) = 0;
  /// Rows of the caller's jobs that the controller still knows, ended ones too. An id that is gone
  /// simply has no row: absence is not an end.
  [[nodiscard]] virtual Result<std::vector<JobRow>> jobs(const JobQuery& query) = 0;
  /// Code::refused when the site has no accounting. An absent row is "not yet recorded".
  [[nodiscard]] virtual Result<std::vector<AccountingRow>> history(const HistoryQuery& query) = 0;
  [[nodiscard]] virtual Result<ClusterFacts> facts() = 0;
};

enum class Backend { automatic, libslurm, commands, fake };

/// A backend, and why it is this one ("libslurm helper is for 22.05, the cluster runs 24.11: using
/// the commands").
struct Chosen {
  std::unique_ptr<Scheduler> scheduler;
  std::string why;
};

/// A back end on its way: its programs have been started, and get ready while the caller does
/// something else. `helper_dir` is where foz-libslurm lies (beside foz); `release` is the cluster's
/// where it is known (ClusterFacts::version): else the commands are asked for theirs.
class Opening {
 public:
  Opening(Backend backend, const std::string& helper_dir, std::optional<std::string> release = {});
  Opening(Opening&&) noexcept;
  Opening& operator=(Opening&&) noexcept;
  ~Opening();

  /// Waits for it; once. automatic never fails for lack of the helper. Backend::fake needs
  /// $FOZ_FAKE_SLURM (a folder with its state); the others are Code::unavailable at once where
  /// SLURM_CONF names a file that cannot be read.
  [[nodiscard]] Result<Chosen> finish();

 private:
  struct Helper;
  Backend backend_;
  Result<void> configuration_;
  std::unique_ptr<Helper> helper_;  ///< null where no helper may be used
};

[[nodiscard]] Result<Chosen> open_scheduler(Backend backend, const std::string& helper_dir);

/// The environment for a submission or a Slurm command: `outer` less everything that a surrounding
/// job or the user's output settings put there (SLURM_*, SBATCH_*, SRUN_*, SALLOC_*, SQUEUE_*,
/// SACCT_*, SINFO_*, SCONTROL_*, SCANCEL_*, PMI*, PMIX*, and inside a job the names of its GPUs),
/// with SLURM_CONF, SLURM_CLUSTERS and site authentication settings kept. `dropped` names what was
/// there (for `plan`).
struct CleanEnvironment {
  Environment environment;
  std::vector<std::string> dropped;
};
[[nodiscard]] CleanEnvironment clean_environment(const Environment& outer);

/// sbatch's options for a request, in order, as argv words: used by the commands back end and for
/// the #SBATCH lines of scripts.
[[nodiscard]] std::vector<std::string> sbatch_options(const SubmitRequest& request);

}  // namespace foz::slurm
