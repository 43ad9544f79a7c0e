/// Every workflow of cases/, pipelines/ and bad/ against its .expected, byte for byte: what `foz
/// plan` says of it (text, JSON, graphs), and the batch scripts.
///
///   golden_plan --bless     writes the .expected files as they are now
#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <ctime>

#include "tests/golden/plan/golden_case.h"
#include "tests/support/folders.h"

namespace foz::plan {
namespace {

bool& is_blessing() {
  static bool value = false;
  return value;
}

std::vector<fs::path> workflows_of(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(test::source_folder() / "tests/golden/plan" / folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class GoldenPlan : public testing::Test {
 public:
  explicit GoldenPlan(fs::path file) : file_(std::move(file)) {}

  void TestBody() override {
    const std::string outcome = outcome_of(file_);
    const bool is_bad = file_.parent_path().filename() == "bad";
    EXPECT_EQ(outcome.find("error: ") != std::string::npos, is_bad) << outcome;
    const fs::path expected = fs::path(file_).replace_extension(".expected");
    if (is_blessing()) {
      ASSERT_TRUE(write_file(expected, outcome, Durability::cached, 0644));
    } else {
      EXPECT_EQ(read_file(expected).value_or(""), outcome)
          << "after a wanted change: golden_plan --bless";
    }
  }

 private:
  fs::path file_;
};

void register_files(const std::string& folder, const char* suite) {
  for (const fs::path& file : workflows_of(folder)) {
    testing::RegisterTest(suite, file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [file]() -> testing::Test* { return new GoldenPlan(file); });
  }
}

/// Working folder, time zone and locale of the process, as they were, at the end.
class Elsewhere {
 public:
  Elsewhere() : folder_(fs::current_path()) {
    fs::current_path("/");
    ::setenv("TZ", "Asia/Kathmandu", 1);
    ::tzset();
    for (const char* locale : {"de_DE.UTF-8", "tr_TR.UTF-8", "C.UTF-8"})
      if (std::setlocale(LC_ALL, locale) != nullptr) break;
  }
  ~Elsewhere() {
    fs::current_path(folder_);
    ::unsetenv("TZ");
    ::tzset();
    std::setlocale(LC_ALL, "C");
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  fs::path folder_;
};

TEST(Planning, SaysTheSameBytesWhateverTheFolderTimeZoneAndLocale) {
  for (const char* folder : {"cases", "pipelines", "bad"}) {
    for (const fs::path& file : workflows_of(folder)) {
      const std::string here = outcome_of(file);
      const Elsewhere elsewhere;
      EXPECT_EQ(outcome_of(file), here) << file;
    }
  }
}

}  // namespace
}  // namespace foz::plan

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  foz::plan::is_blessing() = argc > 1 && std::string_view(argv[1]) == "--bless";
  foz::plan::register_files("cases", "Plan");
  foz::plan::register_files("pipelines", "PlanOfPipeline");
  foz::plan::register_files("bad", "BadPlan");
  return RUN_ALL_TESTS();
}
