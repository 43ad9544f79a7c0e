#include "core/slurm/sbatch_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"

namespace foz::slurm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Result<Submission> read(const Finished& finished) {
  return read_sbatch_answer(finished, "train");
}

void expect_id(const Finished& finished, std::uint32_t id, std::string_view cluster = {}) {
  const auto submission = read(finished);
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_EQ(submission->id.value, id);
  EXPECT_EQ(submission->cluster, cluster);
}

void expect_unknown(const Finished& finished, std::string_view message) {
  const auto submission = read(finished);
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::unknown_outcome);
  EXPECT_EQ(submission.error().message, message);
}

TEST(SbatchAnswer, EveryFormOfTheId) {
  expect_id(ended(0, "812\n"), 812);
  expect_id(ended(0, "812"), 812);
  expect_id(ended(0, "812;blue\n"), 812, "blue");
  expect_id(ended(0, "\n50"), 50);
  expect_id(ended(0, "40\n"), 40);
  expect_id(ended(0, "  77 \r\n"), 77);
  expect_id(ended(0, "Submitted batch job 812\n"), 812);
  expect_id(ended(0, "Submitted batch job 812 on cluster blue\n"), 812, "blue");
}

TEST(SbatchAnswer, NumbersOfABannerAreNoIds) {
  const auto submission = read(ended(0,
                                     "-----------------------------\n"
                                     "     Welcome to machine 9\n"
                                     "-----------------------------\n"
                                     "\n"
                                     "Quota 2024: 17%\n"
                                     "--> Verifying valid submit host (login1)...OK\n"
                                     "--> Verifying that quota is at 3.87% allocated...OK\n"
                                     "718911\n"));
  ASSERT_TRUE(submission);
  EXPECT_EQ(submission->id.value, 718911);
  EXPECT_EQ(submission->notes.size(), 6);
  EXPECT_EQ(submission->notes[2], "-----------------------------");
  EXPECT_EQ(submission->notes[3], "Quota 2024: 17%");
}

TEST(SbatchAnswer, AnIdInASentenceIsNoIdWhicheverStreamHasIt) {
  const auto mixed = read(ended(0,
                                "sbatch: 4252226.7 SUs available in acct1\n"
                                "sbatch: 256.00 SUs estimated for this job.\n"
                                "sbatch: lua: Submitted job 732234\n"
                                "732234\n"));
  ASSERT_TRUE(mixed);
  EXPECT_EQ(mixed->id.value, 732234);

  const auto apart = read(ended(0, "Submitted batch job 274100\n",
                                "sbatch: Job estimates 2.00 SUs for -p single\n"
                                "sbatch: lua: Submitted job 9\n12\n"));
  ASSERT_TRUE(apart);
  EXPECT_EQ(apart->id.value, 274100);
  EXPECT_THAT(apart->notes, ElementsAre("sbatch: Job estimates 2.00 SUs for -p single",
                                        "sbatch: lua: Submitted job 9", "12"));
}

TEST(SbatchAnswer, TheWordErrorBesideAnAcceptedJobIsANote) {
  const auto submission = read(ended(0, "7740229\n",
                                     "sbatch: error: Your budget is running low.\n"
                                     "sbatch: error: Jobs share a node by default.\n"));
  ASSERT_TRUE(submission);
  EXPECT_EQ(submission->id.value, 7740229);
  EXPECT_THAT(submission->notes, ElementsAre("sbatch: error: Your budget is running low.",
                                             "sbatch: error: Jobs share a node by default."));
}

TEST(SbatchAnswer, ACleanAnswerHasNoNotes) {
  EXPECT_THAT(read(ended(0, "812\n"))->notes, IsEmpty());
}

TEST(SbatchAnswer, TheSameIdTwiceIsOneId) {
  expect_id(ended(0, "Submitted batch job 812\n812;blue\n"), 812, "blue");
}

TEST(SbatchAnswer, TwoIdsAreNotGuessedAt) {
  expect_unknown(ended(0, "Submitted batch job 9999\n1002\n"),
                 "it is not known whether job \"train\" was submitted: sbatch's answer has two job "
                 "ids, 9999 and 1002; sbatch said:\n"
                 "  Submitted batch job 9999\n"
                 "  1002");
}

TEST(SbatchAnswer, NoIdIsNotGuessedAt) {
  for (const auto* out : {"accepted maybe\n", "Something else 10\n", "", "0\n", "-5\n",
                          "12.batch\n", "4294967296\n", "812 blue\n", "812;\n", "0812\n", "job 5\n",
                          "Submitted batch job 12 on cluster\n", "Submitted batch job 12 x\n"}) {
    const auto submission = read(ended(0, out));
    ASSERT_FALSE(submission) << out;
    EXPECT_EQ(submission.error().code, Code::unknown_outcome) << out;
  }
  expect_unknown(ended(0, "accepted maybe\n", "sbatch: \x1b[1mhello\n"),
                 "it is not known whether job \"train\" was submitted: sbatch's answer has no job "
                 "id; sbatch said:\n"
                 "  sbatch: \\x1b[1mhello\n"
                 "  accepted maybe");
}

TEST(SbatchAnswer, AnIdWithABadExitStatusIsNotTrusted) {
  expect_unknown(ended(1, "812\n"),
                 "it is not known whether job \"train\" was submitted: sbatch named a job id, yet "
                 "ended with exit status 1; sbatch said:\n  812");
}

TEST(SbatchAnswer, ASilentControllerLeavesTheOutcomeOpen) {
  for (const auto* err :
       {"sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n",
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect "
        "failure)\n",
        "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received\n"}) {
    const auto submission = read(ended(1, "", err));
    ASSERT_FALSE(submission);
    EXPECT_EQ(submission.error().code, Code::unknown_outcome) << err;
  }
  expect_unknown(
      ended(1, "",
            "sbatch: error: Batch job submission failed: Socket timed out on send/recv "
            "operation\n"),
      "it is not known whether job \"train\" was submitted: the controller did not answer; sbatch "
      "said:\n"
      "  sbatch: error: Batch job submission failed: Socket timed out on send/recv operation");
}

TEST(SbatchAnswer, AKilledSbatchLeavesTheOutcomeOpen) {
  expect_unknown(killed(9),
                 "it is not known whether job \"train\" was submitted: sbatch was killed by signal "
                 "9 (SIGKILL)");
}

TEST(SbatchAnswer, WithoutAConfigurationNothingWasSent) {
  const auto submission =
      read(ended(1, "", "sbatch: fatal: Could not establish a configuration source\n"));
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::failed);
  EXPECT_EQ(submission.error().message,
            "job \"train\" was not submitted; sbatch said:\n"
            "  sbatch: fatal: Could not establish a configuration source");
}

TEST(SbatchAnswer, ARefusalKeepsEveryLine) {
  const auto submission =
      read(ended(1, "--> Checking available allocation (ACCT1)...OK\n",
                 "sbatch: error: AssocMaxSubmitJobLimit\n"
                 "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy "
                 "(job submit limit, user's size and/or time limits)\n"));
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::refused);
  EXPECT_EQ(submission.error().message,
            "Slurm refused job \"train\": you have as many jobs in the queue as the site allows: "
            "wait until some have ended, then run it again; it said:\n"
            "  sbatch: error: AssocMaxSubmitJobLimit\n"
            "  sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job "
            "submit limit, user's size and/or time limits)\n"
            "  --> Checking available allocation (ACCT1)...OK");
}

TEST(SbatchAnswer, ARefusalMayStandOnStandardOutputOnly) {
  const auto submission = read(
      ended(1, "--> Submission error: please define total node count with the \"-N\" option\n"));
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::refused);
  EXPECT_EQ(submission.error().message,
            "Slurm refused job \"train\": a rule of this site refused it; it said:\n"
            "  --> Submission error: please define total node count with the \"-N\" option");
}

TEST(SbatchAnswer, ARefusalWithoutAWord) {
  EXPECT_EQ(read(ended(3, "")).error().message, "Slurm refused job \"train\"; it gave no reason");
}

}  // namespace
}  // namespace foz::slurm
