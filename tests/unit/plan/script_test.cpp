#include <gtest/gtest.h>

#include "core/base/spawn.h"
#include "tests/unit/plan/sample.h"

namespace foz::plan {
namespace {

/// Runs a batch script whose run folder holds a fake agent that prints its arguments, one a line.
std::string run_script(const std::string& folder) {
  Plan plan = sample_plan();
  plan.run_folder = folder;
  fs::create_directories(folder + "/bin");
  EXPECT_TRUE(write_file(folder + "/bin/foz-agent", "#!/bin/sh\nprintf '%s\\n' \"$@\"\n",
                         Durability::cached, 0700));
  const std::string script = folder + "/script.sh";
  EXPECT_TRUE(write_file(script, batch_script(plan, plan.stages[1]), Durability::cached, 0700));
  Command command;
  command.argv = {script, "2002"};
  const auto done = run_command(command);
  return done ? done->out + done->err : done.error().message;
}

class BatchScript : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/foz-script-XXXXXX";
    root_ = mkdtemp(pattern);
  }
  void TearDown() override { fs::remove_all(root_); }
  fs::path root_;
};

TEST_P(BatchScript, HandsTheAgentExactPathsAndTheOffset) {
  const std::string folder = (root_ / GetParam()).string();
  EXPECT_EQ(run_script(folder), "keep\n--run\n" + folder + "\n--stage\ncall-all\n--offset\n2002\n");
}

INSTANTIATE_TEST_SUITE_P(HostileFolders, BatchScript,
                         testing::Values("plain", "with space", "quote'quote", "dollar$(touch x)",
                                         "back\\slash", "semi;colon", "double\"quote", "-dash",
                                         "star*?[a]", "uml\xc3\xa4ut"));

}  // namespace
}  // namespace foz::plan
