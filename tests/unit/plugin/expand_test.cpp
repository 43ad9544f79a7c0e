#include "core/plugin/expand.h"

#include <gtest/gtest.h>

#include "tests/unit/plugin/world.h"

namespace foz::plugin {
namespace {

constexpr const char* k_rank_dir = "/run/task/worker.1";

/// The text as the second worker sees it.
std::string seen(const std::string& text) {
  const LaunchRequest request = world_of_two();
  const Launch launch{{role_launch("worker", {"p", text})}, "", 30, ""};
  const auto command = Expander(launch, request).expand(2, k_rank_dir);
  return command ? command->argv[1] : command.error().message;
}

TEST(Expand, FillsEveryReference) {
  EXPECT_EQ(seen("${{ rank }}/${{ world_size }} ${{ role }} ${{ role_rank }}/${{ role_size }}"),
            "1/2 worker 1/2");
  EXPECT_EQ(seen("${{ local_rank }}/${{ local_size }} ${{ attempt }}.${{ start }} ${{ nonce }}"),
            "0/1 3.1 0123");
  EXPECT_EQ(seen("${{ task_dir }} ${{ rank_dir }} ${{ plugin_dir }}"),
            "/run/task /run/task/worker.1 /run/plugins/x");
  EXPECT_EQ(seen("[${{ checkpoint.path }}] ${{ hosts }} ${{ addresses }} ${{ port.ui }}"),
            "[] n1,n2 10.0.0.1,fd00::2 3002");
  EXPECT_EQ(seen("${{ node.index }} ${{ node.name }} ${{ node.address }} ${{ node.switch }}"),
            "1 n2 fd00::2 top.s2");
  EXPECT_EQ(seen("${{ node.cpus }} ${{ node.memory_mib }} [${{ node.gpus }}] ${{ node.scratch }}"),
            "8 4096 [] /scratch/n2");
}

TEST(Expand, ListsEndpointsInRankOrder) {
  EXPECT_EQ(seen("${{ endpoints.worker.rpc }}"), "10.0.0.1:2001,[fd00::2]:3001");
  EXPECT_EQ(seen("${{ endpoints.worker.rpc.0 }} ${{ endpoints.master.rpc }}"),
            "10.0.0.1:2001 10.0.0.1:7077");
  EXPECT_EQ(seen("${{ endpoints_json.worker.ui }}"), R"(["10.0.0.1:2002","[fd00::2]:3002"])");
}

TEST(Expand, TakesEscapesAway) {
  EXPECT_EQ(seen("$${{ rank }} " + literal("${{ x }} $${{ y }}")),
            "${{ rank }} ${{ x }} $${{ y }}");
}

TEST(Expand, NamesTheRankAndTheMemberOfWhatIsNotKnown) {
  EXPECT_EQ(seen("${{ endpoints.worker.rpc.2 }}"),
            "worker.1: argv: 'endpoints.worker.rpc.2' is not known here");
  EXPECT_EQ(seen("${{ endpoints.ps.rpc }}"),
            "worker.1: argv: 'endpoints.ps.rpc' is not known here");
  EXPECT_EQ(seen("${{ with.script }}"), "worker.1: argv: 'with.script' is not known here");
  EXPECT_EQ(seen("${{ port.none }}"), "worker.1: argv: 'port.none' is not known here");
}

TEST(Expand, RefusesWhatNoProcessCanBeGiven) {
  EXPECT_EQ(seen(std::string("a\0b", 3)), "worker.1: argv holds a NUL byte");
  const LaunchRequest request = world_of_two();
  Launch launch{{role_launch("worker", {"p"})}, "", 30, ""};
  launch.roles[0].env = {{"A=B", "x"}};
  EXPECT_EQ(Expander(launch, request).expand(1, "/r").error().message,
            "worker.0: 'A=B' is no name of a variable");
  launch.roles[0] = role_launch("worker", {});
  EXPECT_EQ(Expander(launch, request).expand(1, "/r").error().message,
            "worker.0: its argv names no program");
  EXPECT_EQ(Expander(launch, request).expand(0, "/r").error().message,
            "the launch says nothing of role 'master'");
}

TEST(Expand, PutsRelativeFilesIntoTheRanksFolder) {
  const LaunchRequest request = world_of_two();
  RoleLaunch worker = role_launch("worker", {"p"});
  worker.files = {{"conf/${{ role_rank }}.txt", "r${{ rank }}\n", 0640}, {"/abs", "", 0600}};
  worker.env = {{"A", "${{ rank }}"}, {"A", "b"}};
  worker.unset = {"SLURM_*"};
  worker.after = {"master"};
  worker.ready = Readiness{.file = "up.${{ rank }}"};
  worker.proof = Proof{"world", "${{ world_size }}", "not all"};
  const auto command = Expander({{worker}, "", 30, ""}, request).expand(1, "/r/w0").value();
  EXPECT_EQ(command.files[0].path, "/r/w0/conf/0.txt");
  EXPECT_EQ(command.files[0].content, "r0\n");
  EXPECT_EQ(command.files[0].mode, 0640U);
  EXPECT_EQ(command.files[1].path, "/abs");
  EXPECT_EQ(command.env,
            (std::vector<std::pair<std::string, std::string>>{{"A", "0"}, {"A", "b"}}));
  EXPECT_EQ(command.unset, worker.unset);
  EXPECT_EQ(command.after, worker.after);
  EXPECT_EQ(command.ready->file, "/r/w0/up.0");
  EXPECT_EQ(command.proof->file, "/r/w0/world");
  EXPECT_EQ(command.proof->equals, "2");
}

TEST(Expand, WritesAHostfileOfNamesOnlyForThoseWhoReferToIt) {
  const LaunchRequest request = world_of_two();
  const Launch launch{
      {role_launch("worker", {"p", "${{ hostfile }}"}), role_launch("master", {"p"})}, "", 30, ""};
  const auto worker = Expander(launch, request).expand(1, "/r").value();
  EXPECT_EQ(worker.argv[1], "/r/hostfile");
  ASSERT_EQ(worker.files.size(), 1U);
  EXPECT_EQ(worker.files[0].content, "n1\nn2\n");
  EXPECT_TRUE(Expander(launch, request).expand(0, "/r")->files.empty());
}

/// Wherever a command can name a file or folder of its own, it gets it.
TEST(Expand, MakesWhatIsNamedWhereverItIsNamed) {
  const LaunchRequest request = world_of_two();
  const std::string all = "${{ hostfile }} ${{ rank_dir }} ${{ task_dir }}";
  std::vector<std::pair<const char*, RoleLaunch>> places;
  const auto place = [&](const char* name) -> RoleLaunch& {
    return places.emplace_back(name, role_launch("worker", {"p"})).second;
  };
  place("argv").argv.push_back(all);
  place("env").env = {{"A", all}};
  place("file").files = {{"/abs", all, 0600}};
  place("ready").ready = Readiness{.line = all};
  place("proof").proof = Proof{"/abs", all, ""};
  place("own_env");
  for (const auto& [name, role] : places) {
    const Variables own_env =
        name == std::string("own_env") ? Variables{{"OWN", all}} : Variables{};
    const auto command = Expander({{role}, "", 30, ""}, request).expand(1, "/r", own_env).value();
    EXPECT_EQ(command.folders, (std::vector<std::string>{"/r", "/run/task"})) << name;
    ASSERT_FALSE(command.files.empty()) << name;
    EXPECT_EQ(command.files.back().path, "/r/hostfile") << name;
  }
  const auto plain =
      Expander({{role_launch("worker", {"p"})}, "", 30, ""}, request).expand(1, "/r");
  EXPECT_TRUE(plain->folders.empty());
  EXPECT_TRUE(plain->files.empty());
}

TEST(Expand, FillsTheCallersOwnVariables) {
  const LaunchRequest request = world_of_two();
  const Launch launch{{role_launch("worker", {"p"})}, "", 30, ""};
  const Expander expander(launch, request);
  EXPECT_EQ(expander.expand(2, "/r", {{"A", "r${{ rank }}"}})->own_env, (Variables{{"A", "r1"}}));
  EXPECT_EQ(expander.expand(2, "/r", {{"A", "${{ x.y }}"}}).error().message,
            "worker.1: variable 'A': 'x.y' is not known here");
}

TEST(Expand, KnowsTheFormOfItsReferences) {
  for (const char* path : {"rank", "hostfile", "addresses", "node.gpus", "checkpoint.path",
                           "port.grpc", "endpoints.w.p", "endpoints.w.p.3", "endpoints_json.w.p"}) {
    EXPECT_TRUE(is_rank_reference(path)) << path;
  }
  for (const char* path : {"ranks", "node", "node.x", "port", "port.a.b", "endpoints.w",
                           "endpoints.w.p.3.4", "endpoints_json.w.p.3", "with.x"}) {
    EXPECT_FALSE(is_rank_reference(path)) << path;
  }
}

// ---- check_launch -------------------------------------------------------------------------------

std::string checked(const Launch& launch) {
  const auto outcome = check_launch(launch, world_of_two());
  return outcome ? "good" : outcome.error().message;
}

Launch good_launch() {
  Launch launch{{role_launch("master", {"m"}), role_launch("worker", {"w"})}, "worker", 30, ""};
  launch.roles[1].after = {"master"};
  launch.roles[1].ready = Readiness{.role = "master", .tcp_port = "rpc"};
  return launch;
}

TEST(CheckLaunch, AcceptsOneThatFits) {
  EXPECT_EQ(checked(good_launch()), "good");
}

TEST(CheckLaunch, RefusesRolesThatDoNotFitTheShape) {
  Launch launch = good_launch();
  launch.roles[0].role = "ps";
  EXPECT_EQ(checked(launch), "the launch has role 'ps', which the shape has not");
  launch.roles[0].role = "worker";
  EXPECT_EQ(checked(launch), "the launch has role 'worker' twice");
  launch.roles.erase(launch.roles.begin());
  EXPECT_EQ(checked(launch), "the launch says nothing of role 'master'");
}

TEST(CheckLaunch, RefusesNamesThatNobodyHas) {
  Launch launch = good_launch();
  launch.ends_with = "driver";
  EXPECT_EQ(checked(launch),
            "the launch names role 'driver' in ends_with, which the shape has not");
  launch = good_launch();
  launch.roles[1].after = {"ps"};
  EXPECT_EQ(checked(launch), "the launch names role 'ps' in after, which the shape has not");
  launch = good_launch();
  launch.roles[1].ready->tcp_port = "ui";
  EXPECT_EQ(checked(launch),
            "the launch asks port 'ui' of role 'master', which has none of that name");
}

TEST(CheckLaunch, RefusesRolesThatWaitForEachOther) {
  Launch launch = good_launch();
  launch.roles[0].after = {"worker"};
  EXPECT_EQ(checked(launch), "the launch has role 'master' wait for itself");
}

}  // namespace
}  // namespace foz::plugin
