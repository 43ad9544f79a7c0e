#include "core/spec/glob.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/fd.h"
#include "tests/support/temporary_folder.h"

namespace foz::spec {
namespace {

using testing::ElementsAre;

class Glob : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"b.txt", "a.txt", "B.txt", ".hidden.txt", "x/1.dat", "y/1.dat",
                             "y/2.dat", "y/z/3.dat", "we[i]rd.txt"})
      folder_.write(name, "");
  }

  std::vector<std::string> matches(std::string_view pattern) {
    return find_matches(folder_.path().string(), pattern, 1000).value().paths;
  }

  test::TemporaryFolder folder_;
};

TEST_F(Glob, SortsByBytesAndLeavesHiddenFilesOut) {
  EXPECT_THAT(matches("*.txt"), ElementsAre("B.txt", "a.txt", "b.txt", "we[i]rd.txt"));
  EXPECT_THAT(matches(".*.txt"), ElementsAre(".hidden.txt"));
}

TEST_F(Glob, MatchesFoldersOnTheWay) {
  EXPECT_THAT(matches("*/*.dat"), ElementsAre("x/1.dat", "y/1.dat", "y/2.dat"));
  EXPECT_THAT(matches("y/?.dat"), ElementsAre("y/1.dat", "y/2.dat"));
  EXPECT_THAT(matches("./y//*/[0-9].dat"), ElementsAre("./y/z/3.dat"));
}

TEST_F(Glob, TakesANameWithoutWildcardsAsItIs) {
  EXPECT_THAT(matches("a.txt"), ElementsAre("a.txt"));
  EXPECT_THAT(matches("none.txt"), ElementsAre());
  EXPECT_THAT(matches("we\\[i\\]rd.txt"), ElementsAre("we[i]rd.txt"));
}

TEST_F(Glob, GivesAbsolutePathsForAnAbsolutePattern) {
  EXPECT_THAT(matches(folder_.path().string() + "/a.*"),
              ElementsAre(folder_.path().string() + "/a.txt"));
}

TEST_F(Glob, StopsWhereItWouldLookAtTooMuch) {
  const auto found = find_matches(folder_.path().string(), "*/*", 5);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), (Error{Code::too_large, "'*/*' looks at over 5 files"}));
}

}  // namespace
}  // namespace foz::spec
