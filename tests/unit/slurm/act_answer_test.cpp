#include "core/slurm/act_answer.h"

#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"

namespace foz::slurm {
namespace {

void expect_error(const Result<void>& result, Code code, std::string_view message) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, code);
  EXPECT_EQ(result.error().message, message);
}

TEST(ReleaseAnswer, SilenceIsSuccess) {
  EXPECT_TRUE(read_release_answer(ended(0, "")));
  EXPECT_TRUE(read_release_answer(ended(0, "", "Welcome to blue\n")));
}

TEST(ReleaseAnswer, WhatRunsOrHasEndedNeedsNoRelease) {
  EXPECT_TRUE(
      read_release_answer(ended(1, "",
                                "Job is no longer pending execution for job 12\n"
                                "slurm_suspend error: Job is no longer pending execution\n")));
  EXPECT_TRUE(
      read_release_answer(ended(1, "", "Job/step already completing or completed for job 12_3\n")));
  EXPECT_TRUE(read_release_answer(ended(1, "", "12_3: Job is no longer pending execution\n")));
}

TEST(ReleaseAnswer, IdsThatAreGoneAreNamed) {
  expect_error(read_release_answer(ended(1, "",
                                         "Invalid job id specified for job 99\n"
                                         "slurm_suspend error: Invalid job id specified\n"
                                         "Job is no longer pending execution for job 12\n")),
               Code::not_found, "jobs to release are gone:\n  Invalid job id specified for job 99");
}

TEST(ReleaseAnswer, ARefusalCountsMoreThanAnIdThatIsGone) {
  expect_error(read_release_answer(ended(1, "",
                                         "Invalid job id specified for job 99\n"
                                         "Access/permission denied for job 12\n")),
               Code::refused,
               "Slurm did not release all jobs:\n  Access/permission denied for job 12");
}

TEST(ReleaseAnswer, ASilentControllerLeavesTheOutcomeOpen) {
  expect_error(
      read_release_answer(
          ended(1, "", "Unable to contact slurm controller (connect failure) for job 12\n")),
      Code::unknown_outcome,
      "it is not known whether jobs were released: no answer from the controller (exit status 1)\n"
      "  Unable to contact slurm controller (connect failure) for job 12");
}

TEST(ReleaseAnswer, FailureWithoutAWord) {
  expect_error(read_release_answer(ended(2, "")), Code::failed,
               "'scontrol release' failed without a word (exit status 2)");
}

TEST(CancelAnswer, WhatIsGoneNeedsNoCancel) {
  EXPECT_TRUE(read_cancel_answer(ended(0, "")));
  EXPECT_TRUE(read_cancel_answer(
      ended(1, "", "scancel: error: Kill job error on job id 9: Invalid job id specified\n")));
  EXPECT_TRUE(read_cancel_answer(ended(
      0, "",
      "scancel: error: Kill job error on job id 9: Job/step already completing or completed\n")));
}

TEST(CancelAnswer, ADeniedCancelIsSeenThoughItExitsWithZero) {
  expect_error(
      read_cancel_answer(
          ended(0, "", "scancel: error: Kill job error on job id 123: Access/permission denied\n")),
      Code::refused,
      "Slurm did not cancel all jobs:\n"
      "  scancel: error: Kill job error on job id 123: Access/permission denied");
}

TEST(CancelAnswer, ABannerIsNoRefusal) {
  EXPECT_TRUE(read_cancel_answer(ended(0, "", "scancel wrapper 2.1: no errors known\n")));
}

TEST(CancelAnswer, ASilentControllerLeavesTheOutcomeOpen) {
  EXPECT_EQ(read_cancel_answer(ended(1, "",
                                     "scancel: error: slurm_kill_job2() failed: Socket "
                                     "timed out on send/recv operation\n"))
                .error()
                .code,
            Code::unknown_outcome);
  EXPECT_EQ(read_cancel_answer(killed(9)).error().code, Code::unknown_outcome);
}

}  // namespace
}  // namespace foz::slurm
