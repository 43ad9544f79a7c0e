#include <CLI/CLI.hpp>
#include <memory>

#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

struct Options {
  std::string run = "latest";
  std::string stage;
  bool json = false;
};

/// Where Slurm cannot be reached at all, what the journal says, as where it does not answer.
Outcome<run::RunStatus> look(const OpenRun& run, const Global& global) {
  FOZ_TRY(const auto installation, find_installation());
  const auto scheduler = open_scheduler(global, installation);
  if (scheduler) {
    FOZ_TRY(auto status, read_status(run, scheduler->get(), run::AskQueue::if_needed));
    return status;
  }
  if (scheduler.error().code != Code::unavailable) return fail(scheduler.error());
  FOZ_TRY(auto status, read_status(run, nullptr, run::AskQueue::never));
  if (status.is_over) return status;
  status.queue_asked = true;
  status.remarks.push_back(scheduler.error().message);
  return status;
}

Outcome<int> show(const Options& options, const Global& global) {
  FOZ_TRY(const OpenRun run, open_run(options.run));
  std::optional<std::size_t> place;
  if (!options.stage.empty()) {
    FOZ_TRY(const plan::StagePlan* stage, find_stage(run, options.stage));
    place = static_cast<std::size_t>(stage - run.plan.stages.data());
  }
  FOZ_TRY(const auto status, look(run, global));
  print(options.json ? status_to_json(run, status)
        : place      ? render_stage(run, status, *place)
                     : render_status(run, status));
  return status.queue_asked && !status.queue_answered ? int{k_environment} : int{k_done};
}

}  // namespace

void add_status(Program program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.app.add_subcommand("status", "Show what each stage and task of a run is doing");
  command->add_option("run", options->run, "Run id, a prefix of it, 'latest' or a path")
      ->capture_default_str();
  command
      ->add_option("--stage", options->stage,
                   "The tasks of this stage: where and how long they run, which failed")
      ->excludes(command->add_flag("--json", options->json, "Print JSON"));
  command->footer(
      "Exit code 3 when the controller did not answer (what the journal says is shown all the "
      "same).\n"
      "Example: foz status brave-tide");
  command->callback([options, program] {
    const auto status = show(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
