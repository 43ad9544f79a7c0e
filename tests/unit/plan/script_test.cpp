#include <gtest/gtest.h>

#include "core/base/spawn.h"
#include "tests/support/temporary_folder.h"
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

class BatchScriptRun : public testing::TestWithParam<const char*> {
 protected:
  test::TemporaryFolder temporary_;
  const fs::path& root_ = temporary_.path();
};

TEST(BatchScript, ShowsTheOptionsAndStartsTheKeeper) {
  Plan plan = sample_plan();
  plan.workflow = "sample\n#SBATCH --uid=0";
  plan.stages[1].request.comment = "it's";
  EXPECT_EQ(batch_script(plan, plan.stages[1]),
            "#!/bin/bash\n"
            "# foz: stage call-all of sample\\n#SBATCH --uid=0, run brave-tide-4f2a. The options "
            "below are for the reader: foz gives the same ones\n"
            "# to sbatch, with the array, the dependency and the name of each part.\n"
            "#SBATCH --job-name=call-all@brave-tide-4f2a\n"
            "#SBATCH '--comment=it'\\''s'\n"
            "#SBATCH --chdir=/w\n"
            "#SBATCH --output=/w/.foz/runs/brave-tide-4f2a/logs/call-all/slurm-%j.out\n"
            "#SBATCH --requeue\n"
            "#SBATCH --open-mode=append\n"
            "#SBATCH --export=ALL\n"
            "#SBATCH --kill-on-invalid-dep=yes\n"
            "#SBATCH --nodes=1\n"
            "#SBATCH --ntasks-per-node=1\n"
            "#SBATCH --cpus-per-task=1\n"
            "run=/w/.foz/runs/brave-tide-4f2a\n"
            "exec \"$run/bin/foz-agent\" keep --run \"$run\" --stage call-all --offset "
            "\"${1:-0}\"\n");
}

TEST(BatchScript, ValuesCannotEndTheCommentTheyStandIn) {
  Plan plan = sample_plan();
  plan.stages[0].request.workdir = "/w/a\nrm -rf x";
  plan.stages[0].request.comment = "b\rc";
  plan.stages[0].request.extra_args = {"--x=back\\slash", "--y=tab\t"};
  const std::string script = batch_script(plan, plan.stages[0]);
  EXPECT_EQ(script.find("rm -rf"), script.npos);
  EXPECT_EQ(script.find('\r'), script.npos);
  for (const char* line : {"# (given to sbatch alone, as no line can hold it: --chdir)\n",
                           "# (given to sbatch alone, as no line can hold it: --comment)\n",
                           "# (given to sbatch alone, as no line can hold it: --y)\n",
                           "#SBATCH '--x=back\\\\slash'\n"})
    EXPECT_NE(script.find(line), script.npos) << line << script;
}

TEST_P(BatchScriptRun, HandsTheAgentExactPathsAndTheOffset) {
  const std::string folder = (root_ / GetParam()).string();
  EXPECT_EQ(run_script(folder), "keep\n--run\n" + folder + "\n--stage\ncall-all\n--offset\n2002\n");
}

INSTANTIATE_TEST_SUITE_P(HostileFolders, BatchScriptRun,
                         testing::Values("plain", "with space", "quote'quote", "dollar$(touch x)",
                                         "back\\slash", "semi;colon", "double\"quote", "-dash",
                                         "star*?[a]", "uml\xc3\xa4ut", "new\nline", "latin\xe9",
                                         "100%j"));

}  // namespace
}  // namespace foz::plan
