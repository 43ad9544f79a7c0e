#include "core/sandbox/processes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/sandbox/child.h"

namespace foz::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_short{100};

/// A folder's path that no other test uses at the same time; nothing needs to be there.
const fs::path k_folder = "/tmp/foz-sandbox-test-" + std::to_string(::getpid()) + "/box";
const std::string k_conf = k_folder / "slurm.conf";

Environment daemon_mark(const fs::path& folder = k_folder) {
  return {"FOZ_SANDBOX_FOLDER=" + folder.native(), "PATH=/usr/bin:/bin"};
}

Environment job_mark(const fs::path& folder = k_folder) {
  return {"SLURM_CONF=" + folder.native() + "/slurm.conf", "SLURM_JOB_ID=7", "SLURMD_NODENAME=n1",
          "PATH=/usr/bin:/bin"};
}

Child shell(const std::string& name, const std::string& script, Environment environment,
            std::vector<std::string> more = {}) {
  std::vector<std::string> argv = {name, "-c", script};
  argv.insert(argv.end(), more.begin(), more.end());
  return {"/bin/sh", argv, std::move(environment)};
}

std::optional<Process> find(pid_t pid) {
  const auto processes = find_processes(k_folder);
  const auto found = std::find_if(processes.begin(), processes.end(),
                                  [&](const Process& process) { return process.id.pid == pid; });
  return found == processes.end() ? std::nullopt : std::optional(*found);
}

TEST(Processes, FindsADaemonByItsMark) {
  const Child child("/bin/sleep", {"slurmd", "60"}, daemon_mark());
  ASSERT_TRUE(find(child.pid()));
  EXPECT_EQ(find(child.pid())->role, Role::slurmd);
}

TEST(Processes, FindsADaemonByItsArgumentsAlone) {
  const Child slurmd = shell("/usr/sbin/slurmd", "sleep 60; :", {}, {"-N", "n7", "-f", k_conf});
  const Child munged =
      shell("munged", "sleep 60; :", {}, {"--socket=" + k_folder.native() + "/munge.sock"});
  ASSERT_TRUE(find(slurmd.pid()));
  EXPECT_EQ(find(slurmd.pid())->role, Role::slurmd);
  EXPECT_EQ(find(slurmd.pid())->node, "n7");
  ASSERT_TRUE(find(munged.pid()));
  EXPECT_EQ(find(munged.pid())->role, Role::munged);
}

TEST(Processes, PassesByWhoeverElseNamesAFile) {
  const Child editor = shell("vim", "sleep 60; :", {}, {"-f", k_conf});
  EXPECT_FALSE(find(editor.pid()));
}

TEST(Processes, FindsAJobByWhatItsStepGaveIt) {
  const Child child("/bin/sleep", {"sleep", "60"}, job_mark());
  ASSERT_TRUE(find(child.pid()));
  EXPECT_EQ(find(child.pid())->role, Role::job);
}

TEST(Processes, PassesByAShellThatOnlyTalksToTheSandbox) {
  const Child user("/bin/sleep", {"sleep", "60"}, {"SLURM_CONF=" + k_conf});
  const Child salloc("/bin/sleep", {"sleep", "60"}, {"SLURM_CONF=" + k_conf, "SLURM_JOB_ID=7"});
  EXPECT_FALSE(find(user.pid()));
  EXPECT_FALSE(find(salloc.pid()));
}

TEST(Processes, PassesByASandboxWhoseNameBeginsAlike) {
  const Child daemon("/bin/sleep", {"slurmd", "60"}, daemon_mark(k_folder.native() + "2"));
  const Child job("/bin/sleep", {"sleep", "60"}, job_mark(k_folder.native() + "2"));
  EXPECT_FALSE(find(daemon.pid()));
  EXPECT_FALSE(find(job.pid()));
}

TEST(Processes, PassesByASandboxOfTheSameNameInAnotherRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, for chroot";
  const test::TemporaryFolder root;
  const Child child("/usr/bin/perl",
                    {"slurmd", "-e", "chroot(shift) or die; sleep 60", root.path()}, daemon_mark());
  EXPECT_TRUE(eventually([&] {
    std::error_code error;
    const auto link = fs::read_symlink("/proc/" + std::to_string(child.pid()) + "/root", error);
    return link == root.path();
  }));
  EXPECT_FALSE(find(child.pid()));
}

TEST(Processes, FindsChildrenThatThrewTheirEnvironmentAway) {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "pid";
  const Child child = shell("sh", "env -i sleep 60 & echo $! > " + file + "; wait", job_mark());
  const pid_t grandchild = read_pid(file);
  EXPECT_TRUE(eventually([&] { return find(grandchild).has_value(); }));
}

TEST(Processes, FindsOrphansInTheSessionOfAStep) {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "pid";
  const Child step =
      shell("slurmstepd: [7.batch]",
            "(env -i sleep 60 & echo $! > " + file + "); sleep 60; :", daemon_mark());
  const pid_t orphan = read_pid(file);
  EXPECT_TRUE(eventually([&] { return ::kill(orphan, 0) == 0 && find(orphan).has_value(); }));
  EXPECT_EQ(find(step.pid()).value().role, Role::slurmstepd);
}

TEST(Processes, IdentifiesAProcessWhateverItsName) {
  const test::TemporaryFolder folder;
  const fs::path program = folder.path() / "a) Z 1 (b";
  fs::copy_file("/bin/sleep", program);
  const Child child(program, {"sleep", "60"}, {});
  ASSERT_TRUE(identify(child.pid()));
  EXPECT_GT(identify(child.pid())->start_time, 0U);
  EXPECT_TRUE(is_alive(*identify(child.pid())));
}

TEST(Processes, AZombieIsNotAlive) {
  Child child("/bin/sleep", {"sleep", "60"}, {});
  const auto id = identify(child.pid());
  ASSERT_TRUE(id);
  child.kill(SIGKILL);
  ASSERT_TRUE(eventually([&] { return child.has_ended(); }));
  EXPECT_FALSE(is_alive(*id));
  EXPECT_FALSE(send_signal(*id, SIGTERM));
}

TEST(Processes, DoesNotSignalAStrangerWithARecycledPid) {
  const Child stranger("/bin/sleep", {"sleep", "60"}, {});
  ProcessId recorded = identify(stranger.pid()).value();
  recorded.start_time -= 1;
  EXPECT_FALSE(send_signal(recorded, SIGKILL));
  EXPECT_EQ(end_processes(k_folder, {recorded}, k_short), 0U);
  EXPECT_TRUE(identify(stranger.pid()));
}

TEST(Processes, EndsWhatWasRecordedThoughItCarriesNoMark) {
  Child child("/bin/sleep", {"sleep", "60"}, {});
  EXPECT_EQ(end_processes(k_folder, {identify(child.pid()).value()}, k_short), 1U);
  EXPECT_EQ(child.wait(), SIGKILL);
}

TEST(Processes, GivesJobsTimeToEndByThemselves) {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "pid";
  Child job = shell("sh", "trap 'kill $!; exit 3' TERM; sleep 60 & echo $! > " + file + "; wait",
                    job_mark());
  read_pid(file);
  const auto ended = end_processes(k_folder, {}, milliseconds(5'000));
  ASSERT_TRUE(ended);
  EXPECT_EQ(WEXITSTATUS(job.wait()), 3);
}

TEST(Processes, KillsJobsThatIgnoreTerm) {
  const test::TemporaryFolder folder;
  const std::string file = folder.path() / "pid";
  Child job = shell("sh", "trap '' TERM; sleep 60 & echo $! > " + file + "; wait", job_mark());
  const pid_t grandchild = read_pid(file);
  EXPECT_EQ(end_processes(k_folder, {}, k_short), 2U);
  EXPECT_EQ(job.wait(), SIGKILL);
  EXPECT_FALSE(identify(grandchild));
}

TEST(Processes, EndsNothingWhereNothingIs) {
  EXPECT_EQ(end_processes(k_folder, {}, k_short), 0U);
}

}  // namespace
}  // namespace foz::sandbox
