#include "core/agent/world.h"

#include <gmock/gmock.h>

#include "core/plugin/placement.h"

namespace foz::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

plugin::LaunchRequest request_for(const plugin::Shape& shape, std::vector<plugin::Node> nodes) {
  plugin::LaunchRequest request;
  auto placement = plugin::place(shape, static_cast<std::uint32_t>(nodes.size()));
  EXPECT_TRUE(placement);
  request.nodes = std::move(nodes);
  request.ranks = std::move(placement->slots);
  request.world_size = placement->world_size;
  return request;
}

plugin::Node node_with(std::uint32_t cpus, std::vector<std::string> gpus = {}) {
  plugin::Node node;
  node.name = "n1";
  node.cpus = cpus;
  node.gpus = std::move(gpus);
  return node;
}

plugin::Role role(const std::string& name, std::uint32_t per_node, std::uint32_t cpus = 0) {
  plugin::Role made;
  made.name = name;
  made.per_node = per_node;
  made.cpus = cpus;
  return made;
}

TEST(OrderBySwitch, BringsNodesOfASwitchTogetherAndKeepsTheFirstFirst) {
  EXPECT_THAT(order_by_switch({"top.s1.n1", "top.s2.n2", "top.s1.n3", "top.s2.n4"}),
              ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(order_by_switch({"top.s9.n5", "top.s1.n6"}), ElementsAre(0, 1));
  EXPECT_THAT(order_by_switch({"a.x.n1", "b.y.n2", "a.z.n3", "b.y.n4", "a.x.n5"}),
              ElementsAre(0, 4, 2, 1, 3));
}

TEST(OrderBySwitch, KeepsTheOrderWhereNothingIsKnown) {
  EXPECT_THAT(order_by_switch({"", "", ""}), ElementsAre(0, 1, 2));
}

TEST(PlainLaunch, GivesAScriptToBashAndKeepsItsBytes) {
  const task::Step step{"", task::ShellCommand{"echo \"${{ not a reference\"\necho $X"},
                        task::StepPlace::ranks, false};
  EXPECT_THAT(plain_launch(step, "").roles.front().argv,
              ElementsAre("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c",
                          "echo \"$${{ not a reference\"\necho $X", "run"));
  EXPECT_THAT(plain_launch(step, "/run/script.sh").roles.front().argv,
              ElementsAre("bash", "--noprofile", "--norc", "-eo", "pipefail", "/run/script.sh"));
}

TEST(PlainShape, PutsAStepOnItsNodes) {
  task::Geometry geometry;
  geometry.ranks_per_node = 4;
  geometry.cpus_per_rank = 2;
  task::Step step{"", task::ShellCommand{"x"}, task::StepPlace::ranks, false};
  EXPECT_EQ(plain_shape(step, geometry).roles.front().per_node, 4U);
  EXPECT_EQ(plain_shape(step, geometry).roles.front().cpus, 2U);
  step.place = task::StepPlace::every_node;
  EXPECT_EQ(plain_shape(step, geometry).roles.front().per_node, 1U);
  EXPECT_EQ(plain_shape(step, geometry).roles.front().where, plugin::Where::all);
  step.place = task::StepPlace::first_node;
  EXPECT_EQ(plain_shape(step, geometry).roles.front().where, plugin::Where::first);
}

TEST(ShareOut, SplitsWhatIsLeftAmongThoseWhoDoNotSay) {
  const plugin::Shape shape{{role("master", 1, 1), role("worker", 2)}, {}};
  std::vector<std::uint32_t> cpus;
  for (const Share& share : share_out(shape, request_for(shape, {node_with(9)})))
    cpus.push_back(share.cpus);
  EXPECT_THAT(cpus, ElementsAre(1, 4, 4));
}

TEST(ShareOut, NeverGivesLessThanOneCpu) {
  const plugin::Shape shape{{role("worker", 4)}, {}};
  EXPECT_EQ(share_out(shape, request_for(shape, {node_with(2)})).front().cpus, 1U);
}

TEST(ShareOut, HidesGpusFromThoseWhoDoNotSeeThemAndSplitsThemAmongTheOthers) {
  plugin::Shape shape{{role("master", 1), role("worker", 2)}, {}};
  shape.roles[0].sees_gpus = false;
  const auto shares = share_out(shape, request_for(shape, {node_with(4, {"a", "b"})}));
  EXPECT_EQ(shares[0].gpus.view, GpuShare::View::none);
  EXPECT_EQ(shares[1].gpus, (GpuShare{GpuShare::View::part, 0, 1}));
  EXPECT_EQ(shares[2].gpus, (GpuShare{GpuShare::View::part, 1, 1}));
}

TEST(WorldPorts, AreCountedByNodeAndAssignedInSlotOrder) {
  plugin::Shape shape{{role("server", 1), role("worker", 2)}, {}};
  shape.roles[0].where = plugin::Where::first;
  shape.roles[0].ports = {"http"};
  shape.roles[1].ports = {"rpc", "data"};
  plugin::LaunchRequest request = request_for(shape, {node_with(1), node_with(1)});
  EXPECT_THAT(count_ports(request), ElementsAre(5, 4));
  assign_ports(request, {{11, 12, 13, 14, 15}, {21, 22, 23, 24}});
  EXPECT_EQ(request.ranks[0].ports.at("http"), 11);
  EXPECT_EQ(request.ranks[1].ports,
            (std::map<std::string, std::uint16_t>{{"data", 12}, {"rpc", 13}}));
  EXPECT_EQ(request.ranks[4].ports,
            (std::map<std::string, std::uint16_t>{{"data", 23}, {"rpc", 24}}));
}

WorldPlan world_with(std::vector<plugin::RoleLaunch> roles, std::vector<plugin::RankSlot> ranks) {
  WorldPlan plan;
  plan.world = 3;
  plan.launch.roles = std::move(roles);
  plan.request.ranks = std::move(ranks);
  plan.request.nodes = {node_with(1)};
  plan.channel_nodes = {NodeIndex{5}};
  return plan;
}
plugin::RoleLaunch launch_of(const std::string& name, std::vector<std::string> after = {}) {
  plugin::RoleLaunch launch;
  launch.role = name;
  launch.argv = {"x"};
  launch.after = std::move(after);
  return launch;
}

TEST(ViewOf, ShowsTheMachineWhoWaitsForWhomAndWhoDecides) {
  WorldPlan plan = world_with({launch_of("driver", {"master"}), launch_of("master")},
                              {{"master", 0, 0, 0, 0, {}}, {"driver", 0, 0, 0, 0, {}}});
  plan.launch.roles[1].ready = plugin::Readiness{};
  plan.launch.ends_with = "driver";
  plan.launch.stop_grace_s = 7;
  const auto view = view_of(plan);
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->world, 3U);
  EXPECT_EQ(view->stop_grace, std::chrono::seconds(7));
  EXPECT_THAT(view->roles[0].after, ElementsAre(1));
  EXPECT_TRUE(view->roles[0].decides);
  EXPECT_FALSE(view->roles[1].decides);
  EXPECT_TRUE(view->roles[1].probed);
  EXPECT_EQ(view->ranks[0].role, 1U);
  EXPECT_EQ(view->ranks[0].node, NodeIndex{5});
}

TEST(ViewOf, RefusesALaunchThatCanNeverStart) {
  EXPECT_EQ(view_of(world_with({launch_of("a", {"b"}), launch_of("b", {"a"})}, {})).error().message,
            "its roles wait for each other in a circle");
  EXPECT_EQ(view_of(world_with({launch_of("a", {"c"})}, {})).error().message,
            "role 'a' waits for 'c', which is no role");
  EXPECT_EQ(view_of(world_with({launch_of("a")}, {{"b", 0, 0, 0, 0, {}}})).error().message,
            "nothing is said of how role 'b' starts");
  WorldPlan plan = world_with({launch_of("a")}, {{"a", 0, 0, 0, 0, {}}});
  plan.launch.ends_with = "z";
  EXPECT_EQ(view_of(plan).error().message, "the step ends with 'z', which is no role");
}

TEST(Names, OfLogsFoldersAndRanks) {
  TaskPlan task;
  task.identity = {"/run", "train", "train.3", TaskIndex{3}, Attempt{2}, {}};
  task.task_dir = "/run/tasks/train.3/2";
  WorldPlan plan = world_with({launch_of("rank")}, {{"rank", 0, 0, 0, 0, {}}});
  plan.request.start = 2;
  EXPECT_EQ(log_name(task, plan, 0), "train.3.2.log");
  EXPECT_EQ(rank_dir(task, plan, 0), "/run/tasks/train.3/2/0.2/rank.0");
  EXPECT_EQ(rank_title(plan, 0), "rank 0 on n1");
  plan.step = "1";
  plan.request.ranks = {{"worker", 0, 0, 0, 0, {}}, {"worker", 1, 1, 0, 1, {}}};
  EXPECT_EQ(log_name(task, plan, 1), "train.3.2.s1.worker.1.log");
  EXPECT_EQ(rank_dir(task, plan, 1), "/run/tasks/train.3/2/1.2/worker.1");
  EXPECT_EQ(rank_title(plan, 1), "rank worker.1 on n1");
}

}  // namespace
}  // namespace foz::agent
