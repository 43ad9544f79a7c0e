// decide() on small random runs in a simulated world: what it asks for leads, in a few rounds, to a
// state in which it asks for nothing; and every run comes to its end, each task having run at most
// once.
#include "tests/unit/run/decide_world.h"

namespace foz::run {
namespace {

/// What an advance does again where a cancellation has made room for another part.
bool is_of_each_wave(Action::Kind kind) {
  using enum Action::Kind;
  return kind == submit_advance_job || kind == record_jobs || kind == release_stage;
}

/// Decides and acts until nothing is asked for. The same thing is never asked for twice.
void settle(World& world) {
  const std::size_t limit = 3 + 2 * world.plan().stages.size();
  std::vector<std::string> before;
  for (std::size_t round = 0; round < limit; ++round) {
    const std::vector<Action> actions = decide(world.plan(), world.look_at());
    if (actions.empty()) return;
    for (const Action& action : actions) {
      const std::string line = line_of(action);
      const bool may_repeat = world.plan().waves && is_of_each_wave(action.kind);
      EXPECT_TRUE(may_repeat || std::count(before.begin(), before.end(), line) == 0)
          << line << " again";
      before.push_back(line);
      world.apply(action);
    }
  }
  ADD_FAILURE() << "still not settled: "
                << testing::PrintToString(lines_of(decide(world.plan(), world.look_at())));
}

/// What no keeper and no accounting speaks of stays unknown, and with it what waits for it.
bool is_told(const RunStatus& status) {
  return std::none_of(status.stages.begin(), status.stages.end(), [](const StageStatus& stage) {
    const auto found = stage.counts.find(TaskState::unknown);
    return found != stage.counts.end() && found->second > 0;
  });
}

/// No task twice, and where every end is told nothing is left. False: an end is not told.
bool is_at_its_end(World& world) {
  const RunStatus end = judge(world.plan(), world.look_at());
  for (const auto& [place, times] : world.starts()) {
    EXPECT_EQ(times, 1) << place.first << " " << place.second;
  }
  if (!is_told(end)) return false;
  EXPECT_TRUE(end.is_over) << end.state;
  EXPECT_EQ(world.living(), 0U);
  return true;
}

TEST(DecideWorld, EveryRunSettlesAndComesToItsEnd) {
  constexpr unsigned k_runs = 2000;
  unsigned over = 0;
  for (unsigned seed = 0; seed < k_runs && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (std::uint32_t i = world.pick(12); i > 0; --i) {
      world.happen();
      if (world.pick(3) == 0) settle(world);
    }
    settle(world);
    for (int i = 0; i < 100 && world.can_go_on(); ++i) {
      world.start_one();
      world.end_one();
      settle(world);
    }
    if (is_at_its_end(world)) ++over;
  }
  EXPECT_GT(over, k_runs * 8 / 10);
}

/// What starts next starts, an advance job settles the run, and something ends.
void let_slurm_go_on(World& world) {
  world.start_one();
  if (world.is_advance_job_at_work()) {
    settle(world);
    world.end_advance_jobs();
  }
  world.end_one();
}

/// Where there is something to be done, and nobody to do it, the run says so.
void expect_to_be_told_if_left_alone(World& world) {
  world.time_passes();
  const std::vector<Action> actions = decide(world.plan(), world.look_at());
  const bool is_left = std::any_of(actions.begin(), actions.end(), [](const Action& action) {
    using enum Action::Kind;
    return action.kind == submit || action.kind == release_stage || action.kind == release_partner;
  });
  if (!is_left) return;
  const auto remarks = judge(world.plan(), world.look_at()).remarks;
  EXPECT_THAT(remarks, testing::ElementsAre(testing::EndsWith("'foz advance' does it")))
      << testing::PrintToString(lines_of(actions));
}

/// Runs larger than the queue, which refuses what is over its limit. Nobody goes on with them but
/// advance jobs.
TEST(DecideWorld, EveryRunInWavesComesToItsEndByItself) {
  constexpr unsigned k_runs = 1000;
  unsigned larger = 0;
  for (unsigned seed = 0; seed < k_runs && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, World::Size::in_waves);
    world.make_keepers_sound();
    settle(world);
    for (int i = 0; i < 200 && world.can_go_on(); ++i) let_slurm_go_on(world);
    settle(world);  // advance jobs that still wait for what will never come
    EXPECT_TRUE(is_at_its_end(world)) << "an end that is not told";
    if (world.starts().size() > world.plan().waves->jobs_at_once) ++larger;
  }
  EXPECT_GT(larger, k_runs / 5);
}

/// The same, disturbed in every way. Where nobody is left to go on, 'foz advance' does it, once it
/// has been told.
TEST(DecideWorld, EveryDisturbedRunInWavesComesToItsEndOrSaysWhy) {
  constexpr unsigned k_runs = 2000;
  unsigned over = 0, left_alone = 0;
  for (unsigned seed = 0; seed < k_runs && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, World::Size::in_waves);
    settle(world);
    for (int i = 0; i < 200; ++i) {
      if (world.pick(4) == 0) world.happen();
      if (world.pick(12) == 0) world.kill_an_advance_job();
      if (!world.can_go_on()) {
        expect_to_be_told_if_left_alone(world);
        settle(world);
        if (!world.can_go_on()) break;
        ++left_alone;
      }
      let_slurm_go_on(world);
    }
    if (is_at_its_end(world)) ++over;
  }
  EXPECT_GT(over, k_runs / 2);
  EXPECT_GT(left_alone, k_runs / 10);
}

}  // namespace
}  // namespace foz::run
