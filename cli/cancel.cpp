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
  std::string stage;
};

bool is_run_of(const fs::path& folder, const journal::RunFolder& run) {
  std::error_code error;
  return fs::equivalent(folder / ".foz" / "runs", run.root().parent_path(), error) && !error;
}

/// Looking at the run of a folder above is harmless; ending it wants its name.
Outcome<void> check_here(const Options& options) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error || options.run != "latest") return {};
  const auto found = journal::find_run(here, "latest");
  if (!found || is_run_of(here, *found)) return {};
  const std::string id = found->run_id();
  return bad_usage(
      fmt::format("no run in '{}': the latest one above it is '{}', in '{}'; if it is to end, say "
                  "so by its id: 'foz cancel {}'",
                  printable(here.string()), id, printable(found->root().string()), id));
}

Outcome<int> cancel(const Options& options, const Global& global) {
  FOZ_CHECK(check_here(options));
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
  command
      ->add_option("run", options->run,
                   "Run id, a prefix of it, a path, or 'latest': of the current folder, not of one "
                   "above it")
      ->capture_default_str();
  command->add_option("--stage", options->stage, "Only this stage");
  command->callback([options, program] {
    const auto status = cancel(*options, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
