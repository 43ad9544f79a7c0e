#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

struct Options {
  std::string run = "latest";
  std::string stage;
};

Outcome<int> cancel(const Options& options, const Global& global) {
  FOZ_TRY(const OpenRun run, open_run(options.run));
  if (!options.stage.empty()) FOZ_CHECK(find_stage(run, options.stage));
  FOZ_TRY(const auto installation, find_installation());
  FOZ_TRY(const auto scheduler, open_scheduler(global, installation));
  const std::string name = name_from_here(run.folder);
  const Interrupt interrupt(
      fmt::format("foz: run {} may be cancelled in part: 'foz cancel {}' or 'foz advance {}' does "
                  "the rest",
                  run.folder.run_id(), name, name));
  const SystemClock clock;
  FOZ_TRY(const run::Cancelled done, run::cancel(run.folder, options.stage, *scheduler, clock));
  if (!options.stage.empty()) {
    // what waited for this stage can never start, and goes too
    FOZ_CHECK(run::advance(run.folder, *scheduler, clock));
  }
  const std::string what =
      !done.was.empty() ? "was over already (" + done.was + ")"
                        : "cancelled" + (options.stage.empty() ? "" : " stage " + options.stage);
  const std::string left =
      done.remark.empty() ? "no job of it is left" : "no job of it is in the queue";
  print(fmt::format("{}: {}, {}\n", run.folder.run_id(), what, left));
  if (!done.remark.empty()) print(fmt::format("  note: {}\n", done.remark));
  return int{k_done};
}

}  // namespace

void add_cancel(Program program) {
  auto options = std::make_shared<Options>();
  auto* command = program.app.add_subcommand(
      "cancel", "Cancel a run, or one stage of it, and see that nothing is left");
  command->add_option("run", options->run, "Run id, a prefix of it, 'latest' or a path")
      ->capture_default_str();
  command->add_option("--stage", options->stage, "Only this stage");
  command->callback([options, program] {
    const auto status = cancel(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
