#include "core/journal/run_folder.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/unit/journal/support.h"

namespace foz::journal {
namespace {

/// While it lives, this process may not do what only root may.
class AsNobody {
 public:
  AsNobody() {
    if (::geteuid() == 0) is_root_ = ::seteuid(65534) == 0;
  }
  ~AsNobody() {
    if (is_root_ && ::seteuid(0) != 0) std::abort();
  }
  AsNobody(const AsNobody&) = delete;
  AsNobody& operator=(const AsNobody&) = delete;

 private:
  bool is_root_ = false;
};

class RunFolders : public JournalTest {
 protected:
  RunFolders() { fs::permissions(folder_, fs::perms(0755)); }
  ~RunFolders() override {
    for (const fs::path& folder : closed_) fs::permissions(folder, fs::perms::owner_all);
  }

  /// A folder that its owner alone could open again.
  void close(const fs::path& folder) {
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::none);
    closed_.push_back(folder);
  }
  /// The ids, or the error.
  [[nodiscard]] std::string nearest(const fs::path& from) const {
    const auto runs = nearest_runs(folder_ / from);
    if (!runs) return runs.error().message;
    std::string ids;
    for (const RunFolder& run : *runs) ids += (ids.empty() ? "" : " ") + run.run_id();
    return ids;
  }
  void make_run(const fs::path& workflow_folder, const std::string& id, std::int64_t second) {
    const fs::path root = workflow_folder / ".foz" / "runs" / id;
    fs::create_directories(root);
    put(root / "plan.json", "{}");
    const timespec times[2] = {{second, 0}, {second, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root / "plan.json").c_str(), times, 0), 0);
  }
  [[nodiscard]] std::string found(std::string_view name) const {
    const auto run = find_run(folder_, name);
    return run ? run->root().lexically_relative(folder_).native() : run.error().message;
  }

 private:
  std::vector<fs::path> closed_;
};

TEST_F(RunFolders, AreListedOldestFirst) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_, "zesty-cape-0001", 100);
  make_run(folder_, "brave-tide-0003", 300);
  const std::vector<RunFolder> runs = list_runs(folder_).value();
  std::vector<std::string> ids;
  for (const RunFolder& run : runs) ids.push_back(run.run_id());
  EXPECT_EQ(ids, (std::vector<std::string>{"zesty-cape-0001", "calm-bay-0002", "brave-tide-0003"}));
}

TEST_F(RunFolders, UnfinishedOnesAreNone) {
  fs::create_directories(folder_ / ".foz" / "runs" / "empty-0001");
  make_run(folder_, ".brave-tide-0003.new", 300);
  EXPECT_EQ(list_runs(folder_).value().size(), 0U);
  EXPECT_EQ(list_runs(folder_ / "elsewhere").value().size(), 0U);
}

TEST_F(RunFolders, DamagedOnesKeepTheirPlaceAmongTheOthers) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_, "zesty-cape-0001", 100);
  const fs::path damaged = folder_ / ".foz" / "runs" / "brave-tide-0003";
  fs::create_directories(damaged / "journal");
  put(damaged / "workflow.yaml", "");
  const timespec times[2] = {{150, 0}, {150, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (damaged / "workflow.yaml").c_str(), times, 0), 0);
  EXPECT_EQ(nearest("."), "zesty-cape-0001 brave-tide-0003 calm-bay-0002");
  EXPECT_EQ(found("latest"), ".foz/runs/calm-bay-0002");
  EXPECT_EQ(found("br"), ".foz/runs/brave-tide-0003");
  EXPECT_EQ(found(".foz/runs/brave-tide-0003"), ".foz/runs/brave-tide-0003");
  const timespec later[2] = {{300, 0}, {300, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, (damaged / "workflow.yaml").c_str(), later, 0), 0);
  EXPECT_EQ(found("latest"), ".foz/runs/brave-tide-0003");
}

/// Where somebody keeps old runs, say.
TEST_F(RunFolders, AFolderThatIsNotCalledLikeARunIsNone) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_ / ".foz" / "runs" / "old", "brave-tide-0001", 100);
  EXPECT_EQ(nearest("."), "calm-bay-0002");
}

TEST_F(RunFolders, AreFoundByIdPrefixLatestAndPath) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_, "brave-tide-0001", 100);
  EXPECT_EQ(found("brave-tide-0001"), ".foz/runs/brave-tide-0001");
  EXPECT_EQ(found("br"), ".foz/runs/brave-tide-0001");
  EXPECT_EQ(found("latest"), ".foz/runs/calm-bay-0002");
  EXPECT_EQ(found(".foz/runs/calm-bay-0002"), ".foz/runs/calm-bay-0002");
  EXPECT_EQ(found(".foz/runs/calm-bay-0002/"), ".foz/runs/calm-bay-0002");
  EXPECT_EQ(found((folder_ / ".foz/runs/calm-bay-0002").native()), ".foz/runs/calm-bay-0002");
}

TEST_F(RunFolders, AreFoundFromBelow) {
  make_run(folder_, "calm-bay-0002", 200);
  fs::create_directories(folder_ / "a" / "b");
  EXPECT_EQ(find_run(folder_ / "a" / "b", "latest").value().run_id(), "calm-bay-0002");
}

TEST_F(RunFolders, TheNearestOnesAreThoseOfTheFirstFolderThatHasSome) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_ / "a" / "b", "brave-tide-0001", 100);
  fs::create_directories(folder_ / "a" / "b" / "c");
  EXPECT_EQ(nearest("a/b/c"), "brave-tide-0001");
  EXPECT_EQ(nearest("a"), "calm-bay-0002");
}

TEST_F(RunFolders, WhatMayNotBeReadAboveHasNoRunsAndHereIsAnError) {
  make_run(folder_, "calm-bay-0002", 200);
  for (const bool is_file : {false, true}) {
    const fs::path theirs = folder_ / (is_file ? "file" : "closed");
    fs::create_directories(theirs / "mine" / "deep");
    if (is_file)
      put(theirs / ".foz", "");
    else
      close(theirs / ".foz");
    const AsNobody nobody;
    EXPECT_EQ(find_run(theirs / "mine" / "deep", "latest").value().run_id(), "calm-bay-0002");
    EXPECT_EQ(nearest(theirs / "mine" / "deep"), "calm-bay-0002");
    const std::string why = "cannot list runs in '" + (theirs / ".foz" / "runs").native() +
                            "': " + (is_file ? "Not a directory" : "Permission denied");
    EXPECT_EQ(find_run(theirs, "latest").error().message, why);
    EXPECT_EQ(nearest(theirs), why);
  }
}

TEST_F(RunFolders, AWholeIdWinsOverALongerOne) {
  make_run(folder_, "calm-bay", 200);
  make_run(folder_, "calm-bay-0002", 100);
  EXPECT_EQ(found("calm-bay"), ".foz/runs/calm-bay");
}

TEST_F(RunFolders, AnAmbiguousPrefixNamesTheRuns) {
  make_run(folder_, "calm-bay-0002", 200);
  make_run(folder_, "calm-cape-0001", 100);
  EXPECT_EQ(found("calm"),
            "'calm' fits several runs: calm-cape-0001, calm-bay-0002; give more letters");
}

TEST_F(RunFolders, WhatIsNotThereIsSaid) {
  const std::string where = "in '" + folder_.native() + "' and the folders above it";
  EXPECT_EQ(found("calm"), "there is no run 'calm' " + where);
  EXPECT_EQ(found("latest"), "there is no run " + where);
  EXPECT_EQ(found("./x"),
            "'" + (folder_ / "x").native() + "' is no run: there is no plan.json in it");
  EXPECT_EQ(found(""), "the name of a run is empty");
}

TEST(RunFolder, PutsEachThingInItsPlace) {
  const RunFolder run("/w/.foz/runs/brave-tide-4f2a");
  EXPECT_EQ(run.run_id(), "brave-tide-4f2a");
  EXPECT_EQ(run.stage("train"), "/w/.foz/runs/brave-tide-4f2a/stages/train.json");
  EXPECT_EQ(run.script("train"), "/w/.foz/runs/brave-tide-4f2a/scripts/train.sh");
  EXPECT_EQ(run.outcome("train", {7}), "/w/.foz/runs/brave-tide-4f2a/outcome/train/7.json");
  EXPECT_EQ(run.pending_release("eval", {7}), "/w/.foz/runs/brave-tide-4f2a/release/eval.7");
  EXPECT_EQ(run.gate("best"), "/w/.foz/runs/brave-tide-4f2a/gates/best.json");
  EXPECT_EQ(run.manifest("best", "eval"), "/w/.foz/runs/brave-tide-4f2a/manifests/best.eval.jsonl");
  EXPECT_EQ(run.attempt("train.7", {2}), "/w/.foz/runs/brave-tide-4f2a/tasks/train.7/2");
}

TEST(JobsJson, GivesBackTheParts) {
  SubmittedPart part{"train", 1, 1001, 500, true, JobId{812}, "blue", "0a1b2c3d"};
  const std::string text = jobs_to_json({part, SubmittedPart{}});
  const auto parts = jobs_from_json(text);
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(*parts, (std::vector<SubmittedPart>{part, SubmittedPart{}}));
}

TEST(JobsJson, RefusesANewerFormatAndWhatDoesNotParse) {
  EXPECT_EQ(jobs_from_json(R"({"foz_jobs":2,"parts":[]})").error(),
            (Error{Code::invalid,
                   "jobs.json has format 2, and this foz reads formats up to 1; use "
                   "the foz that the run was made with"}));
  const std::string text =
      jobs_to_json({SubmittedPart{"train", 0, 0, 1, false, JobId{1}, "", "n"}});
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    const auto parts = jobs_from_json(text.substr(0, size));
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error().code, Code::invalid);
    EXPECT_THAT(parts.error().message, testing::StartsWith("jobs.json does not parse: "));
  }
}

TEST(OutcomeJson, IsOneLineAndGivesBackTheOutcome) {
  const TaskOutcome outcome{"train",
                            {3},
                            "train.3",
                            2,
                            "failed",
                            "oom",
                            "rank 0 went\nover",
                            {{"seed", "1"}, {"lr", "0.10"}},
                            {{"model", "models/é \"x\""}}};
  const std::string line = outcome_to_json(outcome);
  EXPECT_EQ(line,
            R"({"stage":"train","index":3,"name":"train.3","attempt":2,"state":"failed",)"
            R"("class":"oom","sentence":"rank 0 went\nover","values":{"seed":"1","lr":"0.10"},)"
            R"("outputs":{"model":"models/é \"x\""}})");
  const auto back = outcome_from_json(line);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, outcome);
}

TEST(OutcomeJson, CutAnywhereIsRefused) {
  const std::string line = outcome_to_json(TaskOutcome{});
  for (std::size_t size = 0; size < line.size(); ++size) {
    const auto outcome = outcome_from_json(line.substr(0, size));
    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().message, testing::StartsWith("an outcome does not parse: "));
  }
}

}  // namespace
}  // namespace foz::journal
