/// Finding and opening a run for the commands that look at one.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/watched_scheduler.h"
#include "core/journal/run_folder.h"
#include "core/plan/plan.h"
#include "core/run/run.h"

namespace foz::cli {

struct OpenRun {
  journal::RunFolder folder;
  plan::Plan plan;
};

/// Its plan, or why the run cannot be read.
[[nodiscard]] Result<OpenRun> read_run(const journal::RunFolder& folder);

/// `name`: id, unambiguous prefix, "latest" or a path; looked for from the current folder upwards.
/// A run that cannot be read is the environment's fault; no other one is taken for it.
[[nodiscard]] Outcome<OpenRun> open_run(const std::string& name);

/// The stage of a word on the command line; where there is none, bad usage with the nearest name.
[[nodiscard]] Outcome<const plan::StagePlan*> find_stage(const OpenRun& run,
                                                         const std::string& name);

/// What names this run in a command that is typed in the current folder: its id where that finds
/// it, else its folder, quoted for a shell.
[[nodiscard]] std::string name_from_here(const journal::RunFolder& run);

/// observe + judge, asking the queue when something is not over yet.
[[nodiscard]] Result<run::RunStatus> read_status(const OpenRun& run, slurm::Scheduler* scheduler,
                                                 run::AskQueue ask);

/// 0 for a run that succeeded, 1 for one that failed or was cancelled, 3 for one whose state is not
/// known.
[[nodiscard]] int exit_code_of(const run::RunStatus& status);

/// ", 2 refused for good": parts that Slurm took not in a later wave; empty where it took all.
[[nodiscard]] std::string refused_text(const run::Advanced& done);

[[nodiscard]] Colour colour_of(run::TaskState state);

/// "took 12 s", or "for 12 s" while it goes on; empty where it is over and nobody knows since when.
[[nodiscard]] std::string run_span(const run::RunStatus& status);
/// "began 2026-11-25 14:03:07, took 12 s", the span as run_span() has it; empty before it was sent.
[[nodiscard]] std::string run_time(const run::RunStatus& status);
/// Run, workflow, state and times: the first line of what is shown of a run.
[[nodiscard]] std::string render_header(const run::RunStatus& status);
/// The line (or two) of the stage at that place: its counts, and what it waits for.
[[nodiscard]] std::string render_stage_line(const OpenRun& run, const run::RunStatus& status,
                                            std::size_t place);
/// One stage task by task (stage_view.cpp): what runs and where, what failed, the rest in groups;
/// a screenful whatever its size.
[[nodiscard]] std::string render_stage(const OpenRun& run, const run::RunStatus& status,
                                       std::size_t place);
/// The run on one screen: stages with counts, failures with evidence, remarks.
[[nodiscard]] std::string render_status(const OpenRun& run, const run::RunStatus& status);
/// For eyes too, or one line.
enum class JsonForm { indented, one_line };
/// The same for programs (status_json.cpp).
[[nodiscard]] std::string status_to_json(const OpenRun& run, const run::RunStatus& status,
                                         JsonForm form = JsonForm::indented);
/// The same, in one line, for a run that cannot be read: its state is "unreadable", the reason a
/// remark.
[[nodiscard]] std::string unreadable_to_json(const journal::RunFolder& folder, const Error& error);

/// Follows a run to its end, printing each change; then the final picture. The exit code.
int follow(const OpenRun& run, WatchedScheduler& scheduler);

}  // namespace foz::cli
