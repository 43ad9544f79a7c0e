#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/runs.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

struct Options {
  bool json = false;
};

/// What the journal alone says: listing many runs asks no controller.
std::string run_line(const journal::RunFolder& folder, const Options& options) {
  const auto opened = read_run(folder);
  const auto status = opened ? read_status(*opened, nullptr, run::AskQueue::never)
                             : Result<run::RunStatus>(tl::unexpect, opened.error());
  if (!status && options.json) return unreadable_to_json(folder, status.error());
  if (!status)
    return fmt::format("{}  damaged: it cannot be read: {}\n", pad(folder.run_id(), 20),
                       printable(status.error().message));
  if (options.json) return status_to_json(*opened, *status, JsonForm::one_line);
  std::uint64_t over = 0;
  for (const auto& stage : status->stages)
    for (const auto& [state, count] : stage.counts)
      if (run::is_over(state)) over += count;
  const std::string span = run_span(*status);
  const std::string time =
      status->began == 0 ? "" : "  " + date_time(status->began) + (span.empty() ? "" : ", " + span);
  return fmt::format("{}  {}  {}  {} of {} tasks over{}\n", pad(folder.run_id(), 20),
                     pad(printable(status->workflow), 16), pad(status->state, 10), over,
                     opened->plan.tasks, time);
}

Outcome<int> list(const Options& options) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return fail(Code::failed, "the current folder cannot be read: " + error.message());
  FOZ_TRY(const auto runs, journal::nearest_runs(here));
  for (const auto& folder : runs) print(run_line(folder, options));
  if (runs.empty() && !options.json)
    print(
        fmt::format("no run in '{}' and the folders above it: runs lie in .foz/runs beside their "
                    "workflow\n",
                    printable(here.string())));
  return int{k_done};
}

}  // namespace

void add_list(Program program) {
  auto options = std::make_shared<Options>();
  auto* command = program.app.add_subcommand("list",
                                             "List the runs of this folder, or of the nearest one "
                                             "above that has some, from their journals");
  command->add_flag("--json", options->json, "Print one JSON object for each run, one a line");
  command->callback([options, program] {
    const auto status = list(*options);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
