#include "core/base/temporary_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  return names;
}

TEST(TemporaryFile, LiesInItsFolderAndIsRemovedAtTheEnd) {
  const test::TemporaryFolder folder;
  {
    auto file = TemporaryFile::make(folder.path());
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_THAT(names_in(folder.path()),
                testing::ElementsAre(testing::MatchesRegex("\\.foz-[A-Za-z0-9]{6}")));
    const TemporaryFile moved(std::move(*file));
    EXPECT_TRUE(fs::exists(moved.path()));
  }
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(TemporaryFile, HoldsItsBytesUnderItsMode) {
  const test::TemporaryFolder folder;
  auto file = TemporaryFile::make(folder.path());
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(file->fill("all of it", Durability::durable, 0640));
  struct stat status {};
  ASSERT_EQ(::stat(file->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0640U);
  EXPECT_EQ(read_file(file->path()).value(), "all of it");
}

TEST(TemporaryFile, StaysWhereItWasGivenAway) {
  const test::TemporaryFolder folder;
  {
    auto file = TemporaryFile::make(folder.path());
    ASSERT_TRUE(file) << file.error().message;
    fs::rename(file->path(), folder / "kept");
    file->give_away();
  }
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("kept"));
}

TEST(TemporaryFile, SaysWhereNoneCanBeMade) {
  const auto file = TemporaryFile::make("/nowhere/at/all");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::not_found);
  EXPECT_EQ(file.error().message,
            "cannot make a file in '/nowhere/at/all': No such file or directory");
}

}  // namespace
}  // namespace foz
