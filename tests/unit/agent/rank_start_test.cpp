#include "core/agent/rank_start.h"

#include <gmock/gmock.h>

namespace foz::agent {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

struct Sample {
  TaskPlan task;
  WorldPlan world;

  Sample() {
    task.identity = {"/run", "train", "train", TaskIndex{0}, Attempt{1}, {}};
    task.task_dir = "/run/tasks/train/1";
    task.log_dir = "/run/logs/train";
    task.workdir = "/work";
    task.env = {{"FIXED", "$${{ as is"}, {"ME", "r${{ rank }}"}, {"BOTH", "stage"}};
    task.umask = 022;
    task.limits = {{"nofile", "9"}};
    plugin::Node node;
    node.name = "n1";
    node.address = "fe80::1";
    world.request.nodes = {node};
    world.request.ranks = {{"worker", 0, 0, 0, 0, {{"rpc", 11}}},
                           {"worker", 1, 1, 0, 1, {{"rpc", 12}}}};
    world.request.world_size = 2;
    plugin::RoleLaunch role;
    role.role = "worker";
    role.argv = {"python", "${{ endpoints.worker.rpc }}"};
    role.env = {{"BOTH", "plugin ${{ role_rank }}"}};
    role.unset = {"GONE", "OMPI_*"};
    role.files = {{"conf/x", "size ${{ world_size }}", 0644}};
    world.launch.roles = {role};
    world.channel_nodes = {NodeIndex{0}};
    world.shares = {{3, {GpuShare::View::part, 0, 1}}, {3, {GpuShare::View::part, 1, 1}}};
  }
  RankStart start(std::size_t slot, const Environment& base) {
    const plugin::Expander expander(world.launch, world.request);
    auto made = make_rank_start(task, world, expander, slot, base);
    EXPECT_TRUE(made) << made.error().message;
    return made ? std::move(*made) : RankStart{};
  }
};

TEST(RankStart, SetsVariablesInTheirOrder) {
  Sample sample;
  const Environment base = {"PATH=/bin", "GONE=1",          "OMPI_X=1",
                            "BOTH=node", "FIXED=${{ as is", "CUDA_VISIBLE_DEVICES=a,b"};
  EXPECT_THAT(sample.start(1, base).spawn.environment,
              UnorderedElementsAre("PATH=/bin", "FIXED=${{ as is", "CUDA_VISIBLE_DEVICES=b",
                                   "FOZ_RANK=1", "FOZ_LOCAL_RANK=1", "FOZ_WORLD_SIZE=2", "ME=r1",
                                   "BOTH=plugin 1", "OMP_NUM_THREADS=3", "PWD=/work"));
}

TEST(RankStart, LeavesTheUsersThreadsAlone) {
  Sample sample;
  EXPECT_EQ(
      find_variable(sample.start(0, {"OMP_NUM_THREADS=1"}).spawn.environment, "OMP_NUM_THREADS"),
      "1");
}

TEST(RankStart, FillsWhatIsTheRanksOwn) {
  Sample sample;
  const RankStart start = sample.start(1, {});
  EXPECT_THAT(start.spawn.argv, ElementsAre("python", "[fe80::1]:11,[fe80::1]:12"));
  EXPECT_EQ(start.files.front().path, "/run/tasks/train/1/0.1/worker.1/conf/x");
  EXPECT_EQ(start.files.front().content, "size 2");
  EXPECT_EQ(start.log, "/run/logs/train/train.1.worker.1.log");
  EXPECT_EQ(start.separator, "");
  EXPECT_EQ(start.title, "rank worker.1 on n1");
  EXPECT_EQ(start.spawn.umask, 022U);
}

TEST(RankStart, MarksALaterStartInTheLog) {
  Sample sample;
  sample.world.request.start = 3;
  EXPECT_EQ(sample.start(0, {}).separator, "--- foz: start 3 ---");
}

TEST(RankStart, NamesAReferenceThatIsNotKnown) {
  Sample sample;
  sample.task.env = {{"X", "${{ needs.prepare.table }}"}};
  const plugin::Expander expander(sample.world.launch, sample.world.request);
  const auto start = make_rank_start(sample.task, sample.world, expander, 0, {});
  ASSERT_FALSE(start);
  EXPECT_EQ(start.error().message,
            "worker.0: variable 'X': 'needs.prepare.table' is not known here");
}

TEST(NodeVariables, AreThoseWithoutAReferenceToTheRank) {
  EXPECT_THAT(node_variables(Sample().task),
              ElementsAre(std::pair<std::string, std::string>("FIXED", "${{ as is"),
                          std::pair<std::string, std::string>("BOTH", "stage")));
}

}  // namespace
}  // namespace foz::agent
