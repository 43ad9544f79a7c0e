#include "core/sandbox/place.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fstream>

#include "core/sandbox/configuration.h"
#include "tests/unit/sandbox/child.h"

namespace foz::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_short{50};
const std::string k_own_home = "/tmp/foz-sandbox-" + std::to_string(::geteuid());

std::string message(const Result<void>& result) {
  return result ? std::string() : result.error().message;
}

void write(const fs::path& file, std::string_view text) {
  std::ofstream(file) << text;
}

TEST(Place, TheHomeIsWhatWasAskedFor) {
  const Environment environment = {"FOZ_SANDBOX_HOME=/tmp/environment", "XDG_RUNTIME_DIR=/tmp"};
  EXPECT_EQ(home_candidates("/tmp/./asked", environment), (std::vector<fs::path>{"/tmp/asked"}));
  EXPECT_EQ(home_candidates({}, environment), (std::vector<fs::path>{"/tmp/environment"}));
}

TEST(Place, TheHomeIsTheRuntimeFolderWhereThereIsOne) {
  EXPECT_EQ(home_candidates({}, {"XDG_RUNTIME_DIR=/tmp"}),
            (std::vector<fs::path>{"/tmp/foz-sandbox", k_own_home}));
  EXPECT_EQ(home_candidates({}, {"XDG_RUNTIME_DIR=/nonexistent/run"}),
            (std::vector<fs::path>{k_own_home}));
  EXPECT_EQ(home_candidates({}, {"XDG_RUNTIME_DIR=relative", "FOZ_SANDBOX_HOME="}),
            (std::vector<fs::path>{k_own_home}));
}

TEST(Place, RefusesPathsThatSlurmCannotQuote) {
  EXPECT_EQ(message(check_place("/tmp/my sandboxes", "a", 4)),
            "slurm.conf cannot hold the path \"/tmp/my sandboxes\": only letters, digits and "
            "/._-+@~ work there; "
            "set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes");
  for (const char* path :
       {"/tmp/a#b", "/tmp/a,b", "/tmp/a=b", "/tmp/%n", "/tmp/a\nb", "/tmp/\"", "relative"}) {
    EXPECT_FALSE(check_place(path, "a", 4)) << path;
  }
  EXPECT_EQ(message(check_place("/tmp/a.b_c-d+e@f~g", "a", 4)), "");
}

TEST(Place, CountsTheLongestSocketsPath) {
  // home + "/a" + "/spool/n4/n4_4294967295.4294967295" is at most 107 bytes.
  const std::string longest = "/" + std::string(107 - 2 - 34 - 1, 'x');
  EXPECT_EQ(message(check_place(longest, "a", 4)), "");
  EXPECT_EQ(
      message(check_place(longest + "x", "a", 4)),
      "'" + longest +
          "x/a' is too long: a socket in it would have a path of 108 bytes, and 107 are possible; "
          "take a shorter name, or set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes");
  EXPECT_FALSE(check_place(longest, "a", 10));
}

TEST(Place, RefusesAFilesystemThatForbidsExecution) {
  struct statvfs information {};
  if (::statvfs("/proc", &information) != 0 || (information.f_flag & ST_NOEXEC) == 0)
    GTEST_SKIP() << "/proc is not mounted noexec here";
  EXPECT_EQ(message(check_place("/proc/sandboxes", "a", 4)),
            "'/proc/sandboxes' is mounted noexec, and batch scripts are started from there; "
            "set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes");
}

TEST(Place, PreparesTheFirstHomeThatServes) {
  const test::TemporaryFolder folder;
  const fs::path good = folder.path() / "new" / "home";
  EXPECT_EQ(prepare_home({"/tmp/a b", good}, "a", 4).value(), good);
  struct stat information {};
  ASSERT_EQ(::stat(good.c_str(), &information), 0);
  EXPECT_EQ(information.st_mode & 0777U, 0700U);
}

TEST(Place, SaysWhyNoHomeServes) {
  const test::TemporaryFolder folder;
  write(folder.path() / "file", "");
  const auto home = prepare_home({"/tmp/a b", folder.path() / "file" / "home"}, "a", 4);
  ASSERT_FALSE(home);
  EXPECT_EQ(home.error().message,
            "no folder for a sandbox: slurm.conf cannot hold the path \"/tmp/a b\": only letters, "
            "digits and /._-+@~ work there; "
            "set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes; cannot make folder '" +
                (folder.path() / "file").native() +
                "': File exists; set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes");
}

TEST(Place, RefusesAHomeThatAnybodyMayChange) {
  const test::TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0777), 0);
  const auto home = prepare_home({folder.path()}, "a", 4);
  ASSERT_FALSE(home);
  EXPECT_EQ(home.error().code, Code::refused);
}

TEST(Place, OnlyOneMayWorkOnAFolder) {
  const test::TemporaryFolder home;
  const fs::path folder = home.path() / "box";
  {
    const auto first = FolderLock::acquire(folder, k_short);
    ASSERT_TRUE(first);
    const auto second = FolderLock::acquire(folder, k_short);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Code::unavailable);
  }
  EXPECT_TRUE(FolderLock::acquire(folder, k_short));
}

TEST(Place, ALockOnAFolderThatWasRemovedAndMadeAgainIsTakenAnew) {
  const test::TemporaryFolder home;
  const fs::path folder = home.path() / "box";
  auto first = FolderLock::acquire(folder, k_short);
  ASSERT_TRUE(first);
  std::thread remover([&] {
    ASSERT_TRUE(remove_folder(folder));
    const FolderLock ended = std::move(*first);
  });
  const auto second = FolderLock::acquire(folder, milliseconds(5'000));
  remover.join();
  ASSERT_TRUE(second);
  EXPECT_FALSE(FolderLock::acquire(folder, k_short));
}

TEST(Place, KnowsASandboxsFolder) {
  const test::TemporaryFolder folder;
  EXPECT_TRUE(is_sandbox_folder(folder.path()));
  write(folder.path() / ".foz-Ab12cD", "torn");
  EXPECT_TRUE(is_sandbox_folder(folder.path()));
  write(folder.path() / "thesis.tex", "precious");
  EXPECT_FALSE(is_sandbox_folder(folder.path()));
  write(folder.path() / "slurm.conf", "ClusterName=production\n");
  EXPECT_FALSE(is_sandbox_folder(folder.path()));
  write(folder.path() / "slurm.conf", std::string(k_first_line) + "\n");
  EXPECT_TRUE(is_sandbox_folder(folder.path()));
  fs::remove(folder.path() / "slurm.conf");
  write(folder.path() / "sandbox", "foz-sandbox 1\n");
  EXPECT_TRUE(is_sandbox_folder(folder.path()));
}

TEST(Place, LeavesAForeignFolderAlone) {
  const test::TemporaryFolder home;
  const fs::path folder = home.path() / "work";
  fs::create_directories(folder);
  write(folder / "thesis.tex", "precious");
  const auto removed = remove_folder(folder);
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, Code::refused);
  EXPECT_TRUE(fs::exists(folder / "thesis.tex"));
}

TEST(Place, RemovesTheHomeWithItsLastSandbox) {
  const test::TemporaryFolder folder;
  const fs::path home = folder.path() / "home";
  fs::create_directories(home / "a");
  fs::create_directories(home / "b");
  EXPECT_TRUE(remove_folder(home / "a"));
  EXPECT_TRUE(fs::exists(home));
  EXPECT_TRUE(remove_folder(home / "b"));
  EXPECT_FALSE(fs::exists(home));
}

}  // namespace
}  // namespace foz::sandbox
