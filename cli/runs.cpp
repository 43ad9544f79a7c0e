#include "cli/runs.h"

#include <unistd.h>

#include "core/base/fd.h"

namespace foz::cli {

Result<OpenRun> open_run(const std::string& name) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return fail(Code::failed, "the current folder cannot be read: " + error.message());
  FOZ_TRY(const auto folder, journal::find_run(here, name));
  FOZ_TRY(const auto text, read_file(folder.plan()));
  auto plan = plan::plan_from_json(text);
  if (!plan) return fail(with_context("reading '" + folder.plan().string() + "'", plan.error()));
  return OpenRun{folder, std::move(*plan)};
}

Result<run::RunStatus> read_status(const OpenRun& run, slurm::Scheduler* scheduler,
                                   run::AskQueue ask) {
  FOZ_TRY(const auto seen, run::observe(run.folder, scheduler, ask));
  return run::judge(run.plan, seen);
}

int exit_code_of(const run::RunStatus& status) {
  if (status.state == "failed" || status.state == "cancelled") return k_workload_failed;
  return status.state == "unknown" ? k_environment : k_done;
}

}  // namespace foz::cli
