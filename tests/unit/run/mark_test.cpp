#include "core/run/mark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foz::run {
namespace {

TEST(Mark, IsTheJobsNameAndComment) {
  const Mark mark{"train", "brave-tide-4f2a", 2, "0a1b2c3d"};
  EXPECT_EQ(job_name(mark), "train@brave-tide-4f2a.2.0a1b2c3d");
  EXPECT_EQ(job_comment(mark), "foz run=brave-tide-4f2a stage=train part=2 nonce=0a1b2c3d");
  EXPECT_EQ(parse_job_name(job_name(mark)), mark);
}

TEST(Mark, OtherNamesAreNone) {
  for (const char* name : {"", "train", "train@", "@run.0.n", "train@run.0", "train@run.x.n",
                           "train@run.-1.n", "train@run.0.", "train@.0.n", "train@run.0.n.m",
                           "a@b@run.0.n", "tr ain@run.0.n", "train@run.4294967296.n"}) {
    EXPECT_EQ(parse_job_name(name), std::nullopt) << name;
  }
}

TEST(Mark, NoncesAreNewEachTime) {
  EXPECT_NE(make_nonce(), make_nonce());
  EXPECT_THAT(make_nonce(), testing::MatchesRegex("[0-9a-f]{8}"));
}

}  // namespace
}  // namespace foz::run
