#include "cli/runs.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/diagnostic.h"
#include "core/base/fd.h"
#include "core/base/text.h"

namespace foz::cli {

Result<OpenRun> read_run(const journal::RunFolder& folder) {
  FOZ_TRY(auto plan, run::load_plan(folder));
  return OpenRun{folder, std::move(plan)};
}

Outcome<OpenRun> open_run(const std::string& name) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return fail(Code::failed, "the current folder cannot be read: " + error.message());
  FOZ_TRY(const auto folder, of_argument(journal::find_run(here, name)));
  auto run = read_run(folder);
  if (run) return std::move(*run);
  return fail(
      Fault{k_environment,
            fmt::format("{} '{}' cannot be read: {}{}", name == "latest" ? "the latest run" : "run",
                        folder.run_id(), run.error().message,
                        name == "latest" ? "; 'foz list' shows the others" : "")});
}

Outcome<const plan::StagePlan*> find_stage(const OpenRun& run, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& stage : run.plan.stages) {
    if (stage.name == name) return &stage;
    names.push_back(stage.name);
  }
  return bad_usage(fmt::format("run '{}' has no stage '{}': {}", run.folder.run_id(),
                               printable(name),
                               suggest(name, names, "it has " + join(names, ", "))));
}

std::string name_from_here(const journal::RunFolder& run) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (!error) {
    const auto found = journal::find_run(here, run.run_id());
    if (found && fs::equivalent(found->root(), run.root(), error) && !error) return run.run_id();
  }
  return shell_quote(run.root().string());
}

Result<run::RunStatus> read_status(const OpenRun& run, slurm::Scheduler* scheduler,
                                   run::AskQueue ask) {
  FOZ_TRY(const auto seen, run::observe(run.folder, scheduler, ask));
  return run::judge(run.plan, seen);
}

std::string refused_text(const run::Advanced& done) {
  return done.refused == 0 ? "" : fmt::format(", {} refused for good", done.refused);
}

int exit_code_of(const run::RunStatus& status) {
  if (status.state == "failed" || status.state == "cancelled") return k_workload_failed;
  return status.state == "unknown" ? k_environment : k_done;
}

}  // namespace foz::cli
