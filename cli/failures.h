/// The failures of a run, told so that nobody drowns: tasks of a stage that ended alike are one,
/// with their indices, their first one's log and reason. At least one for every stage.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/runs.h"

namespace foz::cli {

/// Indices, in order.
using Ranges = std::vector<std::pair<std::uint64_t, std::uint64_t>>;
/// `first` is behind all that `ranges` has.
void add_range(Ranges& ranges, std::uint64_t first, std::uint64_t last);
[[nodiscard]] std::uint64_t count_in(const Ranges& ranges);
/// "0-1, 7", a long list cut.
[[nodiscard]] std::string ranges_text(const Ranges& ranges);
/// "      3 tasks like this: 0-1, 7" and LF, long lists cut; empty for a single task.
[[nodiscard]] std::string alike_text(const Ranges& tasks);

/// A reason without its numbers, but for how a process ended: ranks, nodes and ids differ from task
/// to task.
[[nodiscard]] std::string alike(const std::string& sentence);

/// " (oom)": a class, where it says more than the state does.
[[nodiscard]] std::string in_brackets(run::TaskState state, const std::string& cls);

/// Tasks of one stage with the same state, class and reason, but for its numbers; how a process
/// ended (exit status, signal) is no mere number.
struct FailureGroup {
  std::size_t stage = 0;  ///< place in the status
  run::TaskState state = run::TaskState::failed;
  std::string cls;
  std::string sentence;  ///< the first task's
  std::string log;       ///< the first task's, relative to the run folder
  Ranges tasks;
  std::vector<std::size_t> like_it;  ///< places of further stages of which all tasks ended so
};

/// What is failed, unknown, held with a reason, or cancelled in a run that is not, and what could
/// not start for another reason than that a parent failed; stage by stage, the first task's order.
/// What there is room to tell of it: at least one of every stage.
struct ToldFailures {
  std::vector<FailureGroup> groups;
  std::uint64_t left_out = 0;  ///< tasks of the others
};
/// Pure.
[[nodiscard]] ToldFailures told_failures(const OpenRun& run, const run::RunStatus& status);

/// They as text, with the last lines of the logs; empty where nothing has failed.
[[nodiscard]] std::string failures_text(const OpenRun& run, const ToldFailures& failures);

/// Steps that failed, as they may: one line for each stage and step.
[[nodiscard]] std::string tolerated_text(const OpenRun& run,
                                         const std::vector<run::ToleratedFailure>& failures);

}  // namespace foz::cli
