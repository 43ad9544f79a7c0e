/// Every file of good/ and bad/ against its .expected: the rendered diagnostics of a bad file, the
/// warnings and the workflow of a good one.
///
///   golden_spec --bless     writes the .expected files, and the schema and the reference page, as
///   they are now
///
/// A line "# --param K=V" in a file is given to the reader as the command line would.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/spec/documents.h"
#include "tests/golden/spec/dump.h"
#include "tests/support/folders.h"

namespace foz::spec {
namespace {

bool& is_blessing() {
  static bool value = false;
  return value;
}

std::string read_all(const fs::path& path) {
  auto text = read_file(path);
  return text ? *text : "";
}

ReadOptions options_of(const fs::path& path, const std::string& text) {
  ReadOptions options{path.parent_path().string(), {}};
  constexpr std::string_view k_mark = "# --param ";
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(k_mark)) continue;
    const auto pair = split(line.substr(k_mark.size()), '=', 2);
    options.params.emplace_back(pair.front(), pair.back());
  }
  return options;
}

/// What the reader says of a file.
std::string outcome_of(const fs::path& path) {
  const std::string text = read_all(path);
  Diagnostics diagnostics;
  const auto workflow =
      read_workflow(text, path.filename().string(), options_of(path, text), diagnostics);
  EXPECT_EQ(workflow.has_value(), !diagnostics.has_errors());
  return diagnostics.render() + (workflow ? dump(*workflow) : "");
}

void compare(const fs::path& expected, const std::string& outcome) {
  if (is_blessing()) {
    ASSERT_TRUE(write_file(expected, outcome, Durability::cached, 0644));
    return;
  }
  EXPECT_EQ(read_all(expected), outcome) << "after a wanted change: golden_spec --bless";
}

class GoldenFile : public testing::Test {
 public:
  explicit GoldenFile(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    const std::string outcome = outcome_of(path_);
    const bool is_bad = path_.parent_path().filename() == "bad";
    EXPECT_EQ(outcome.find("error: ") != std::string::npos, is_bad) << outcome;
    compare(fs::path(path_).replace_extension(".expected"), outcome);
  }

 private:
  fs::path path_;
};

void register_files(const std::string& folder, const char* suite) {
  std::vector<fs::path> files;
  for (const auto& entry :
       fs::directory_iterator(test::source_folder() / "tests/golden/spec" / folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    testing::RegisterTest(suite, file.stem().c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [file]() -> testing::Test* { return new GoldenFile(file); });
  }
}

TEST(Documents, SchemaIsFresh) {
  compare(test::source_folder() / "templates/schema/workflow.schema.json", workflow_schema());
}

TEST(Documents, ReferencePageIsFresh) {
  compare(test::source_folder() / "docs/reference/workflow.md", workflow_reference());
}

}  // namespace
}  // namespace foz::spec

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  foz::spec::is_blessing() = argc > 1 && std::string_view(argv[1]) == "--bless";
  foz::spec::register_files("good", "GoodWorkflow");
  foz::spec::register_files("bad", "BadWorkflow");
  return RUN_ALL_TESTS();
}
