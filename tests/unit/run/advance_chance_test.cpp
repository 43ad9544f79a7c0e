// Workflows, moments and ends by chance (of fixed seeds): advance comes to rest, and every run to
// its end, each task having run once at most.
#include <random>

#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

class ByChance : public RunTest {
 protected:
  /// 0 .. count-1.
  std::size_t any_of(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(chance_);
  }
  bool one_in(std::size_t count) { return any_of(count) == 0; }

  std::vector<StageWords> any_stages() {
    std::vector<StageWords> stages;
    const std::size_t count = 1 + any_of(5);
    for (std::size_t number = 0; number < count; ++number) {
      StageWords& stage = stages.emplace_back();
      stage.name = std::string(1, static_cast<char>('a' + number));
      stage.tasks = 1 + any_of(4);
      for (std::size_t parent = 0; parent < number; ++parent) {
        if (one_in(2))
          stage.needs.emplace_back(stages[parent].name, any_edge(stage, stages[parent]));
      }
    }
    return stages;
  }

  task::EdgeKind any_edge(const StageWords& stage, const StageWords& parent) {
    const bool may_be_each = stage.tasks > 1 && stage.tasks == parent.tasks;
    if (may_be_each && one_in(2)) return task::EdgeKind::each;
    return one_in(2) ? task::EdgeKind::success : task::EdgeKind::finished;
  }

  /// Something that can start does, and ends in some way.
  bool run_one() {
    const auto ready = cluster_.startable();
    if (ready.empty()) return false;
    const slurm::FakeTask task = ready[any_of(ready.size())];
    cluster_.start(task);
    cluster_.finish(task, end_of(task));
    return true;
  }

  slurm::FakeEnd end_of(const slurm::FakeTask& task) {
    const slurm::SubmitRequest& request = cluster_.request(task.job);
    if (one_in(9)) return {slurm::State::node_fail, 0, 0};  // nobody wrote a word
    const std::string word = one_in(6) ? "failed" : "succeeded";
    keepers_see_to_partners_ = !one_in(4);
    return keep(task, request, [&word](const std::string&, std::uint64_t) { return word; });
  }

  void pass_time() {
    clock_.time += 60'000;
    cluster_.now = clock_.time;
  }

  /// What was cancelled is recorded by the next advance: twice is enough.
  void advance_to_rest() {
    last_ = advance();
    ASSERT_TRUE(last_) << last_.error().message;
    ASSERT_TRUE(advance());
    for (const Action& action : decide(plan_, seen(AskQueue::always))) {
      ADD_FAILURE() << "wanted again: " << static_cast<int>(action.kind) << " " << action.stage
                    << " " << action.elements << " " << action.sentence;
    }
  }

  void run_by_chance() {
    constexpr int k_steps = 400;
    for (int step = 0; step < k_steps; ++step) {
      if (one_in(3) || !run_one()) {
        pass_time();
        advance_to_rest();
        if (HasFailure() || last_->over) return;
      }
      if (one_in(8)) cluster_.purge_ended();
    }
    ADD_FAILURE() << "the run does not end: " << status().state;
  }

  std::mt19937 chance_;
  Result<Advanced> last_ = Advanced{};
};

TEST_F(ByChance, AdvanceComesToRestAndEveryRunEnds) {
  for (unsigned seed = 1; seed <= 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    chance_.seed(seed);
    fs::remove_all(run_folder());
    cluster_ = slurm::FakeCluster();
    cluster_.now = clock_.time;
    starts_.clear();
    create(any_stages(), 3);
    run_by_chance();
    EXPECT_EQ(cluster_.tasks_in_queue(), 0U);
    for (const auto& [task, count] : starts_) EXPECT_EQ(count, 1) << task.first << task.second;
  }
}

}  // namespace
}  // namespace foz::run
