#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

struct Options {
  std::string run = "latest";
  bool wait = false;
};

/// An interrupt of its own: following has another one.
Result<run::Advanced> go_on(const OpenRun& run, slurm::Scheduler& scheduler) {
  const std::string name = name_from_here(run.folder);
  const Interrupt interrupt(
      fmt::format("foz: run {} may be moved on in part: 'foz advance {}' does the rest, 'foz "
                  "cancel {}' ends it",
                  run.folder.run_id(), name, name));
  return run::advance(run.folder, scheduler, SystemClock());
}

/// What Slurm took is not known, or it cannot be asked: following the run settles that.
bool may_come(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::unknown_outcome;
}

Outcome<int> advance(const Options& options, const Global& global) {
  FOZ_TRY(const OpenRun run, open_run(options.run));
  FOZ_TRY(const auto installation, find_installation());
  FOZ_TRY(const auto scheduler, open_scheduler(global, installation));
  if (options.wait) scheduler->keep_trying();
  const auto done = go_on(run, *scheduler);
  if (!done && options.wait && may_come(done.error())) {
    if (!scheduler->is_silent()) print_error("foz: " + done.error().message + "\n");
    return follow(run, *scheduler);  // which goes on as soon as that is over
  }
  if (!done) return fail(Fault(done.error()));
  print(fmt::format("{}: {} submitted, {} adopted{}, {} released, {} cancelled{}{}\n",
                    run.folder.run_id(), done->submitted, done->adopted,
                    done->adopted == 0 ? "" : " (sent before, but the answer was lost)",
                    done->released, done->cancelled, refused_text(*done),
                    done->over ? "; every task is over" : ""));
  return options.wait ? follow(run, *scheduler) : int{k_done};
}

}  // namespace

void add_advance(Program program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.app.add_subcommand("advance", "Move a run on from whatever state it is found in");
  command->add_option("run", options->run, "Run id, a prefix of it, 'latest' or a path")
      ->capture_default_str();
  command->add_flag("--wait", options->wait,
                    "Then follow the run to its end: exit 0 when it succeeded, 1 when not");
  command->footer(
      "Safe to call at any time and as often as you like: what is done is not done again.");
  command->callback([options, program] {
    const auto status = advance(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
