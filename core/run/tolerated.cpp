#include "core/run/tolerated.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace foz::run {

namespace {

namespace kind = journal::kind;
using journal::Record;

/// Null: the plan has none of that name.
const plan::StagePlan* stage_of(const plan::Plan& plan, const Record& record) {
  const std::string name = record.text("stage");
  const auto found =
      std::find_if(plan.stages.begin(), plan.stages.end(),
                   [&name](const plan::StagePlan& stage) { return stage.name == name; });
  return found == plan.stages.end() ? nullptr : &*found;
}

bool may_fail(const plan::StagePlan& stage, std::int64_t step) {
  const auto& steps = stage.tasks.steps;
  return step >= 0 && static_cast<std::size_t>(step) < steps.size() &&
         steps[static_cast<std::size_t>(step)].may_fail;
}

bool has_steps_that_may_fail(const plan::Plan& plan) {
  return std::any_of(plan.stages.begin(), plan.stages.end(), [](const plan::StagePlan& stage) {
    const auto& steps = stage.tasks.steps;
    return std::any_of(steps.begin(), steps.end(), [](const auto& step) { return step.may_fail; });
  });
}

/// Keeps of each step the end of its newest start.
class Ends {
 public:
  explicit Ends(const plan::Plan& plan) : plan_(plan) {}

  void take(const Record& record) {
    const bool is_end = is_end_that_may_fail(plan_, record);
    if (!is_end && record.kind != kind::task_started) return;
    const plan::StagePlan* stage = stage_of(plan_, record);
    if (stage == nullptr) return;
    const Task task{stage - plan_.stages.data(), record.integer("index")};
    auto& newest = attempts_[task];
    newest = std::max(newest, record.integer("attempt"));
    if (is_end) take_end(task, record);
  }

  [[nodiscard]] std::vector<ToleratedFailure> failures() const {
    std::vector<ToleratedFailure> found;
    for (const auto& [step, end] : ends_) {
      const bool is_present = end->integer("attempt") == attempts_.at(step.first);
      if (is_present && end->text("status") == "failed") found.push_back(failure(*end));
    }
    return found;
  }

 private:
  using Task = std::pair<std::ptrdiff_t, std::int64_t>;  ///< place of its stage, index

  static std::pair<std::int64_t, std::int64_t> age(const Record& end) {
    return {end.integer("attempt"), end.integer("start")};
  }

  void take_end(const Task& task, const Record& record) {
    const Record*& last = ends_[{task, record.integer("step")}];
    if (last == nullptr || age(*last) <= age(record)) last = &record;
  }

  static ToleratedFailure failure(const Record& end) {
    return {end.text("stage"),
            static_cast<std::uint64_t>(end.integer("index")),
            static_cast<std::uint32_t>(end.integer("attempt")),
            static_cast<std::uint32_t>(end.integer("step")),
            end.text("class"),
            end.text("sentence")};
  }

  const plan::Plan& plan_;
  std::map<Task, std::int64_t> attempts_;
  std::map<std::pair<Task, std::int64_t>, const Record*> ends_;
};

}  // namespace

bool is_end_that_may_fail(const plan::Plan& plan, const Record& record) {
  if (record.kind != kind::step_ended) return false;
  const plan::StagePlan* stage = stage_of(plan, record);
  return stage != nullptr && may_fail(*stage, record.integer("step"));
}

std::vector<ToleratedFailure> tolerated_failures(const plan::Plan& plan,
                                                 const std::vector<Record>& records) {
  if (!has_steps_that_may_fail(plan)) return {};
  Ends ends(plan);
  for (const Record& record : records) ends.take(record);
  return ends.failures();
}

}  // namespace foz::run
