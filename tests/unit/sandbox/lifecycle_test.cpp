// Real sandboxes, built and destroyed in every way. Label slurm: needs munge and Slurm on the
// machine.
#include <gmock/gmock.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "core/base/text.h"
#include "core/sandbox/place.h"
#include "core/sandbox/programs.h"
#include "core/sandbox/sandbox.h"
#include "core/sandbox/state.h"
#include "tests/unit/sandbox/child.h"

namespace foz::sandbox {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

/// A home of its own for each test; whatever a test leaves is ended and reported.
class SandboxLife : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto programs = find_programs(current_environment()); !programs)
      GTEST_SKIP() << programs.error().message;
  }

  void TearDown() override {
    for (const std::string& name : list_names(home())) EXPECT_TRUE(down(name, home()));
    EXPECT_THAT(find_processes(home() / "box"), testing::IsEmpty());
  }

  [[nodiscard]] fs::path home() const { return folder_.path() / "home"; }
  [[nodiscard]] fs::path box() const { return home() / "box"; }

  [[nodiscard]] SandboxOptions options(int nodes = 2) const {
    SandboxOptions result;
    result.name = "box";
    result.nodes = nodes;
    result.home = home();
    return result;
  }

  /// What a client prints; the message where it failed.
  static std::string client(const Sandbox& sandbox, std::vector<std::string> argv) {
    Command command{.argv = std::move(argv)};
    command.environment = client_environment(sandbox, {}).set;
    command.environment->push_back("PATH=/usr/bin:/bin");
    command.directory = "/";
    const auto finished = run_command(command);
    if (!finished) return finished.error().message;
    return finished->exited_with(0) ? std::string(trim(finished->out))
                                    : finished->describe() + ": " + finished->err;
  }

  /// Kills a daemon as an accident would.
  static void kill_daemon(const Sandbox& sandbox, std::string_view role) {
    for (const Daemon& daemon : sandbox.daemons) {
      if (daemon.role != role) continue;
      EXPECT_TRUE(send_signal(daemon.process, SIGKILL));
      EXPECT_TRUE(eventually([&] { return !is_alive(daemon.process); }));
    }
  }

  /// Nothing of it is left: no process, no file.
  void expect_gone() const {
    EXPECT_THAT(find_processes(box()), testing::IsEmpty());
    EXPECT_FALSE(fs::exists(home()));
    EXPECT_EQ(status("box", home()).value().condition, Condition::absent);
  }

  test::TemporaryFolder folder_;
};

TEST_F(SandboxLife, StartsWithIdleNodesAndRunsAJobOnAllOfThem) {
  const auto done = up(options(4));
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->outcome, Outcome::started);
  EXPECT_LT(done->took, milliseconds(5'000));
  RecordProperty("milliseconds", static_cast<int>(done->took.count()));
  const auto found = status("box", home());
  EXPECT_EQ(found->condition, Condition::up);
  ASSERT_EQ(found->nodes.size(), 4U);
  EXPECT_TRUE(std::all_of(found->nodes.begin(), found->nodes.end(),
                          [](const NodeState& node) { return node.state == "idle"; }));
  EXPECT_EQ(
      client(*found,
             {"srun", "-N4", "-l", "sh", "-c", "echo $SLURMD_NODENAME $SLURM_TOPOLOGY_ADDR"})
          .size(),
      std::string("0: n1 top.s1.n1\n1: n2 top.s1.n2\n2: n3 top.s2.n3\n3: n4 top.s2.n4").size());
  EXPECT_THAT(client(*found, {"srun", "-N1", "-w", "n4", "printenv", "SLURM_TOPOLOGY_ADDR"}),
              "top.s2.n4");
}

TEST_F(SandboxLife, IsUpOnceHoweverOftenItIsAskedFor) {
  const auto first = up(options());
  ASSERT_TRUE(first) << first.error().message;
  const auto second = up(options());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->outcome, Outcome::already_up);
  EXPECT_EQ(second->sandbox.port, first->sandbox.port);
  EXPECT_EQ(second->sandbox.daemons.size(), 4U);
}

TEST_F(SandboxLife, WithOtherOptionsIsRefusedWhileItIsUp) {
  ASSERT_TRUE(up(options()));
  const auto other = up(options(3));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::refused);
  EXPECT_EQ(other.error().message,
            "sandbox 'box' is up with other options: end it first ('foz sandbox down --name box'), "
            "or take "
            "another name");
  EXPECT_EQ(status("box", home())->nodes.size(), 2U);
}

TEST_F(SandboxLife, SeveralStandSideBySide) {
  SandboxOptions other = options(1);
  other.name = "other";
  const auto first = up(options(1));
  const auto second = up(other);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_THAT(list_names(home()), ElementsAre("box", "other"));
  EXPECT_EQ(client(first->sandbox, {"srun", "printenv", "SLURM_CLUSTER_NAME"}), "foz-box");
  EXPECT_EQ(client(second->sandbox, {"srun", "printenv", "SLURM_CLUSTER_NAME"}), "foz-other");
  ASSERT_TRUE(down("box", home()));
  EXPECT_EQ(status("other", home())->condition, Condition::up);
  EXPECT_EQ(client(second->sandbox, {"srun", "true"}), "");
}

TEST_F(SandboxLife, AskedForTwiceAtOnceIsBuiltOnce) {
  Result<Up> one = fail(Code::failed, "not run");
  Result<Up> two = one;
  std::thread first([&] { one = up(options()); });
  std::thread second([&] { two = up(options()); });
  first.join();
  second.join();
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_THAT((std::vector{one->outcome, two->outcome}),
              testing::UnorderedElementsAre(Outcome::started, Outcome::already_up));
  EXPECT_EQ(one->sandbox.port, two->sandbox.port);
}

TEST_F(SandboxLife, GivesGpusThatAJobSees) {
  SandboxOptions with_gpus = options(1);
  with_gpus.gpus_per_node = 4;
  with_gpus.gpu_type = "a100";
  const auto done = up(with_gpus);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(
      client(done->sandbox, {"srun", "--gpus-per-node=a100:3", "printenv", "CUDA_VISIBLE_DEVICES"}),
      "0,1,2");
  EXPECT_THAT(client(done->sandbox, {"srun", "--gpus-per-node=v100:1", "true"}),
              HasSubstr("Requested node configuration is not available"));
}

TEST_F(SandboxLife, ALineForSlurmConfCounts) {
  SandboxOptions with_line = options(1);
  with_line.lines = {"KillWait=7", "PartitionName=debug Nodes=n1 MaxTime=3"};
  const auto done = up(with_line);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_THAT(client(done->sandbox, {"scontrol", "show", "config"}),
              testing::ContainsRegex("KillWait += 7 sec"));
  EXPECT_EQ(client(done->sandbox, {"sinfo", "-h", "-p", "debug", "-o", "%l"}), "3:00");
}

TEST_F(SandboxLife, ALineThatSlurmRefusesIsSaidAndNothingIsLeft) {
  SandboxOptions wrong = options(1);
  wrong.lines = {"NoSuchKey=1"};
  const auto done = up(wrong);
  ASSERT_FALSE(done);
  EXPECT_THAT(
      done.error().message,
      testing::StartsWith("cannot start sandbox 'box': slurmctld did not start: exit status 1: "));
  EXPECT_THAT(done.error().message, HasSubstr("unrecognized key: NoSuchKey"));
  expect_gone();
}

TEST_F(SandboxLife, DownLeavesNothingOfItsJobs) {
  const auto done = up(options());
  ASSERT_TRUE(done) << done.error().message;
  const fs::path pids = folder_.path() / "pids";
  // A script that ignores TERM, a child without environment, and one in a session of its own.
  const std::string script = "trap '' TERM; env -i sleep 600 & setsid sleep 600 & echo $$ >> '" +
                             pids.native() + "'; wait";
  EXPECT_THAT(client(done->sandbox, {"sbatch", "--output=/dev/null", "--ntasks=1", "--array=1-2",
                                     "--wrap", script}),
              HasSubstr("Submitted"));
  ASSERT_TRUE(eventually([&] {
    const auto text = read_file(pids);
    return text && std::count(text->begin(), text->end(), '\n') == 2;
  }));
  const auto ended = down("box", home());
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->was, Condition::up);
  EXPECT_GE(ended->processes, 5U + 2U * 4U);
  expect_gone();
}

TEST_F(SandboxLife, DownIsIdempotent) {
  const auto ended = down("box", home());
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->was, Condition::absent);
  EXPECT_FALSE(fs::exists(home()));
}

TEST_F(SandboxLife, DownEndsWhatLostItsStateFile) {
  ASSERT_TRUE(up(options()));
  fs::remove(box() / "sandbox");
  const auto found = status("box", home());
  EXPECT_EQ(found->condition, Condition::damaged);
  EXPECT_THAT(found->problems, ElementsAre("its state file is missing"));
  EXPECT_GE(down("box", home()).value().processes, 4U);
  expect_gone();
}

TEST_F(SandboxLife, DownEndsWhatLostItsWholeFolder) {
  ASSERT_TRUE(up(options()));
  fs::remove_all(home());
  const auto found = status("box", home());
  EXPECT_EQ(found->condition, Condition::damaged);
  EXPECT_THAT(found->problems,
              ElementsAre(HasSubstr("its folder is gone, but processes of it live")));
  EXPECT_GE(down("box", home()).value().processes, 4U);
  expect_gone();
}

TEST_F(SandboxLife, DownEndsWhatIsHalfDead) {
  const auto done = up(options());
  ASSERT_TRUE(done) << done.error().message;
  kill_daemon(done->sandbox, "slurmctld");
  kill_daemon(done->sandbox, "munged");
  const auto found = status("box", home());
  EXPECT_EQ(found->condition, Condition::damaged);
  EXPECT_THAT(found->problems,
              ElementsAre(HasSubstr("munged (pid "), HasSubstr("slurmctld (pid ")));
  ASSERT_TRUE(down("box", home()));
  expect_gone();
}

TEST_F(SandboxLife, UpBuildsAnewWhatIsHalfDead) {
  const auto first = up(options());
  ASSERT_TRUE(first) << first.error().message;
  kill_daemon(first->sandbox, "slurmd n2");
  const auto second = up(options());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->outcome, Outcome::rebuilt);
  EXPECT_EQ(client(second->sandbox, {"srun", "-N2", "true"}), "");
  EXPECT_EQ(second->sandbox.daemons.size(), 4U);
}

TEST_F(SandboxLife, AfterAReboot_RecordedPidsMeanNothing) {
  // A state file of an earlier boot, whose pids now belong to somebody else: to this test.
  fs::create_directories(box());
  State state;
  state.options = options(1);
  state.boot = "an earlier boot";
  state.daemons = {{"munged", identify(::getpid()).value(), false}};
  state.progress = State::Progress::ready;
  ASSERT_TRUE(save_state(box(), state));
  EXPECT_EQ(status("box", home())->condition, Condition::damaged);
  EXPECT_EQ(down("box", home()).value().processes, 0U);
  expect_gone();
}

TEST_F(SandboxLife, AStartKilledAnywhereCanBeCleanedAndRepeated) {
  std::mt19937 random(::testing::UnitTest::GetInstance()->random_seed());
  for (int round = 0; round < 6; ++round) {
    const pid_t starter = ::fork();
    ASSERT_GE(starter, 0);
    if (starter == 0) {
      (void)up(options());
      ::_exit(0);
    }
    const int delay = std::uniform_int_distribution<int>(0, 250)(random);
    std::this_thread::sleep_for(milliseconds(delay));
    ::kill(starter, SIGKILL);
    ::waitpid(starter, nullptr, 0);
    if (round % 2 == 0) {
      ASSERT_TRUE(down("box", home())) << "killed after " << delay << " ms";
      expect_gone();
    } else {
      const auto again = up(options());
      ASSERT_TRUE(again) << "killed after " << delay << " ms: " << again.error().message;
      EXPECT_EQ(client(again->sandbox, {"srun", "-N2", "true"}), "");
      ASSERT_TRUE(down("box", home()));
    }
  }
}

TEST_F(SandboxLife, LeavesAFolderOfSomebodyElseAlone) {
  fs::create_directories(box());
  std::ofstream(box() / "thesis.tex") << "precious";
  const std::string refusal =
      "'" + box().native() +
      "' holds something else, not a sandbox: take another name, or remove it by hand";
  EXPECT_EQ(up(options()).error().message, refusal);
  EXPECT_EQ(down("box", home()).error().message, refusal);
  EXPECT_TRUE(fs::exists(box() / "thesis.tex"));
}

TEST_F(SandboxLife, ServesAnOrdinaryUser) {
  const passwd* user = ::getpwnam("munge");
  if (::geteuid() != 0 || user == nullptr) GTEST_SKIP() << "needs root, to become the user 'munge'";
  ASSERT_EQ(::chown(folder_.path().c_str(), user->pw_uid, user->pw_gid), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const bool became =
        ::setgroups(0, nullptr) == 0 && ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0;
    const auto done = became ? up(options()) : Result<Up>(fail(Code::failed, "no"));
    const bool works =
        done && client(done->sandbox, {"srun", "-N2", "id", "-un"}) == "munge\nmunge";
    const auto ended = down("box", home());
    ::_exit(works && ended && ended->processes >= 4 ? 0 : 1);
  }
  int result = -1;
  ::waitpid(child, &result, 0);
  EXPECT_EQ(result, 0);
  expect_gone();
}

TEST_F(SandboxLife, TellsEverythingAsJson) {
  const auto done = up(options(1));
  ASSERT_TRUE(done) << done.error().message;
  const std::string json = to_json(*done);
  EXPECT_THAT(json, testing::StartsWith(R"({"name":"box","condition":"up","folder":")" +
                                        box().native() + R"(","slurm_conf":")" + box().native() +
                                        R"(/slurm.conf","release":")"));
  EXPECT_THAT(json, HasSubstr(R"("environment":{"set":{"SLURM_CONF":")" + box().native() +
                              R"(/slurm.conf"},"unset":)"));
  EXPECT_THAT(json, HasSubstr(R"({"role":"slurmd n1","pid":)"));
  EXPECT_THAT(json, HasSubstr(R"("outcome":"started","seconds":)"));
  EXPECT_THAT(to_json(status("box", home()).value()),
              HasSubstr(R"("nodes":[{"name":"n1","state":"idle"}])"));
}

}  // namespace
}  // namespace foz::sandbox
