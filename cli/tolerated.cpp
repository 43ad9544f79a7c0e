#include <fmt/format.h>

#include <algorithm>

#include "cli/failures.h"
#include "cli/task_names.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

/// Failures of one step of one stage.
struct Kind {
  const run::ToleratedFailure* first;
  Ranges tasks;
};

std::vector<Kind> kinds_of(const std::vector<run::ToleratedFailure>& failures) {
  std::vector<Kind> kinds;
  for (const auto& failure : failures) {
    auto at = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
      return kind.first->stage == failure.stage && kind.first->step == failure.step;
    });
    if (at == kinds.end()) at = kinds.insert(at, Kind{&failure, {}});
    add_range(at->tasks, failure.index, failure.index);
  }
  return kinds;
}

}  // namespace

std::string tolerated_text(const OpenRun& run, const std::vector<run::ToleratedFailure>& failures) {
  std::string out;
  for (const auto& [first, tasks] : kinds_of(failures)) {
    const auto stage = find_stage(run, first->stage);
    FOZ_ASSERT(stage);
    out += fmt::format("  {} step {} failed, as it may: {}\n",
                       TaskNames(**stage).with_values(first->index), first->step,
                       printable_lines(first->sentence, "      "));
    out += alike_text(tasks);
  }
  return out;
}

}  // namespace foz::cli
