#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "cli/failures.h"
#include "cli/no_log.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

bool may_fail(const plan::StagePlan& stage, std::uint32_t step) {
  return step < stage.tasks.steps.size() && stage.tasks.steps[step].may_fail;
}

const plan::StagePlan* find_stage_plan(const OpenRun& run, const std::string& name) {
  for (const auto& stage : run.plan.stages)
    if (stage.name == name) return &stage;
  return nullptr;
}

bool has_such_steps(const plan::Plan& plan) {
  for (const auto& stage : plan.stages)
    for (const auto& step : stage.tasks.steps)
      if (step.may_fail) return true;
  return false;
}

bool is_failed_step(const journal::Record& record) {
  return record.kind == journal::kind::step_ended && record.text("status") == "failed";
}

ToleratedFailure failure_of(const journal::Record& record) {
  return {record.text("stage"),
          static_cast<std::uint64_t>(record.integer("index")),
          static_cast<std::uint32_t>(record.integer("attempt")),
          static_cast<std::uint32_t>(record.integer("step")),
          record.text("class"),
          record.text("sentence")};
}

/// Failures of one step of one stage.
struct Kind {
  const ToleratedFailure* first;
  Ranges tasks;
};

std::vector<Kind> kinds_of(const std::vector<ToleratedFailure>& failures) {
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

Result<std::vector<ToleratedFailure>> tolerated_failures(const OpenRun& run) {
  std::vector<ToleratedFailure> found;
  if (!has_such_steps(run.plan)) return found;
  FOZ_TRY(const auto journal, journal::read(run.folder.journal(), is_failed_step));
  // by the place of its stage, then task and step; a later attempt takes the earlier one's place
  std::map<std::tuple<std::size_t, std::uint64_t, std::uint32_t>, ToleratedFailure> newest;
  for (const journal::Record& record : journal.records) {
    ToleratedFailure failure = failure_of(record);
    const auto* stage = find_stage_plan(run, failure.stage);
    if (stage == nullptr || !may_fail(*stage, failure.step)) continue;
    const auto place = static_cast<std::size_t>(stage - run.plan.stages.data());
    auto& last = newest[{place, failure.index, failure.step}];
    if (failure.attempt >= last.attempt) last = std::move(failure);
  }
  for (auto& [key, failure] : newest) found.push_back(std::move(failure));
  return found;
}

std::string tolerated_text(const OpenRun& run, const std::vector<ToleratedFailure>& failures) {
  std::string out;
  for (const auto& [first, tasks] : kinds_of(failures)) {
    const auto* stage = find_stage_plan(run, first->stage);
    out += fmt::format("  {} step {} failed, as it may: {}\n",
                       task_label(first->stage, stage->tasks.tasks, first->index), first->step,
                       printable_lines(first->sentence, "      "));
    out += alike_text(tasks);
  }
  return out;
}

}  // namespace foz::cli
