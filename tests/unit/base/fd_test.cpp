#include "core/base/fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

bool is_open(int descriptor) {
  return ::fcntl(descriptor, F_GETFD) >= 0;
}

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777U;
}

TEST(Fd, ClosesAtItsEnd) {
  int number = -1;
  {
    const Fd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    number = fd.get();
    EXPECT_TRUE(is_open(number));
  }
  EXPECT_FALSE(is_open(number));
}

TEST(Fd, MovesItsDescriptor) {
  Fd first(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int number = first.get();
  Fd second(std::move(first));
  EXPECT_EQ(second.get(), number);
  Fd third(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int old = third.get();
  third = std::move(second);
  EXPECT_FALSE(is_open(old));
  EXPECT_EQ(third.get(), number);
  EXPECT_EQ(third.release(), number);
  EXPECT_FALSE(third);
  ::close(number);
}

TEST(ReadFile, ReadsAllBytes) {
  const test::TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += static_cast<char>(i);
  ASSERT_TRUE(write_file(folder / "x", bytes, Durability::cached));
  EXPECT_EQ(read_file(folder / "x").value(), bytes);
}

TEST(ReadFile, TellsMissingFromTooLarge) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "x";
  EXPECT_EQ(read_file(path).error(), (Error{Code::not_found, "cannot open '" + path.native() +
                                                                 "': No such file or directory"}));
  ASSERT_TRUE(write_file(path, "12345", Durability::cached));
  EXPECT_EQ(read_file(path, 5).value(), "12345");
  EXPECT_EQ(read_file(path, 4).error(),
            (Error{Code::too_large, "'" + path.native() + "' is over 4 bytes"}));
}

TEST(ReadFile, AFolderIsAnError) {
  const test::TemporaryFolder folder;
  EXPECT_EQ(read_file(folder.path()).error(),
            (Error{Code::failed, "cannot read '" + folder.path().native() + "': Is a directory"}));
}

TEST(WriteFile, ReplacesInOneStepAndSetsTheMode) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "x", "old", Durability::cached, 0644));
  EXPECT_EQ(mode_of(folder / "x"), 0644U);
  ASSERT_TRUE(write_file(folder / "x", "new", Durability::durable));
  EXPECT_EQ(read_file(folder / "x").value(), "new");
  EXPECT_EQ(mode_of(folder / "x"), 0600U);
  EXPECT_EQ(folder.entry_count(), 1U);
}

TEST(WriteFile, AReaderOfTheOldFileKeepsIt) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "x", "old", Durability::cached));
  const Fd reader(::open((folder / "x").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(write_file(folder / "x", "newer", Durability::cached));
  char bytes[16];
  EXPECT_EQ(::read(reader.get(), bytes, sizeof bytes), 3);
}

TEST(WriteFile, AMissingFolderIsAnErrorWithItsName) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "none/x";
  const Error error = write_file(path, "x", Durability::cached).error();
  EXPECT_EQ(error.code, Code::not_found);
  EXPECT_EQ(error.message, "cannot write '" + path.native() + "': cannot make a file in '" +
                               (folder / "none").native() + "': No such file or directory");
}

TEST(WriteFile, LeavesTheOldFileAndNoTemporaryWhenBytesDoNotFit) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "x", "old", Durability::cached));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const rlimit small{4'096, before.rlim_max};
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto result = write_file(folder / "x", std::string(10'000, 'x'), Durability::durable);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{Code::too_large, "cannot write '" + (folder / "x").native() +
                                                        "': cannot write: File too large"}));
  EXPECT_EQ(read_file(folder / "x").value(), "old");
  EXPECT_EQ(folder.entry_count(), 1U);
}

TEST(WriteFile, AFolderInItsPlaceStays) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(make_directories(folder / "x"));
  EXPECT_FALSE(write_file(folder / "x", "new", Durability::cached));
  EXPECT_TRUE(fs::is_directory(folder / "x"));
  EXPECT_EQ(folder.entry_count(), 1U);
}

TEST(WriteAll, AFullDeviceIsStorageFull) {
  const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  EXPECT_EQ(write_all(full.get(), "x").error(),
            (Error{Code::storage_full, "cannot write: No space left on device"}));
}

TEST(ReadEnd, GivesTheLastBytesOfAFileOfAnySize) {
  const test::TemporaryFolder folder;
  const fs::path path = folder.write("log", "first\nlast\n");
  EXPECT_EQ(read_end(path, 5).value(), "last\n");
  EXPECT_EQ(read_end(path, 100).value(), "first\nlast\n");
  fs::resize_file(path, 5ULL << 30U);  // with a hole
  EXPECT_EQ(read_end(path, 3).value(), std::string(3, '\0'));
  EXPECT_FALSE(read_end(folder / "none", 3));
}

TEST(MakeDirectories, MakesParentsForTheOwnerOnly) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(make_directories(folder / "a/b/c"));
  EXPECT_EQ(mode_of(folder / "a"), 0700U);
  EXPECT_EQ(mode_of(folder / "a/b/c"), 0700U);
  EXPECT_TRUE(make_directories(folder / "a/b/c"));
  EXPECT_TRUE(make_directories(folder / "a/b/d/"));
  EXPECT_TRUE(fs::is_directory(folder / "a/b/d"));
}

TEST(MakeDirectories, ANewOneIsNobodyElses) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(make_new_directory(folder / "a/b"));
  EXPECT_FALSE(make_new_directory(folder / "a/b"));
  fs::create_directory_symlink(folder / "a", folder / "link");
  EXPECT_FALSE(make_new_directory(folder / "link"));
}

TEST(MakeDirectories, AFileInTheWayIsAnError) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "a", "", Durability::cached));
  EXPECT_EQ(make_directories(folder / "a/b").error().message,
            "cannot make folder '" + (folder / "a").native() + "': File exists");
}

}  // namespace
}  // namespace foz
