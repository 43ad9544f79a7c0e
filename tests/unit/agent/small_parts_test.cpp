/// The small pure parts: srun's command line, why a job was told to end, last words, HTTP answers,
/// setup's script, limits, the agent's own command line.
#include <gmock/gmock.h>
#include <signal.h>

#include "core/agent/command_line.h"
#include "core/agent/hardware.h"
#include "core/agent/probe.h"
#include "core/agent/rank.h"
#include "core/agent/reason.h"
#include "core/agent/setup.h"
#include "core/agent/spawn_rank.h"
#include "core/agent/srun.h"

namespace foz::agent {
namespace {

using failure::Class;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

TEST(SrunCommand, SaysEveryCount) {
  JobFacts job;
  job.nodes = {"n1", "n2", "n3"};
  job.cpus_per_node = {8, 8, 8};
  EXPECT_THAT(srun_command(job, {"--network=x"}, "/run/bin/foz-agent", "/run/task.json"),
              ElementsAre("srun", "--nodes=3", "--ntasks=3", "--ntasks-per-node=1",
                          "--cpus-per-task=8", "--mpi=none", "--overlap", "--kill-on-bad-exit=0",
                          "--no-kill", "--wait=0", "--input=all", "--cpu-bind=none", "--export=ALL",
                          "--network=x", "/run/bin/foz-agent", "node", "--task", "/run/task.json"));
}

TEST(SrunCommand, LeavesTheCpusOutWhereNodesDiffer) {
  JobFacts job;
  job.nodes = {"n1", "n2"};
  job.cpus_per_node = {40, 8};
  EXPECT_THAT(srun_command(job, {}, "a", "t"),
              Not(Contains(testing::StartsWith("--cpus-per-task"))));
}

TEST(SrunEnvironment, DropsWhatSrunWouldReadAsOptions) {
  EXPECT_THAT(
      srun_environment({"PATH=/bin", "SLURM_JOB_ID=7", "SLURM_NNODES=2", "SLURM_EXPORT_ENV=NONE",
                        "SLURM_CPU_BIND=x", "SLURM_NTASKS=2", "SRUN_X=1", "SLURM_MEM_PER_CPU=1",
                        "SLURM_CONF=/c", "CUDA_VISIBLE_DEVICES=0"}),
      ElementsAre("PATH=/bin", "SLURM_JOB_ID=7", "SLURM_NNODES=2", "SLURM_CONF=/c",
                  "CUDA_VISIBLE_DEVICES=0"));
}

TEST(FindLostNodes, ReadsWhatSrunSays) {
  EXPECT_THAT(find_lost_nodes("srun: error: n2: task 1: Killed"), ElementsAre("n2"));
  EXPECT_THAT(find_lost_nodes("srun: error: n[1-2]: tasks 0-1: Exited with exit code 1"),
              ElementsAre("n1", "n2"));
  EXPECT_THAT(find_lost_nodes("srun: error: Node failure on n3"), ElementsAre("n3"));
  for (const char* line :
       {"", "srun: error: Unable to create step for job 7: x",
        "slurmstepd: error: *** STEP 7.0 ON n1 CANCELLED", "srun: Job step aborted"})
    EXPECT_THAT(find_lost_nodes(line), IsEmpty()) << line;
}

TEST(ReadNotice, TakesTheLastLineAboutThisJob) {
  const std::string other =
      "slurmstepd-n1: error: *** JOB 70 ON n1 CANCELLED AT 2026-11-25T04:00:00 DUE TO TIME LIMIT "
      "***\n";
  EXPECT_FALSE(
      read_notice(other + "*** JOB 7 ON n1 CANCELLED AT x DUE TO TIME LIMIT ***\n", JobId{7}));
  const auto limit = read_notice(
      "slurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:00:00 DUE TO TIME LIMIT "
      "***\n" +
          other,
      JobId{7});
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->cls, Class::timeout);
  const auto requeued = read_notice(
      "[2026-11-25T04:00:00.123] error: slurmstepd: *** JOB 7 ON n1 CANCELLED AT "
      "2026-11-25T04:00:00 DUE TO JOB REQUEUE ***",
      JobId{7});
  ASSERT_TRUE(requeued);
  EXPECT_EQ(requeued->outcome, Outcome::interrupted);
  EXPECT_EQ(read_notice("slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-25T04:00:00 ***",
                        JobId{7})
                ->outcome,
            Outcome::cancelled);
}

TEST(JudgeState, SaysNothingFinalWhereTheQueueIsOpen) {
  EXPECT_EQ(judge_state(slurm::State::completing, "TimeLimit").cls, Class::timeout);
  EXPECT_EQ(judge_state(slurm::State::completing, "None").outcome, Outcome::interrupted);
  EXPECT_EQ(judge_state(slurm::State::pending, "BeginTime").outcome, Outcome::interrupted);
  EXPECT_EQ(judge_state(slurm::State::cancelled, "").outcome, Outcome::cancelled);
  EXPECT_EQ(judge_state(slurm::State::running, "").sentence,
            "it was told to end by a signal (Slurm says that the job runs on)");
}

failure::ProcessEnd ended(int wait_status, std::vector<std::string> lines) {
  failure::ProcessEnd end;
  end.wait_status = wait_status;
  end.last_lines = std::move(lines);
  return end;
}

TEST(LastWords, TheFirstPatternWins) {
  auto end = ended(256, {"Address already in use", "Killed"});
  read_last_words(
      end,
      {{"Killed", "oom", "no memory", false}, {"already in use", "launch_failed", "taken", true}},
      {{1, "x"}});
  EXPECT_EQ(end.last_words_class, Class::oom);
  EXPECT_EQ(end.last_words_sentence, "no memory");
  EXPECT_FALSE(end.bind_failure);
}

TEST(LastWords, AnExitStatusThatThePluginKnowsGoesBeforeTheLastLine) {
  auto end = ended(42 << 8, {"bye"});
  read_last_words(end, {}, {{42, "checkpointed, start again"}});
  EXPECT_EQ(end.last_words_sentence, "checkpointed, start again");
}

TEST(LastWords, ElseTheLastLineThatIsNotEmpty) {
  auto end = ended(SIGKILL, {"ValueError: \x1b[31mred", "", "  "});
  read_last_words(end, {}, {{9, "a status, not a signal"}});
  EXPECT_EQ(end.last_words_sentence, "the last line of its log is \"ValueError: \\x1b[31mred\"");
  auto good = ended(0, {"done"});
  read_last_words(good, {}, {});
  EXPECT_EQ(good.last_words_sentence, "");
}

TEST(ParseHttp, FindsStatusAndBody) {
  const HttpAnswer answer = parse_http("HTTP/1.1 200 OK\r\nA: b\r\n\r\n{\"x\":1}");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"x\":1}");
  EXPECT_EQ(parse_http("HTTP/1.0 503 No\r\n\r\n").status, 503);
  for (const char* text : {"", "HTTP/1.1 200 OK", "SSH-2.0-x\r\n\r\n", "HTTP/1.\r\n\r\n"})
    EXPECT_EQ(parse_http(text).status, 0) << text;
}

TEST(CompareJson, TakesTextsNumbersAndTruthAsWritten) {
  EXPECT_EQ(compare_json(R"({"status":"ALIVE","aliveworkers":2,"ok":true})",
                         {{"status", "ALIVE"}, {"aliveworkers", "2"}, {"ok", "true"}}),
            "");
  EXPECT_EQ(compare_json(R"({"aliveworkers":1})", {{"aliveworkers", "2"}}),
            "'aliveworkers' is 1, not 2");
  EXPECT_EQ(compare_json("{}", {{"status", "ALIVE"}}), "its answer has no 'status'");
  EXPECT_EQ(compare_json("<html>", {{"status", "ALIVE"}}), "its answer is no JSON object");
}

TEST(ParseEnvironment, KeepsValuesWithNewlinesAndLeavesTheShellsOwnOut) {
  using namespace std::string_view_literals;
  const auto bytes = "A=1\nB=2\0F%%=() { :\n}\0_=/bin/x\0SHLVL=1\0PWD=/x\0EMPTY=\0nothing\0"sv;
  EXPECT_THAT(parse_environment(bytes), ElementsAre("A=1\nB=2", "F%%=() { :\n}", "EMPTY="));
}

TEST(ParseLimit, TakesNumbersBytesAndUnlimited) {
  EXPECT_EQ(parse_limit("nofile", "16384")->second, 16'384U);
  EXPECT_EQ(parse_limit("memlock", "unlimited")->second, RLIM_INFINITY);
  EXPECT_EQ(parse_limit("as", "2GiB")->second, 2ULL << 30U);
  EXPECT_EQ(parse_limit("nofile", "many").error().message, "limit 'nofile' cannot be \"many\"");
  EXPECT_EQ(parse_limit("nofiles", "1").error().message, "there is no limit named 'nofiles'");
}

TEST(ExpandVariables, FillsFromTheEnvironment) {
  const Environment environment = {"USER=ana", "TMPDIR=/tmp/j 7"};
  EXPECT_EQ(expand_variables("/local/$USER/x", environment), "/local/ana/x");
  EXPECT_EQ(expand_variables("${TMPDIR}_a$NONE.$", environment), "/tmp/j 7_a.");
}

TEST(FindAddress, FollowsTheSitesForm) {
  EXPECT_EQ(find_address("n1", ""), "n1");
  EXPECT_EQ(find_address("n1", "suffix:-ib0"), "n1-ib0");
  EXPECT_EQ(find_address("n1", "interface:lo"), "127.0.0.1");
  EXPECT_EQ(find_address("n1", "interface:none7"), "n1");
}

TEST(CommandLine, ReadsWhatABatchScriptWrites) {
  const auto line = read_command_line(
      {"keep", "--run", "/r", "--stage", "train", "--offset", "1001", "--attempt-base", "2"});
  ASSERT_TRUE(line) << line.error().message;
  EXPECT_EQ(line->run, "/r");
  EXPECT_EQ(line->offset, 1'001U);
  EXPECT_EQ(line->attempt_base, 2U);
}

TEST(CommandLine, SaysWhatIsWrong) {
  const auto complaint = [](const std::vector<std::string>& words) {
    return read_command_line(words).error().message;
  };
  EXPECT_EQ(complaint({}), "expected 'keep', 'node' or '--version'");
  EXPECT_EQ(complaint({"kep"}), "expected 'keep', 'node' or '--version', got \"kep\"");
  EXPECT_EQ(complaint({"keep", "--run", "/r"}), "keep wants --run DIR and --stage NAME");
  EXPECT_EQ(complaint({"keep", "--run", "/r", "--stage", "s", "--offset", "-1"}),
            "--offset must be a number from 0 to 4294967295, got \"-1\"");
  EXPECT_EQ(complaint({"keep", "--run"}), "\"--run\" wants a value");
  EXPECT_EQ(complaint({"node"}), "node wants --task FILE");
  EXPECT_EQ(complaint({"keep", "--walk", "1"}), "there is no option \"--walk\"");
}

}  // namespace
}  // namespace foz::agent
