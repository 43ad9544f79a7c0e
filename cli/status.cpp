#include <CLI/CLI.hpp>
#include <memory>

#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

struct Options {
  std::string run = "latest";
  bool json = false;
};

Result<int> show(const Options& options, const Global& global) {
  FOZ_TRY(const OpenRun run, open_run(options.run));
  FOZ_TRY(const auto installation, find_installation());
  FOZ_TRY(const auto scheduler, open_scheduler(global, installation));
  FOZ_TRY(const auto status, read_status(run, scheduler.get(), run::AskQueue::if_needed));
  print(options.json ? status_to_json(run, status) : render_status(run, status));
  return status.queue_asked && !status.queue_answered ? int{k_environment} : int{k_done};
}

}  // namespace

void add_status(Program program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.app.add_subcommand("status", "Show what each stage and task of a run is doing");
  command->add_option("run", options->run, "Run id, a prefix of it, 'latest' or a path")
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON");
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
