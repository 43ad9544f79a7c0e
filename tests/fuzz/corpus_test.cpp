/// Every file of the corpus and of the golden files, whole and cut short, through the fuzz target.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/fd.h"
#include "tests/fuzz/workflow_target.h"
#include "tests/support/folders.h"

namespace foz::spec {
namespace {

std::vector<fs::path> files_of(const std::string& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(test::source_folder() / folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class WorkflowCorpus : public testing::TestWithParam<const char*> {};

TEST_P(WorkflowCorpus, KeepsThePromises) {
  const auto files = files_of(GetParam());
  EXPECT_FALSE(files.empty());
  for (const fs::path& file : files) {
    SCOPED_TRACE(file);
    try_workflow(read_file(file).value());
  }
}

INSTANTIATE_TEST_SUITE_P(Folders, WorkflowCorpus,
                         testing::Values("tests/fuzz/corpus/workflow", "tests/golden/spec/good",
                                         "tests/golden/spec/bad", "tests/golden/spec/pipelines"));

TEST(WorkflowCorpus, KeepsThePromisesWhereverAFileIsCut) {
  const std::string text =
      read_file(test::source_folder() / "tests/golden/spec/good/everything.yaml").value();
  for (std::size_t length = 0; length < text.size(); ++length)
    try_workflow(std::string_view(text).substr(0, length));
}

TEST(WorkflowCorpus, KeepsThePromisesWhicheverByteIsSpoilt) {
  const std::string text =
      read_file(test::source_folder() / "tests/golden/spec/good/flights.yaml").value();
  for (const char spoilt : {'\0', '\n', '"', '{', '$', '\xff', ' '}) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string copy = text;
      copy[at] = spoilt;
      try_workflow(copy);
    }
  }
}

}  // namespace
}  // namespace foz::spec
