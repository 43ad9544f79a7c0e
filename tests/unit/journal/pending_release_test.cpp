#include "core/journal/pending_release.h"

#include <gtest/gtest.h>

namespace foz::journal {
namespace {

TEST(PendingRelease, ReadsTheNameThatItWrites) {
  const TaskId task{"evaluate.all", TaskIndex{17}};
  EXPECT_EQ(pending_release_name(task.stage, task.index), "evaluate.all.17");
  EXPECT_EQ(parse_pending_release("evaluate.all.17"), task);
}

TEST(PendingRelease, OtherFilesAreNone) {
  for (const char* name : {"", "evaluate", ".17", "evaluate.", "evaluate.x", "evaluate.-1",
                           ".foz-a1B2c3", ".nfs0000001700000003"})
    EXPECT_EQ(parse_pending_release(name), std::nullopt) << name;
}

}  // namespace
}  // namespace foz::journal
