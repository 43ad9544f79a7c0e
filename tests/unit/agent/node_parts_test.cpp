/// Parts that touch this machine, or a folder that plays one: fingerprints of outputs, hardware,
/// ports, listeners, process trees.
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

#include "core/agent/hardware.h"
#include "core/agent/listener.h"
#include "core/agent/outputs.h"
#include "core/agent/ports.h"
#include "core/agent/process_tree.h"
#include "tests/support/temporary_folder.h"

namespace foz::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::MatchesRegex;

class Folder : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& text) const { temporary.write(name, text); }
  test::TemporaryFolder temporary;
  const fs::path& root = temporary.path();
};

using Outputs = Folder;

TEST_F(Outputs, AFingerprintTellsEveryChangeAndNothingElse) {
  const std::string path = (root / "x").native();
  EXPECT_FALSE(fingerprint(path));
  put("x", "one");
  const Fingerprint first = fingerprint(path);
  EXPECT_TRUE(first);
  EXPECT_EQ(fingerprint(path), first);
  put("x", "two");  // renamed into place: another file of the same size
  EXPECT_NE(fingerprint(path), first);
}

TEST_F(Outputs, AFolderIsWhatIsBelowIt) {
  put("model/a/weights", "1");
  const std::string path = (root / "model").native();
  const Fingerprint first = fingerprint(path);
  put("model/a/weights", "2");
  const Fingerprint second = fingerprint(path);
  EXPECT_NE(first, second);
  put("model/b/new", "");
  EXPECT_NE(fingerprint(path), second);
}

TEST_F(Outputs, AreJudgedOneByOne) {
  put("old", "x");
  const std::vector<WantedOutput> wanted = {{"old", (root / "old").native()},
                                            {"new", (root / "new").native()}};
  const std::vector<Fingerprint> before = {fingerprint(wanted[0].path),
                                           fingerprint(wanted[1].path)};
  EXPECT_EQ(judge_outputs(wanted, before),
            "output 'old' ('" + wanted[0].path +
                "') was there before and was not written by this attempt; output 'new' ('" +
                wanted[1].path + "') is not there");
  put("old", "y");
  EXPECT_EQ(judge_outputs(wanted, before), "output 'new' ('" + wanted[1].path + "') is not there");
  put("new", "");
  EXPECT_EQ(judge_outputs(wanted, before), "");
}

using Hardware = Folder;

TEST_F(Hardware, TakesTheTightestMemoryLimitOfCgroupsV1) {
  put("proc/self/cgroup", "9:name=systemd:/\n4:memory:/slurm/uid_0/job_7\n");
  put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/slurm/memory.limit_in_bytes", "9223372036854771712\n");
  put("sys/fs/cgroup/memory/slurm/uid_0/memory.limit_in_bytes", "4294967296\n");
  put("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.limit_in_bytes", "2147483648\n");
  put("sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.oom_control",
      "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n");
  EXPECT_EQ(read_memory_limit(root), 2'048U);
  EXPECT_EQ(read_oom_kills(root), 3U);
}

TEST_F(Hardware, TakesTheTightestMemoryLimitOfCgroupsV2) {
  put("proc/self/cgroup", "0::/system.slice/slurmstepd.scope/job_7\n");
  put("sys/fs/cgroup/system.slice/memory.max", "max\n");
  put("sys/fs/cgroup/system.slice/slurmstepd.scope/memory.max", "1073741824\n");
  put("sys/fs/cgroup/system.slice/slurmstepd.scope/job_7/memory.max", "max\n");
  put("sys/fs/cgroup/system.slice/slurmstepd.scope/job_7/memory.events",
      "low 0\nhigh 0\nmax 9\noom 1\noom_kill 2\n");
  EXPECT_EQ(read_memory_limit(root), 1'024U);
  EXPECT_EQ(read_oom_kills(root), 2U);
}

TEST_F(Hardware, KnowsNoLimitWhereThereIsNone) {
  EXPECT_EQ(read_memory_limit(root), 0U);
  put("proc/self/cgroup", "nonsense\n1:cpu\n");
  EXPECT_EQ(read_memory_limit(root), 0U);
  EXPECT_EQ(read_oom_kills(root), 0U);
}

TEST_F(Hardware, ReadsANodeFromTheJobsEnvironment) {
  put("proc/meminfo", "MemTotal:       16777216 kB\nMemFree: 1 kB\n");
  TaskPlan task;
  task.identity = {"/x/brave-tide-4f2a", "train", "train.3", TaskIndex{3}, Attempt{2}, {}};
  task.memory_mib = 4'096;
  task.scratch = "/local/$USER";
  const auto node =
      read_node({"SLURMD_NODENAME=n7", "SLURM_CPUS_ON_NODE=12", "SLURM_TOPOLOGY_ADDR=top.s1.n7",
                 "CUDA_VISIBLE_DEVICES=MIG-1,MIG-2", "USER=ana"},
                task, root);
  EXPECT_EQ(node.name, "n7");
  EXPECT_EQ(node.cpus, 12U);
  EXPECT_EQ(node.memory_mib, 4'096U);
  EXPECT_EQ(node.switch_path, "top.s1.n7");
  EXPECT_THAT(node.gpus, ElementsAre("MIG-1", "MIG-2"));
  const std::string name = std::to_string(::getuid()) + "-brave-tide-4f2a-train.3.2.n0";
  EXPECT_THAT(node.scratch, MatchesRegex("/local/ana/foz-" + name + "-[0-9a-f]{8}"));
}

using Ports = Folder;

TEST_F(Ports, StayBelowTheEphemeralRange) {
  put("proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  EXPECT_EQ(find_port_range(root).first, 10'240);
  EXPECT_EQ(find_port_range(root).last, 32'767);
  put("proc/sys/net/ipv4/ip_local_port_range", "1024\t65535\n");
  EXPECT_EQ(find_port_range(root).last, 32'767);
  put("proc/sys/net/ipv4/ip_local_port_range", "20000 60999\n");
  EXPECT_EQ(find_port_range(root).last, 19'999);
}

bool can_bind(std::uint16_t port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

TEST(PortHolder, HoldsWhatItPromisesUntilItIsReleased) {
  PortHolder one;
  PortHolder two;
  const auto ports = one.reserve(5, {20'000, 20'200}, 77);
  const auto others = two.reserve(5, {20'000, 20'200}, 77);
  ASSERT_TRUE(ports && others);
  std::set<std::uint16_t> all(ports->begin(), ports->end());
  all.insert(others->begin(), others->end());
  EXPECT_EQ(all.size(), 10U);
  EXPECT_FALSE(can_bind(ports->front()));
  one.release(ports->front());
  EXPECT_TRUE(can_bind(ports->front()));
}

TEST(PortHolder, SaysWhenTheRangeIsUsedUp) {
  PortHolder holder;
  const auto first = holder.reserve(3, {21'000, 21'003}, 0);
  const auto more = holder.reserve(5, {21'000, 21'003}, 0);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Code::unavailable);
}

TEST(FindListener, SeesAListenerAndNotAMerelyBoundPort) {
  PortHolder holder;
  const auto ports = holder.reserve(1, find_port_range(), 12'345);
  ASSERT_TRUE(ports);
  EXPECT_FALSE(find_listener(ports->front()));
  holder.release_all();
  const Fd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(ports->front());
  ASSERT_EQ(::bind(server.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(server.get(), 1), 0);
  const auto found = find_listener(ports->front());
  ASSERT_TRUE(found);
  const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_EQ(
      ::connect(client.get(), reinterpret_cast<const sockaddr*>(&found->storage), found->size), 0);
}

using Listener = Folder;

TEST_F(Listener, ReadsTheKernelsTables) {
  put("proc/net/tcp",
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
      "inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "1 1\n"
      "   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 "
      "1 1\n");
  put("proc/net/tcp6",
      "  sl  local\n   0: 00000000000000000000000000000000:1F92 "
      "00000000000000000000000000000000:0000 0A 0 0 0\n");
  EXPECT_TRUE(find_listener(8'080, root));
  EXPECT_FALSE(find_listener(8'081, root));
  const auto v6 = find_listener(8'082, root);
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->storage.ss_family, AF_INET6);
}

TEST(ProcessTree, FindsTheOneWhoHearsASignalBelowOneWhoDoesNot) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t shell = ::fork();
  if (shell == 0) {
    const pid_t training = ::fork();
    if (training == 0) {
      ::signal(SIGUSR1, [](int) {});
      const pid_t loader = ::fork();
      if (loader == 0) {
        [[maybe_unused]] const auto written = ::write(ends[1], "x", 1);
        for (;;) ::pause();
      }
      for (;;) ::pause();
    }
    for (;;) ::pause();
  }
  char ready = 0;
  ASSERT_EQ(::read(ends[0], &ready, 1), 1);
  const ProcessTree tree = ProcessTree::read();
  const auto all = tree.from(shell);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].pid, shell);
  const auto hearers = tree.hearers(shell, SIGUSR1);
  ASSERT_EQ(hearers.size(), 1U);
  EXPECT_EQ(hearers[0].pid, all[1].pid);
  EXPECT_THAT(tree.hearers(shell, SIGUSR2), IsEmpty());
  for (const Process& process : all) send_signal(process, SIGKILL);
  ASSERT_EQ(::waitpid(shell, nullptr, 0), shell);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace foz::agent
