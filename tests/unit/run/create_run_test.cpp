#include <sys/stat.h>

#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

class CreateRun : public RunTest {
 protected:
  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(run_folder())) {
      names.push_back(entry.path().lexically_relative(run_folder()).native() +
                      (entry.is_directory() ? "/" : ""));
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  [[nodiscard]] mode_t mode_of(const fs::path& path) const {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
};

TEST_F(CreateRun, MakesAWholeFolder) {
  plan_ =
      make_plan({{"train", 3}, {"evaluate", 3, {{"train", task::EdgeKind::each}}}}, run_folder());
  ASSERT_TRUE(write_file(root_ / "agent", "binary", Durability::cached, 0755));
  const auto made = create_run(
      plan_, "foz: 1\n",
      {{(root_ / "agent").native(), "bin/foz-agent", ""}, {"", "plugins/spark/plugin.json", "{}"}},
      clock_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->root(), run_folder());
  auto names = files();
  std::erase_if(names, [](const std::string& name) { return name.ends_with(".jsonl"); });
  EXPECT_THAT(names, testing::ElementsAre(
                         "bin/", "bin/foz-agent", "gates/", "journal/", "logs/", "logs/evaluate/",
                         "logs/train/", "manifests/", "outcome/", "outcome/train/", "plan.json",
                         "plugins/", "plugins/spark/", "plugins/spark/plugin.json", "release/",
                         "scripts/", "scripts/evaluate.sh", "scripts/train.sh", "stages/",
                         "stages/evaluate.json", "stages/train.json", "tasks/", "workflow.yaml"));
  EXPECT_EQ(mode_of(run_folder()), 0700);
  EXPECT_EQ(mode_of(folder().plan()), 0600);
  EXPECT_EQ(mode_of(folder().agent()), 0755);
  EXPECT_EQ(read_file(folder().workflow()), "foz: 1\n");
  EXPECT_EQ(load_plan(folder()).value().run_id, "brave-tide-4f2a");
  ASSERT_EQ(records(journal::kind::run_created).size(), 1U);
  EXPECT_EQ(records(journal::kind::run_created)[0].text("run"), "brave-tide-4f2a");
}

TEST_F(CreateRun, LeavesNothingBehindWhenItFails) {
  plan_ = make_plan({{"train"}}, run_folder());
  const auto made =
      create_run(plan_, "", {{(root_ / "none").native(), "bin/foz-agent", ""}}, clock_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "cannot make run folder '" + run_folder() + "': cannot open '" +
                                      (root_ / "none").native() + "': No such file or directory");
  EXPECT_TRUE(fs::is_empty(root_ / ".foz" / "runs"));
}

TEST_F(CreateRun, NeverOverwritesARun) {
  create({{"train"}});
  const auto made = create_run(plan_, "", {}, clock_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), (Error{Code::refused, "there is a run '" + run_folder() + "' already"}));
}

TEST_F(CreateRun, GoesOnOverAFolderThatWasNeverFinished) {
  fs::create_directories(root_ / ".foz" / "runs" / ".brave-tide-4f2a.new" / "stages");
  create({{"train"}});
  EXPECT_FALSE(fs::exists(root_ / ".foz" / "runs" / ".brave-tide-4f2a.new"));
}

TEST_F(CreateRun, PinsNothingOutsideItsFolder) {
  plan_ = make_plan({{"train"}}, run_folder());
  for (const char* to : {"../x", "/x", "a/../../x", ""}) {
    const auto made = create_run(plan_, "", {{"", to, "text"}}, clock_);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "cannot make run folder '" + run_folder() + "': '" + to +
                                        "' is no path inside the run folder");
  }
}

}  // namespace
}  // namespace foz::run
