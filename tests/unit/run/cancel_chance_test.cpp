// Cancellations at any moment (of fixed seeds): what status called over before is the same after,
// and everything is over.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>

#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

class CancelByChance : public RunTest {
 protected:
  std::size_t any_of(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(chance_);
  }
  bool one_in(std::size_t count) { return any_of(count) == 0; }

  std::vector<StageWords> any_stages() {
    constexpr std::array k_edges = {task::EdgeKind::success, task::EdgeKind::finished,
                                    task::EdgeKind::each};
    std::vector<StageWords> stages;
    const std::size_t count = 2 + any_of(4);
    const std::size_t width = 1 + any_of(4);
    for (std::size_t number = 0; number < count; ++number) {
      StageWords& stage = stages.emplace_back();
      stage.name = std::string(1, static_cast<char>('a' + number));
      stage.tasks = one_in(3) ? 1 : width;
      for (std::size_t parent = 0; parent < number; ++parent) {
        if (one_in(2)) continue;
        const task::EdgeKind edge = k_edges.at(any_of(k_edges.size()));
        const bool may_be_each = stage.tasks == stages[parent].tasks && stage.tasks > 1;
        if (edge == task::EdgeKind::each && !may_be_each) continue;
        stage.needs.emplace_back(stages[parent].name, edge);
      }
    }
    return stages;
  }

  /// Something starts, ends, is cancelled by a person, is forgotten, or time passes.
  void happen() {
    const auto ready = cluster_.startable();
    if (!ready.empty() && !one_in(4)) {
      const slurm::FakeTask task = ready[any_of(ready.size())];
      cluster_.start(task);
      if (one_in(6)) return;  // runs on
      cluster_.finish(task, end_of(task));
    } else if (one_in(3)) {
      cancel_any();
    } else if (one_in(3)) {
      cluster_.purge_ended();
    }
    clock_.time += 60'000;
    cluster_.now = clock_.time;
  }

  slurm::FakeEnd end_of(const slurm::FakeTask& task) {
    if (one_in(6)) return {slurm::State::node_fail, 0, 0};  // nobody wrote a word
    const std::string word = one_in(3) ? "failed" : "succeeded";
    keepers_see_to_partners_ = !one_in(4);
    return keep(task, cluster_.request(task.job),
                [&word](const std::string&, std::uint64_t) { return word; });
  }

  void cancel_any() {
    const std::vector<JobId> jobs = cluster_.jobs();
    if (jobs.empty()) return;
    const JobId job = jobs[any_of(jobs.size())];
    const bool is_array = !cluster_.request(job).array.empty();
    cluster_.cancel({{job, is_array && one_in(2) ? "0" : ""}});
  }

  /// "b[1] dependency_failed": everything that is over.
  [[nodiscard]] std::vector<std::string> ends(const RunStatus& status) const {
    std::vector<std::string> lines;
    const auto add = [&](const StageStatus& stage, std::uint64_t index, TaskState state,
                         const std::string& cls, const std::string& sentence) {
      if (!is_over(state)) return;
      lines.push_back(
          fmt::format("{}[{}] {} {} '{}'", stage.name, index, state_name(state), cls, sentence));
    };
    for (const StageStatus& stage : status.stages) {
      for (const TaskGroup& group : stage.groups) {
        for (std::uint64_t index = group.first; index <= group.last; ++index)
          add(stage, index, group.state, group.cls, group.sentence);
      }
      for (const auto& [index, task] : stage.known)
        add(stage, index, task.state, task.cls, task.sentence);
    }
    return lines;
  }

  void expect_kept(const std::vector<std::string>& before, const RunStatus& after) const {
    const std::vector<std::string> now = ends(after);
    for (const std::string& line : before) {
      EXPECT_EQ(std::count(now.begin(), now.end(), line), 1)
          << line << " in " << testing::PrintToString(now);
    }
  }

  std::mt19937 chance_;
};

TEST_F(CancelByChance, WhatWasOverStaysWhatItWas) {
  std::size_t kept = 0;
  for (unsigned seed = 1; seed <= 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    chance_.seed(seed);
    fs::remove_all(run_folder());
    cluster_ = slurm::FakeCluster();
    cluster_.limits.has_accounting = one_in(2);
    cluster_.now = clock_.time;
    create(any_stages(), 3);
    ASSERT_TRUE(advance());
    for (std::size_t i = any_of(8); i > 0; --i) {
      happen();
      if (!one_in(4)) continue;
      ASSERT_TRUE(advance());
    }
    const std::string stage = one_in(3) ? plan_.stages[any_of(plan_.stages.size())].name : "";
    const std::vector<std::string> before = ends(status());
    kept += before.size();
    ASSERT_TRUE(run::cancel(folder(), stage, slurm_, clock_, effects_));
    expect_kept(before, status());
    ASSERT_TRUE(run::cancel(folder(), "", slurm_, clock_, effects_));
    cluster_.purge_ended();
    const RunStatus end = status(AskQueue::always);
    expect_kept(before, end);
    EXPECT_TRUE(end.is_over) << end.state;
    EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
  }
  EXPECT_GT(kept, 200U);
}

}  // namespace
}  // namespace foz::run
