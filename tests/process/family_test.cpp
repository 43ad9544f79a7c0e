/// A task among its parents and children: the gate before it, the partners behind it.
#include <gmock/gmock.h>

#include "core/base/clock.h"
#include "core/base/text.h"
#include "tests/process/task_run.h"
#include "tests/support/folders.h"

namespace foz::test {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

task::MatrixRule four() {
  return {{{"i", task::RangeAxis{0, 3, 1, 0}}}, {}};
}

class Family : public testing::Test {
 protected:
  Family() {
    run.set("PATH", test::source_folder().native() +
                        "/tests/process/fake:" + *find_variable(run.environment, "PATH"));
    run.set("FAKE_CALLS", (run.root() / "calls").native());
    run.set("SLURM_JOB_ID", "70");
  }

  void be_element(int index) {
    run.stage.matrix = four();
    run.stage.tasks = 4;
    run.stage.is_array = true;
    run.set("SLURM_ARRAY_TASK_ID", std::to_string(index));
  }
  void record_end(const std::string& stage, std::int64_t index, const std::string& outcome,
                  const std::string& sentence = "") {
    const SystemClock clock;
    auto journal = journal::Writer::open(run.folder().journal(), "n9", clock);
    ASSERT_TRUE(journal);
    journal::Record record;
    record.kind = journal::kind::task_ended;
    record.fields = {{"stage", stage},     {"index", index},         {"attempt", std::int64_t{1}},
                     {"outcome", outcome}, {"class", std::string()}, {"sentence", sentence}};
    ASSERT_TRUE(journal->append(record));
  }
  task::Parent& add_parent(task::EdgeKind kind) {
    task::Parent parent;
    parent.stage = "prepare";
    parent.kind = kind;
    parent.tasks = 4;
    parent.matrix = four();
    parent.workdir = "/data";
    parent.outputs = {{"table", "out/${{ task.name }}.parquet"}};
    run.stage.parents.push_back(parent);
    return run.stage.parents.back();
  }
  void write_outcome(const std::string& stage, std::uint64_t index, const std::string& state) {
    const journal::TaskOutcome outcome{stage,
                                       TaskIndex{index},
                                       stage + "." + std::to_string(index),
                                       1,
                                       state,
                                       "",
                                       "it says so",
                                       {},
                                       {}};
    const fs::path path = run.folder().outcome(stage, TaskIndex{index});
    fs::create_directories(path.parent_path());
    ASSERT_TRUE(write_file(path, journal::outcome_to_json(outcome), Durability::cached));
  }
  [[nodiscard]] std::vector<std::string> calls() const {
    std::vector<std::string> lines;
    const std::string text = read_file(run.root() / "calls").value_or("");
    for (const std::string_view line : split(text, '\n'))
      if (!line.empty()) lines.emplace_back(line);
    return lines;
  }

  TaskRun run;
};

// ---- the gate -----------------------------------------------------------------------------------

TEST_F(Family, AnElementRunsWhenItsOwnParentSucceededWhateverTheOthersDid) {
  be_element(2);
  add_parent(task::EdgeKind::each);
  write_outcome("prepare", 1, "failed");
  write_outcome("prepare", 2, "succeeded");
  run.stage.env = {{"TABLE", "${{ needs.prepare.table }}"}};
  run.add_shell("echo $TABLE");
  ASSERT_TRUE(run.keep().exited_with(0)) << run.end().text("sentence");
  EXPECT_EQ(run.log("train.2.1.log"), "/data/out/prepare.2.parquet\n");
}

TEST_F(Family, AnElementWhoseParentFailedNeverRuns) {
  be_element(1);
  add_parent(task::EdgeKind::each);
  write_outcome("prepare", 1, "failed");
  run.add_shell("touch ran");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("outcome"), "dependency_failed");
  EXPECT_EQ(run.end().text("sentence"), "prepare.1 ended as failed: it says so");
  EXPECT_FALSE(fs::exists(run.workdir() / "ran"));
}

TEST_F(Family, TheJournalSpeaksWhereTheOutcomeFileIsLost) {
  be_element(1);
  add_parent(task::EdgeKind::each);
  record_end("prepare", 1, "succeeded");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
}

/// Slurm lifts a dependency on a failed job that it has forgotten: absence is not success.
TEST_F(Family, NoRecordIsNoSuccess) {
  add_parent(task::EdgeKind::success).tasks = 1;
  run.stage.parents.back().matrix = {};
  run.add_shell("touch ran");
  EXPECT_TRUE(run.keep().exited_with(1));
  EXPECT_EQ(run.end().text("sentence"), "only 0 of 1 task of 'prepare' have a record of success");
  EXPECT_FALSE(fs::exists(run.workdir() / "ran"));
}

TEST_F(Family, ARecordThatComesLateOpensTheGate) {
  be_element(1);
  add_parent(task::EdgeKind::each);
  run.stage.outputs_wait = Seconds(20);
  run.add_shell("true");
  const pid_t keeper = run.start_keeper();
  wait_until([&] { return !run.records(journal::kind::task_started).empty(); });
  write_outcome("prepare", 1, "succeeded");
  EXPECT_EQ(run.wait_keeper(keeper), 0);
}

TEST_F(Family, AJoinReadsTheJournalOnceForAllItsElements) {
  be_element(0);
  add_parent(task::EdgeKind::success);
  for (int i = 0; i < 4; ++i) record_end("prepare", i, "succeeded");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_TRUE(fs::exists(run.folder().gate("train")));
  fs::remove(run.folder().journal() / journal::host_file_name("n9"));  // a sibling needs it no more
  be_element(1);
  EXPECT_TRUE(run.keep().exited_with(0));
}

TEST_F(Family, AJoinNamesTheElementThatFailed) {
  add_parent(task::EdgeKind::success);
  record_end("prepare", 0, "succeeded");
  record_end("prepare", 3, "failed", "rank 0 on n2 ended with exit status 9");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(1));
  const auto ends = run.records(journal::kind::task_ended);
  EXPECT_EQ(ends.front().text("sentence"),
            "prepare.3 ended as failed: rank 0 on n2 ended with exit status 9");
}

TEST_F(Family, AJoinOverWhatFinishedGetsAManifestOfEveryElement) {
  add_parent(task::EdgeKind::finished);
  record_end("prepare", 0, "succeeded");
  record_end("prepare", 2, "failed", "no");
  run.add_argv({"cat", "${{ needs.prepare.manifest }}"});
  ASSERT_TRUE(run.keep().exited_with(0));
  const std::string log = run.log();
  const auto lines = split(trim(log), '\n');
  ASSERT_THAT(lines, SizeIs(4));
  std::vector<std::string> states;
  for (const std::string_view line : lines) {
    const auto outcome = journal::outcome_from_json(line);
    ASSERT_TRUE(outcome);
    states.push_back(outcome->state);
    EXPECT_EQ(outcome->outputs.front().second, "/data/out/" + outcome->name + ".parquet");
    EXPECT_EQ(outcome->values.front().second, std::to_string(outcome->index.value));
  }
  EXPECT_THAT(states, ElementsAre("succeeded", "unknown", "failed", "unknown"));
}

// ---- partners -----------------------------------------------------------------------------------

class Partners : public Family {
 protected:
  Partners() {
    be_element(2);
    run.stage.each_children = {{"evaluate"}};
    const std::vector<journal::SubmittedPart> parts = {
        {"evaluate", 0, 0, 2, true, JobId{80}, "", "a"},
        {"evaluate", 1, 2, 2, true, JobId{81}, "", "b"},
        {"publish", 0, 0, 4, true, JobId{90}, "", "c"}};
    EXPECT_TRUE(write_file(run.folder().jobs(), journal::jobs_to_json(parts), Durability::cached));
    write_child("evaluate", {{"publish"}});
    write_child("publish", {});
    fs::create_directories(run.folder().pending_releases());
  }
  void write_child(const std::string& name, std::vector<task::EachChild> children) {
    task::StageTasks child = run.stage;
    child.stage = name;
    child.steps = {{"", task::ShellCommand{"true"}, task::StepPlace::ranks, false}};
    child.each_children = std::move(children);
    EXPECT_TRUE(write_file(run.folder().stage(name), task::to_json(child), Durability::cached));
  }
};

TEST_F(Partners, ASuccessReleasesTheOneThatWaitsForIt) {
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), ElementsAre("scontrol release 81_[0]"));
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
  EXPECT_EQ(run.records(journal::kind::partner_done).front().text("what"), "released");
  const auto outcome = journal::outcome_from_json(
      read_file(run.folder().outcome("train", TaskIndex{2})).value_or(""));
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->state, "succeeded");
}

TEST_F(Partners, ASuccessThatCannotReleaseIsASuccessAndLeavesWordForAdvance) {
  run.set("FAKE_SLURM", "refuses");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_EQ(run.end().text("outcome"), "succeeded");
  EXPECT_TRUE(fs::exists(run.folder().pending_release("evaluate", TaskIndex{2})));
  EXPECT_THAT(run.records(journal::kind::note).back().text("text"),
              HasSubstr("evaluate is left to be released by 'foz advance'"));
}

TEST_F(Partners, WhileSlurmIsSilentItIsTriedAgain) {
  run.set("FAKE_SLURM", "away");
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), Each("scontrol release 81_[0]"));
  EXPECT_THAT(calls(), SizeIs(3));
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
  EXPECT_EQ(run.records(journal::kind::partner_done).front().text("what"), "released");
}

TEST_F(Partners, AFailureIsHandedOnWhenSlurmIsBack) {
  run.set("FAKE_SLURM", "away");
  run.add_shell("exit 4");
  EXPECT_TRUE(run.keep().exited_with(4));
  EXPECT_THAT(calls(),
              ElementsAre("scancel 81_[0]", "scancel 90_[2]", "scancel 81_[0]", "scancel 90_[2]"));
}

TEST_F(Partners, ASignalEndsTheTrying) {
  run.set("FAKE_SLURM", "down");
  run.add_shell("true");
  const pid_t keeper = run.start_keeper();
  test::wait_until([this] { return !calls().empty(); });
  test::wait_until([this] { return !run.records(journal::kind::note).empty(); });
  ::kill(keeper, SIGTERM);
  EXPECT_EQ(run.wait_keeper(keeper), 0);
  EXPECT_EQ(run.end().text("outcome"), "succeeded");
  EXPECT_THAT(run.records(journal::kind::note).back().text("text"),
              HasSubstr("evaluate is left to be released by 'foz advance'"));
}

TEST_F(Partners, AFailureCancelsTheWholeChainBelowAndSaysWhy) {
  run.add_shell("exit 4");
  EXPECT_TRUE(run.keep().exited_with(4));
  EXPECT_THAT(calls(), ElementsAre("scancel 81_[0]", "scancel 90_[2]"));
  const auto ends = run.records(journal::kind::task_ended);
  ASSERT_THAT(ends, SizeIs(3));
  EXPECT_EQ(ends[1].text("stage"), "evaluate");
  EXPECT_EQ(ends[2].text("stage"), "publish");
  EXPECT_EQ(ends[2].text("outcome"), "dependency_failed");
  EXPECT_EQ(ends[2].text("sentence"),
            "train.2 ended as failed: rank 0 on n1 ended with exit status 4");
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
}

/// Slurm cancels what stands in between, and no keeper of that is ever there.
TEST_F(Partners, AFailureCancelsWholeStagesThatItCutsOffOnce) {
  run.stage.each_children.clear();
  run.stage.cut_off = {"evaluate", "publish"};
  fs::create_directories(run.folder().root() / "gates");
  run.add_shell("exit 4");
  EXPECT_TRUE(run.keep().exited_with(4));
  EXPECT_TRUE(run.keep().exited_with(4));  // a sibling
  EXPECT_THAT(calls(), ElementsAre("scancel 80 81", "scancel 90"));
}

TEST_F(Partners, WhatCannotBeCutOffIsLeftToTheNextToFailOrToAdvance) {
  run.stage.each_children.clear();
  run.stage.cut_off = {"evaluate"};
  fs::create_directories(run.folder().root() / "gates");
  run.set("FAKE_SLURM", "refuses");
  run.add_shell("exit 4");
  EXPECT_TRUE(run.keep().exited_with(4));
  EXPECT_THAT(run.records(journal::kind::note).back().text("text"),
              HasSubstr("the held jobs of 'evaluate' are left to be cancelled by 'foz advance'"));
  EXPECT_FALSE(fs::exists(run.folder().cut_off("evaluate")));
}

TEST_F(Partners, AJobThatIsStartedAgainAfterASuccessRunsNothing) {
  record_end("train", 2, "succeeded");
  run.set("SLURM_RESTART_COUNT", "1");
  run.add_shell("touch again");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_FALSE(fs::exists(run.workdir() / "again"));
  EXPECT_THAT(calls(), IsEmpty());

  ASSERT_TRUE(write_file(run.folder().pending_release("evaluate", TaskIndex{2}), "",
                         Durability::cached));  // it died before the release
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), ElementsAre("scontrol release 81_[0]"));
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
}

TEST_F(Partners, AJobThatIsStartedAgainAfterAFailureRuns) {
  record_end("train", 2, "failed");
  record_end("train", 1, "succeeded");
  run.set("SLURM_RESTART_COUNT", "1");
  run.add_shell("touch again");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_TRUE(fs::exists(run.workdir() / "again"));
}

TEST_F(Partners, OfSeveralThatOneWaitsForTheLastReleasesIt) {
  run.stage.each_children = {{"evaluate", {"check", "plot"}}};
  run.add_shell("true");
  write_outcome("check", 2, "succeeded");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), IsEmpty());
  EXPECT_TRUE(fs::exists(run.folder().pending_release("evaluate", TaskIndex{2})));

  write_outcome("plot", 2, "succeeded");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), ElementsAre("scontrol release 81_[0]"));
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
}

TEST_F(Partners, WhereSlurmReleasesThemTheyAreLeftToIt) {
  run.stage.each_children = {{"evaluate", {}, task::ReleasedBy::slurm}};
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), IsEmpty());
  EXPECT_TRUE(fs::is_empty(run.folder().pending_releases()));
}

TEST_F(Partners, AFailureReachesEachStageOnceByWhicheverWay) {
  run.stage.each_children = {{"evaluate"}, {"publish", {"evaluate"}}};
  run.add_shell("exit 4");
  EXPECT_TRUE(run.keep().exited_with(4));
  EXPECT_THAT(calls(), ElementsAre("scancel 81_[0]", "scancel 90_[2]"));
  EXPECT_THAT(run.records(journal::kind::task_ended), SizeIs(3));
}

TEST_F(Partners, ASiblingSweepsUpAfterAKeeperThatDiedBeforeTheRelease) {
  write_outcome("train", 1, "succeeded");
  write_outcome("train", 3, "failed");
  for (const std::uint64_t index : {1U, 3U}) {
    const fs::path path = run.folder().pending_release("evaluate", TaskIndex{index});
    ASSERT_TRUE(write_file(path, "", Durability::cached));
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::minutes(5));
  }
  run.add_shell("true");
  EXPECT_TRUE(run.keep().exited_with(0));
  EXPECT_THAT(calls(), ElementsAre("scontrol release 81_[0]", "scontrol release 80_[1]"));
  EXPECT_FALSE(fs::exists(run.folder().pending_release("evaluate", TaskIndex{1})));
}

}  // namespace
}  // namespace foz::test
