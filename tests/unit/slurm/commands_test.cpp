#include "core/slurm/commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/slurm/answers.h"
#include "tests/unit/slurm/stand_in.h"

namespace foz::slurm {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class FixedClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override { return time; }
  UnixMillis time = 1'795'580'151'000;
};

class Commands : public ::testing::Test {
 protected:
  CommandsScheduler scheduler() const {
    return {{programs.environment(), milliseconds{5'000}, milliseconds{5'000}}, clock};
  }
  CommandsScheduler impatient_scheduler() const {
    return {{programs.environment(), milliseconds{100}, milliseconds{100}}, clock};
  }
  SubmitRequest request() const {
    SubmitRequest request;
    request.name = "train";
    request.script = "/run/scripts/train.sh";
    request.script_args = {"0", "a b", "--x", "$(no)"};
    request.environment = programs.environment();
    request.environment.push_back("ODD=a,b\n\"c\" \xe9");
    return request;
  }
  std::string squeue_row(std::string_view id, std::string_view array, std::string_view indices) {
    return marked_row(
        {id, array, indices, "PENDING", "1", "N/A", "N/A", "0", "p", "", "", "", "", "x"});
  }

  StandIns programs;
  FixedClock clock;
};

// ---- submit -------------------------------------------------------------------------------------

TEST_F(Commands, SubmitGivesArgumentsAsWordsAndTheEnvironmentAsItIs) {
  programs.answer("sbatch", "812;blue\n", "", 0);
  const auto submission = scheduler().submit(request());
  ASSERT_TRUE(submission) << submission.error().message;
  EXPECT_EQ(submission->id, JobId{812});
  EXPECT_EQ(submission->cluster, "blue");
  EXPECT_THAT(
      programs.arguments("sbatch"),
      ElementsAre("--parsable", "--job-name=train", "--requeue", "--open-mode=append",
                  "--export=ALL", "--kill-on-invalid-dep=yes", "--nodes=1", "--ntasks-per-node=1",
                  "--cpus-per-task=1", "/run/scripts/train.sh", "0", "a b", "--x", "$(no)"));
  EXPECT_THAT(programs.variables("sbatch"), Contains("ODD=a,b\n\"c\" \xe9"));
  EXPECT_THAT(programs.variables("sbatch"), Not(Contains(StartsWith("TZ="))));
  EXPECT_THAT(programs.variables("sbatch"), Not(Contains(StartsWith("SLURM_TIME_FORMAT="))));
}

TEST_F(Commands, SubmitKeepsTheStreamsApart) {
  programs.answer("sbatch", "Quota 2024: 17%\n812\n", "sbatch: error: 4711 is low\n4711\n", 0);
  const auto submission = scheduler().submit(request());
  ASSERT_TRUE(submission);
  EXPECT_EQ(submission->id, JobId{812});
  EXPECT_THAT(submission->notes,
              ElementsAre("Quota 2024: 17%", "sbatch: error: 4711 is low", "4711"));
}

TEST_F(Commands, ASubmissionThatPassesItsDeadlineHasAnUnknownOutcome) {
  programs.add("sbatch",
               "echo 'sbatch: error: some plugin takes its time' >&2\n"
               "exec sleep 60");
  const auto submission = impatient_scheduler().submit(request());
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::unknown_outcome);
  EXPECT_THAT(
      submission.error().message,
      StartsWith("it is not known whether job \"train\" was submitted: 'sbatch' did not end "
                 "within 100ms and was stopped"));
}

/// sbatch would ask again and again for two minutes. Killed, it may have been asking again.
TEST_F(Commands, AFullQueueIsSaidAtOnceWithTheClustersLimit) {
  for (const std::string said : {"Slurm job queue full, sleeping and retrying",
                                 "Slurm temporarily unable to accept job, sleeping and retrying"}) {
    programs.add("sbatch", "echo 'sbatch: error: " + said + "' >&2\nexec sleep 60");
    const auto submission = scheduler().submit(request());
    ASSERT_FALSE(submission);
    EXPECT_EQ(submission.error(),
              (Error{Code::unknown_outcome,
                     "Slurm refused job \"train\": the cluster's queue is full (MaxJobCount): "
                     "wait, then run it again; it said:\n  sbatch: error: " +
                         said}));
  }
}

TEST_F(Commands, ATimeOutAfterSendingHasAnUnknownOutcome) {
  programs.answer("sbatch", "",
                  "sbatch: error: Batch job submission failed: Socket timed out on send/recv "
                  "operation\n",
                  1);
  EXPECT_EQ(scheduler().submit(request()).error().code, Code::unknown_outcome);
}

TEST_F(Commands, AMissingSbatchSentNothing) {
  Environment nowhere = {"PATH=" + programs.folder().string()};
  SubmitRequest job = request();
  job.environment = nowhere;
  const auto submission = scheduler().submit(job);
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::not_found);
  EXPECT_EQ(submission.error().message,
            "program 'sbatch' is not on PATH: Slurm's command 'sbatch' is needed: run foz where "
            "Slurm's commands are installed, or load its module");
}

// ---- release and cancel -------------------------------------------------------------------------

TEST_F(Commands, ReleaseNamesElementsAsSlurmReadsThem) {
  programs.answer("scontrol", "", "", 0);
  ASSERT_TRUE(scheduler().release({{JobId{12}, ""}, {JobId{13}, "0-9,12"}}));
  EXPECT_THAT(programs.arguments("scontrol"), ElementsAre("release", "12", "13_[0-9,12]"));
}

TEST_F(Commands, NothingToReleaseAsksNobody) {
  programs.answer("scontrol", "", "", 0);
  ASSERT_TRUE(scheduler().release({}));
  EXPECT_EQ(programs.calls("scontrol"), 0);
}

TEST_F(Commands, ManySelectorsAreSentInBatches) {
  programs.answer("scancel", "", "", 0);
  std::vector<JobSelector> jobs;
  for (std::uint32_t id = 1; id <= 450; ++id) jobs.push_back({JobId{id}, ""});
  ASSERT_TRUE(scheduler().cancel(jobs));
  EXPECT_EQ(programs.calls("scancel"), 3);
  EXPECT_EQ(programs.arguments("scancel").back(), "450");
}

TEST_F(Commands, ACancelThatWasDeniedIsAnError) {
  programs.answer("scancel", "",
                  "scancel: error: Kill job error on job id 12: Access/permission denied\n", 0);
  EXPECT_EQ(scheduler().cancel({{JobId{12}, ""}}).error().code, Code::refused);
}

TEST_F(Commands, AReleaseThatPassesItsDeadlineHasAnUnknownOutcome) {
  programs.add("scontrol", "exec sleep 60");
  const auto released = impatient_scheduler().release({{JobId{12}, ""}});
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::unknown_outcome);
  EXPECT_EQ(released.error().message,
            "it is not known whether 'scontrol release' was carried out: 'scontrol' did not end "
            "within 100ms and was stopped");
}

// ---- the queue ----------------------------------------------------------------------------------

TEST_F(Commands, QuestionsAreAskedInAnEnvironmentOfTheirOwn) {
  programs.answer("squeue", "", "", 0);
  ASSERT_TRUE(scheduler().jobs({}));
  const auto variables = programs.variables("squeue");
  EXPECT_THAT(variables, Contains("SLURM_TIME_FORMAT=%s"));
  EXPECT_THAT(variables, Contains("SLURM_BITSTR_LEN=0"));
  EXPECT_THAT(variables, Contains("TZ=UTC"));
  EXPECT_THAT(variables, Contains("LC_ALL=C"));
}

TEST_F(Commands, JobsAreChosenByIdOrByTheirArray) {
  programs.answer("squeue",
                  squeue_row("1", "1", "N/A") + squeue_row("5", "2", "7") +
                      squeue_row("2", "2", "8-9") + squeue_row("9", "9", "N/A"),
                  "", 0);
  const auto rows = scheduler().jobs({{JobId{2}, JobId{9}, JobId{404}}});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ((*rows)[0].id, JobId{5});
  EXPECT_EQ((*rows)[1].pending_indices, "8-9");
  EXPECT_EQ((*rows)[2].id, JobId{9});
}

TEST_F(Commands, ArraysAreExpandedOnDemand) {
  programs.answer("squeue", squeue_row("2", "2", "8-9"), "", 0);
  const auto rows = scheduler().jobs({{}, true});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 2);
  EXPECT_EQ((*rows)[1].index, ArrayIndex{9});
}

TEST_F(Commands, AnEmptyQueueIsAnAnswer) {
  programs.answer("squeue", "", "", 0);
  const auto rows = scheduler().jobs({{JobId{2}}});
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, IsEmpty());
}

TEST_F(Commands, WithoutAConfigurationItIsSaidWhereToGo) {
  programs.answer("squeue", "", "squeue: fatal: Could not establish a configuration source\n", 1);
  const auto rows = scheduler().jobs({});
  ASSERT_FALSE(rows);
  EXPECT_THAT(rows.error().message,
              ::testing::AllOf(::testing::HasSubstr("Use a login node of the cluster"),
                               ::testing::HasSubstr("foz sandbox env")));
}

TEST_F(Commands, AFailedQuestionIsNoAnswer) {
  programs.answer("squeue", "",
                  "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n",
                  1);
  const auto rows = scheduler().jobs({});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::unavailable);
  EXPECT_EQ(rows.error().message,
            "'squeue' got no answer from Slurm; ask again later (exit status 1):\n"
            "  slurm_load_jobs error: Unable to contact slurm controller (connect failure)");
}

TEST_F(Commands, AQuestionThatPassesItsDeadlineIsNoAnswer) {
  programs.add("squeue", "exec sleep 60");
  const auto rows = impatient_scheduler().jobs({});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::unavailable);
}

TEST_F(Commands, AQuestionWhoseProgramDiesIsNoAnswer) {
  programs.add("squeue", "printf half; kill -9 $$");
  const auto rows = scheduler().jobs({});
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Code::unavailable);
}

TEST_F(Commands, AnOddFailureOfAQuestionNeverMeansGone) {
  programs.answer("squeue", "", "slurm_load_jobs error: Invalid job id specified\n", 1);
  EXPECT_EQ(scheduler().jobs({}).error().code, Code::failed);
}

// ---- accounting ---------------------------------------------------------------------------------

std::string sacct_row(std::string_view id, std::string_view submit) {
  return closed_row({"blue", id, id, "FAILED", "1:0", submit, submit, submit, "n1", "None", "x"});
}

TEST_F(Commands, HistoryStatesAWindowThatReachesBackToTheSubmission) {
  programs.answer("sacct", "", "", 0);
  ASSERT_TRUE(scheduler().history({{JobId{12}}, 1'795'576'551'000}));
  EXPECT_THAT(programs.arguments("sacct"), Contains("--starttime=2026-11-25T03:05:51"));
  EXPECT_THAT(programs.arguments("sacct"), Contains("--endtime=2026-11-25T04:25:51"));
  EXPECT_THAT(programs.variables("sacct"), Contains("TZ=UTC"));
}

TEST_F(Commands, AWindowNeverBeginsInTheFuture) {
  programs.answer("sacct", "", "", 0);
  ASSERT_TRUE(scheduler().history({{JobId{12}}, clock.time + 86'400'000}));
  EXPECT_THAT(programs.arguments("sacct"), Contains("--starttime=2026-11-25T04:05:51"));
}

TEST_F(Commands, AnOldJobWithTheSameIdIsNotShown) {
  programs.answer("sacct", sacct_row("4711", "1500000000") + sacct_row("4712", "1795576600"), "",
                  0);
  const auto rows = scheduler().history({{JobId{4711}, JobId{4712}}, 1'795'576'551'000});
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1);
  EXPECT_EQ((*rows)[0].id, JobId{4712});
}

TEST_F(Commands, ASiteWithoutAccountingIsAskedOnce) {
  programs.answer("sacct", "", "Slurm accounting storage is disabled\n", 1);
  auto commands = scheduler();
  for (int i = 0; i < 2; ++i) {
    const auto rows = commands.history({{JobId{12}}, clock.time});
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().code, Code::refused);
    EXPECT_EQ(rows.error().message, "this site has no accounting");
  }
  EXPECT_EQ(programs.calls("sacct"), 1);
}

TEST_F(Commands, ADatabaseThatIsDownIsAskedAgain) {
  programs.answer("sacct", "",
                  "sacct: error: slurm_persist_conn_open_without_init: failed to open persistent "
                  "connection to host:db1:6819: Connection refused\n",
                  1);
  auto commands = scheduler();
  EXPECT_EQ(commands.history({{JobId{12}}, clock.time}).error().code, Code::unavailable);
  EXPECT_EQ(commands.history({{JobId{12}}, clock.time}).error().code, Code::unavailable);
  EXPECT_EQ(programs.calls("sacct"), 2);
}

TEST_F(Commands, AWindowThatTheSiteRefusesIsSplit) {
  programs.answer("sacct", "", "", 0);
  programs.add("sacct",
               "for word in \"$@\"; do case $word in\n"
               "  --starttime=*) from=$(date -u -d \"${word#*=}\" +%s);;\n"
               "  --endtime=*) to=$(date -u -d \"${word#*=}\" +%s);;\n"
               "esac; done\n"
               "if [ $((to - from)) -gt $((30 * 86400)) ]; then\n"
               "  echo 'sacct: error: Too wide of a date range in query' >&2; exit 1\n"
               "fi\n"
               "echo \"$from $to\" >> \"$out/windows\"");
  ASSERT_TRUE(scheduler().history({{JobId{12}}, clock.time - INT64_C(100) * 86'400'000}));
  EXPECT_EQ(programs.calls("sacct"), 7);  // 100 days, two of 50, four of 25
}

// ---- facts --------------------------------------------------------------------------------------

class CommandsFacts : public Commands {
 protected:
  CommandsFacts() {
    programs.answer("scontrol", "ClusterName = blue\nSLURM_VERSION = 22.05.8\n", "", 0);
  }
};

TEST_F(CommandsFacts, PartitionsAndNodes) {
  programs.answer(
      "sinfo",
      marked_row({"gpu*", "up", "1:00:00", "1-4", "4", "8", "16000", "gpu:a100:4", "n[1-4]"}), "",
      0);
  const auto facts = scheduler().facts();
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->name, "blue");
  ASSERT_EQ(facts->partitions.size(), 1);
  EXPECT_EQ(facts->nodes_unknown, "");
}

TEST_F(CommandsFacts, AForbiddenSinfoIsNotAnEmptyCluster) {
  programs.answer("sinfo", "Access/permission denied\n", "", 0);
  const auto silent = scheduler().facts();
  ASSERT_TRUE(silent);
  EXPECT_EQ(silent->nodes_unknown,
            "'sinfo' was refused by Slurm (exit status 0):\n  Access/permission denied");
  programs.answer("sinfo", "", "slurm_load_partitions: Access/permission denied\n", 1);
  const auto loud = scheduler().facts();
  ASSERT_TRUE(loud);
  EXPECT_EQ(loud->nodes_unknown,
            "'sinfo' was refused by Slurm (exit status 1):\n"
            "  slurm_load_partitions: Access/permission denied");
  EXPECT_EQ(loud->version, "22.05.8");
}

TEST_F(CommandsFacts, ASilentControllerIsUnavailable) {
  programs.answer("sinfo", "", "slurm_load_node: Zero Bytes were transmitted or received\n", 1);
  EXPECT_EQ(scheduler().facts().error().code, Code::unavailable);
}

}  // namespace
}  // namespace foz::slurm
