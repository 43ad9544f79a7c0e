#include "core/slurm/helper_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "tests/unit/slurm/answers.h"
#include "tests/unit/slurm/stand_in.h"

namespace foz::slurm {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

constexpr std::string_view k_hello =
    "echo '{\"foz-libslurm\":1,\"compiled\":\"22.05.8\"}'; echo '{\"ready\":true}'\n";

/// Helpers played by shell scripts.
class HelperClient : public ::testing::Test {
 protected:
  HelperSetup setup() const {
    HelperSetup setup;
    setup.program = (programs.folder() / "foz-libslurm").string();
    setup.commands = {programs.environment(), patience, patience};
    setup.start_deadline = patience;
    return setup;
  }
  Result<std::unique_ptr<HelperScheduler>> open() const {
    FOZ_TRY(auto helper, HelperScheduler::launch(setup(), clock));
    FOZ_CHECK(helper->greet());
    return helper;
  }
  /// A helper that is ready and then does `body`.
  std::unique_ptr<HelperScheduler> open_with(std::string_view body) const {
    programs.add("foz-libslurm", std::string(k_hello) + std::string(body));
    auto helper = open();
    EXPECT_TRUE(helper) << helper.error().message;
    return std::move(*helper);
  }
  static SubmitRequest job() {
    SubmitRequest request;
    request.name = "train";
    request.script = "/x.sh";
    request.environment = {"A=1"};
    return request;
  }
  std::string requests() const {
    return read_file(programs.folder() / "requests").value_or(std::string());
  }

  milliseconds patience{10'000};
  StandIns programs;
  SystemClock clock;
};

// ---- starting -----------------------------------------------------------------------------------

void expect_no_start(const Result<std::unique_ptr<HelperScheduler>>& helper, Code code,
                     std::string_view message) {
  ASSERT_FALSE(helper);
  EXPECT_EQ(helper.error().code, code);
  EXPECT_EQ(helper.error().message, message);
}

TEST_F(HelperClient, AnotherContractIsNotSpoken) {
  programs.add("foz-libslurm",
               "echo '{\"foz-libslurm\":2,\"compiled\":\"22.05.8\"}'; cat >/dev/null");
  expect_no_start(open(), Code::invalid, "the libslurm helper speaks contract 2, this foz 1");
}

TEST_F(HelperClient, DyingInItsStartIsSaidInItsWords) {
  programs.add("foz-libslurm",
               "echo '{\"foz-libslurm\":1,\"compiled\":\"22.05.8\"}'\n"
               "echo 'fatal: Could not establish a configuration source' >&2; exit 1");
  expect_no_start(open(), Code::unavailable,
                  "the libslurm helper ended with exit status 1; it said:\n"
                  "  fatal: Could not establish a configuration source");
}

TEST_F(HelperClient, WhatCannotBeLoadedIsSaid) {
  programs.add("foz-libslurm",
               "echo 'libslurm.so.38: cannot open shared object file' >&2; exit 127");
  expect_no_start(open(), Code::unavailable,
                  "the libslurm helper ended with exit status 127; it said:\n"
                  "  libslurm.so.38: cannot open shared object file");
}

TEST_F(HelperClient, HangingInItsStartIsEnded) {
  patience = milliseconds{100};
  programs.add("foz-libslurm",
               "echo '{\"foz-libslurm\":1,\"compiled\":\"22.05.8\"}'; exec sleep 60");
  expect_no_start(open(), Code::unavailable, "the libslurm helper did not answer in time");
}

TEST_F(HelperClient, AMissingProgramIsNotFound) {
  EXPECT_EQ(open().error().code, Code::not_found);
}

// ---- calls --------------------------------------------------------------------------------------

TEST_F(HelperClient, OneProcessAnswersManyCalls) {
  const auto helper = open_with(
      "read line; echo '{\"id\":1,\"job\":{\"id\":812,\"notes\":[\"hello\"]}}'\n"
      "read line; echo '{\"id\":2}'\n"
      "read line; echo '{\"id\":3,\"error\":{\"code\":\"not_found\",\"message\":\"gone\"}}'\n"
      "cat >/dev/null");
  const auto submission = helper->submit(job());
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_EQ(submission->id, JobId{812});
  EXPECT_THAT(submission->notes, ElementsAre("hello"));
  EXPECT_TRUE(helper->cancel({{JobId{812}, ""}}));
  EXPECT_EQ(helper->release({{JobId{812}, ""}}).error(), (Error{Code::not_found, "gone"}));
  EXPECT_EQ(programs.calls("foz-libslurm"), 1);
}

TEST_F(HelperClient, RowsFollowTheirLine) {
  const std::string rows = marked_row(
      {"5", "2", "7", "RUNNING", "1", "2", "3", "0", "p", "n1", "", "", "", "two\nlines"});
  ASSERT_TRUE(write_file(programs.folder() / "rows", rows, Durability::cached));
  const auto helper = open_with(
      "read line; printf '{\"id\":1,\"bytes\":%d}\\n' \"$(stat -c %s \"$out/rows\")\"\n"
      "head -c 10 \"$out/rows\"; sleep 0.05; tail -c +11 \"$out/rows\"; cat >/dev/null");
  const auto found = helper->jobs({{JobId{2}}});
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1);
  EXPECT_EQ((*found)[0].name, "two\nlines");
}

TEST_F(HelperClient, DyingInASubmissionLeavesTheOutcomeOpen) {
  const auto helper = open_with("read line; echo 'error: malloc failed' >&2; kill -SEGV $$");
  const auto submission = helper->submit(job());
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::unknown_outcome);
  EXPECT_EQ(submission.error().message,
            "it is not known whether job \"train\" was submitted: the libslurm helper was "
            "killed by signal 11 (SIGSEGV); it said:\n  error: malloc failed");
}

TEST_F(HelperClient, HangingInASubmissionLeavesTheOutcomeOpen) {
  patience = milliseconds{1'000};
  const auto helper = open_with("read line; exec sleep 60");
  const auto submission = helper->submit(job());
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::unknown_outcome);
  EXPECT_EQ(submission.error().message,
            "it is not known whether job \"train\" was submitted: the libslurm helper did not "
            "answer in time");
}

TEST_F(HelperClient, AQuestionThatGotNoAnswerIsUnavailable) {
  const auto helper = open_with("read line; exit 3");
  const auto rows = helper->jobs({});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::unavailable);
  EXPECT_EQ(rows.error().message, "the libslurm helper ended with exit status 3");
}

TEST_F(HelperClient, TheNextCallHasANewHelper) {
  const auto helper = open_with(
      "if [ -e \"$out/second\" ]; then read line; echo '{\"id\":2}'; cat >/dev/null; fi\n"
      "touch \"$out/second\"; read line; exit 1");
  EXPECT_FALSE(helper->jobs({}));
  EXPECT_TRUE(helper->jobs({}));
  EXPECT_EQ(programs.calls("foz-libslurm"), 2);
}

TEST_F(HelperClient, AfterASilenceItIsANewOneThatReadsTheConfigurationAgain) {
  const auto helper = open_with(
      "if [ -e \"$out/second\" ]; then read line; echo '{\"id\":2}'; cat >/dev/null; fi\n"
      "touch \"$out/second\"; read line\n"
      "echo '{\"id\":1,\"error\":{\"code\":\"unavailable\",\"message\":\"no answer\"}}'; cat "
      ">/dev/null");
  EXPECT_EQ(helper->jobs({}).error(), (Error{Code::unavailable, "no answer"}));
  EXPECT_TRUE(helper->jobs({}));
  EXPECT_EQ(programs.calls("foz-libslurm"), 2);
}

TEST_F(HelperClient, AHelperThatCannotStartAgainHasSentNothing) {
  const auto helper = open_with("if [ -e \"$out/second\" ]; then exit 1; fi; read line; exit 1");
  EXPECT_EQ(helper->submit(job()).error().code, Code::unknown_outcome);
  programs.add("foz-libslurm", "exit 1");
  EXPECT_EQ(helper->submit(job()).error().code, Code::unavailable);
  EXPECT_EQ(helper->cancel({{JobId{1}, ""}}).error().code, Code::unavailable);
}

TEST_F(HelperClient, NonsenseIsNoAnswer) {
  for (const auto* line : {"banner", "{\"id\":99}", "{\"id\":1,\"bytes\":-5}"}) {
    const auto helper =
        open_with("read line; echo " + shell_quote(std::string_view(line)) + "; cat >/dev/null");
    EXPECT_EQ(helper->submit(job()).error().code, Code::unknown_outcome) << line;
  }
}

TEST_F(HelperClient, OptionsThatOnlySbatchReadsGoToSbatch) {
  programs.answer("sbatch", "813\n", "", 0);
  const auto helper = open_with("cat > \"$out/requests\"");
  SubmitRequest request = job();
  request.environment = programs.environment();
  request.extra_args = {"--wckey=a b"};
  const auto submission = helper->submit(request);
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_EQ(submission->id, JobId{813});
  EXPECT_THAT(submission->notes,
              ElementsAre("sent with sbatch, which alone reads \"'--wckey=a b'\""));
  EXPECT_EQ(requests(), "");
}

TEST_F(HelperClient, NothingToDoAsksNobody) {
  const auto helper = open_with("cat > \"$out/requests\"");
  EXPECT_TRUE(helper->release({}));
  EXPECT_TRUE(helper->cancel({}));
  EXPECT_EQ(requests(), "");
}

TEST_F(HelperClient, TheHelperEndsWithItsScheduler) {
  auto helper = open_with("echo $$ > \"$out/pid\"; exec sleep 60");
  std::string pid;
  while (pid.empty()) pid = read_file(programs.folder() / "pid").value_or(std::string());
  helper.reset();
  EXPECT_EQ(::kill(static_cast<pid_t>(std::stoi(pid)), 0), -1);
}

TEST(SlurmRelease, MajorAndMinorCount) {
  EXPECT_TRUE(is_same_release("22.05.8", "22.05.11"));
  EXPECT_FALSE(is_same_release("22.05.8", "23.02.1"));
  EXPECT_FALSE(is_same_release("22.05.8", "22"));
  EXPECT_FALSE(is_same_release("", ""));
}

TEST(SlurmRelease, IsReadFromTheCommandsOwnAnswer) {
  EXPECT_EQ(release_of("slurm 24.11.5\n"), "24.11.5");
  EXPECT_EQ(release_of("Welcome\nslurm-wlm 22.05.8\n"), "22.05.8");
  EXPECT_EQ(release_of("scontrol: fatal: no configuration\n"), "");
}

}  // namespace
}  // namespace foz::slurm
