/// That a rank is told to end exactly once, whoever tells whom, and that what it leaves behind ends
/// with it.
#include <gmock/gmock.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/agent/process_tree.h"
#include "core/agent/witness.h"
#include "core/base/text.h"
#include "tests/process/task_run.h"
#include "tests/support/folders.h"

namespace foz::test {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr std::chrono::milliseconds k_time_to_tell_again{300};

/// Writes a line for each TERM, and goes on until the file "go" is there.
constexpr const char* k_counting =
    "import os, signal, time\n"
    "told = open('told.' + os.environ['FOZ_RANK'], 'a')\n"
    "signal.signal(signal.SIGTERM, lambda *_: print('TERM', file=told, flush=True))\n"
    "open('ready.' + os.environ['FOZ_RANK'], 'w').close()\n"
    "while not os.path.exists('go'): time.sleep(0.01)\n"
    "print('saved', file=told, flush=True)\n";

class Told : public testing::Test {
 protected:
  Told() {
    EXPECT_TRUE(write_file(run.workdir() / "count.py", k_counting, Durability::cached));
    run.stage.env = {{"TOLD", run.root().native()}};
  }

  void take_nodes(const std::string& names, const std::string& list, int count) {
    const std::string number = std::to_string(count);
    run.set("PATH", test::source_folder().native() +
                        "/tests/process/fake:" + *find_variable(run.environment, "PATH"));
    run.set("FAKE_NODES", names);
    run.set("FAKE_PIDS", (run.root() / "pids").native());
    run.set("SLURM_JOB_ID", "7");
    run.set("SLURM_JOB_NODELIST", list);
    run.set("SLURM_JOB_NUM_NODES", number);
    run.set("SLURM_JOB_CPUS_PER_NODE", "4(x" + number + ")");
    run.stage.address_form = "interface:lo";
  }

  void start(int ranks, int nodes = 1) {
    keeper = run.start_keeper();
    for (int rank = 0; rank < ranks; ++rank)
      wait_until([&] { return fs::exists(run.workdir() / ("ready." + std::to_string(rank))); });
    ASSERT_EQ(witnesses(), nodes);
  }

  [[nodiscard]] bool is_told(int rank) const {
    const std::string name = "told." + std::to_string(rank);
    return fs::exists(run.workdir() / name) && !run.file(name).empty();
  }

  enum class Order { parents_first, children_first };
  /// As Slurm's process tracking does it.
  void signal_everybody(Order order) const {
    auto all = agent::ProcessTree::read().from(keeper);
    if (order == Order::children_first) std::reverse(all.begin(), all.end());
    for (const agent::Process& process : all) agent::send_signal(process, SIGTERM);
  }

  /// Once the agents have nothing to tell any more: all witnesses are gone, and whoever would tell
  /// a second time has had the time for it.
  void let_go() {
    wait_until([&] { return witnesses() == 0; });
    std::this_thread::sleep_for(k_time_to_tell_again);
    ASSERT_TRUE(write_file(run.workdir() / "go", "", Durability::cached));
    run.wait_keeper(keeper);
  }
  [[nodiscard]] std::ptrdiff_t witnesses() const {
    const auto all = agent::ProcessTree::read().below(keeper);
    return std::count_if(all.begin(), all.end(), [](auto& process) {
      const auto name = read_file("/proc/" + std::to_string(process.pid) + "/comm", 4'096);
      return name && trim(*name) == agent::k_witness;
    });
  }
  [[nodiscard]] std::vector<int> left() const {
    return find_processes_with("TOLD=" + run.root().native());
  }

  TaskRun run;
  pid_t keeper = -1;
};

class ToldByAll : public Told, public testing::WithParamInterface<bool> {
 protected:
  [[nodiscard]] static Order order() {
    return GetParam() ? Order::parents_first : Order::children_first;
  }
};
INSTANTIATE_TEST_SUITE_P(Orders, ToldByAll, testing::Bool(),
                         [](auto& one) { return one.param ? "ParentsFirst" : "ChildrenFirst"; });

TEST_P(ToldByAll, ARankOfOneNodeIsNotToldAgain) {
  run.add_argv({"python3", "count.py"});
  start(1);
  signal_everybody(order());
  let_go();
  EXPECT_EQ(run.file("told.0"), "TERM\nsaved\n");
  EXPECT_EQ(run.end().text("outcome"), "cancelled");
}

TEST_P(ToldByAll, WhatRunsBelowAShellThatDiedOfItIsGivenTheTimeToSave) {
  run.add_shell("python3 count.py; echo not reached");
  start(1);
  signal_everybody(order());
  let_go();
  EXPECT_EQ(run.file("told.0"), "TERM\nsaved\n");
  EXPECT_EQ(run.log(), "");
  EXPECT_THAT(left(), IsEmpty());
}

TEST_P(ToldByAll, RanksOfSeveralNodesAreNotToldAgain) {
  take_nodes("n1,n2", "n[1-2]", 2);
  run.stage.geometry.ranks_per_node = 2;
  run.add_argv({"python3", "count.py"});
  start(4, 2);
  signal_everybody(order());
  let_go();
  for (int rank = 0; rank < 4; ++rank)
    EXPECT_EQ(run.file("told." + std::to_string(rank)), "TERM\nsaved\n");
  EXPECT_THAT(left(), IsEmpty());
}

TEST_F(Told, ByTheKeeperWhereOnlyTheKeeperIsSignalled) {
  take_nodes("n1,n2", "n[1-2]", 2);
  run.add_argv({"python3", "count.py"});
  start(2, 2);
  ::kill(keeper, SIGTERM);
  wait_until([&] { return is_told(0) && is_told(1); });
  let_go();
  EXPECT_EQ(run.file("told.0"), "TERM\nsaved\n");
  EXPECT_EQ(run.file("told.1"), "TERM\nsaved\n");
}

TEST_F(Told, OnceWhereACancelComesWhileTheOthersOfAFailedRankAreSaving) {
  run.stage.geometry.ranks_per_node = 2;
  run.add_argv({"sh", "-c",
                "test $FOZ_RANK = 0 && exec python3 count.py; touch ready.1; until [ -e ready.0 ]; "
                "do sleep 0.01; done; exit 3"});
  start(2);
  wait_until([&] { return is_told(0); });
  ::kill(keeper, SIGTERM);
  wait_until([&] { return !run.records(journal::kind::note).empty(); });
  let_go();
  EXPECT_EQ(run.file("told.0"), "TERM\nsaved\n");
  EXPECT_EQ(run.end().integer("exit"), 3);
}

/// The grace is 30 s here; what is left behind is not given that.
TEST_F(Told, WhatARankLeavesBehindEndsSoonAfterIt) {
  run.stage.geometry.ranks_per_node = 3;
  run.add_shell(
      "case $FOZ_RANK in\n"
      "0) trap 'exit 0' TERM; sleep 1000 & touch ready.0; wait;;\n"
      "1) until [ -e ready.0 ] && [ -e ready.2 ]; do sleep 0.01; done; exit 3;;\n"
      "2) setsid bash -c 'trap \"echo told >> told.2\" TERM; touch ready.2; while true; do sleep "
      "0.01; done' & trap 'exit 0' TERM; wait;;\n"
      "esac");
  const auto begin = steady_clock::now();
  EXPECT_TRUE(run.keep().exited_with(3));
  EXPECT_LT(steady_clock::now() - begin, seconds(15));
  EXPECT_EQ(run.file("told.2"), "told\n");
  EXPECT_THAT(left(), IsEmpty());
}

}  // namespace
}  // namespace foz::test
