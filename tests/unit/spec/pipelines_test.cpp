/// Workflows as people will want to write them, of which parts are not built yet: exactly those
/// parts are refused, and nothing else is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/fd.h"
#include "tests/support/folders.h"
#include "tests/unit/spec/reading_support.h"

namespace foz::spec {
namespace {

using testing::UnorderedElementsAre;

std::vector<std::string> not_built_in(const std::string& name) {
  const fs::path folder = test::source_folder() / "tests/golden/spec/pipelines";
  const Outcome outcome = read(read_file(folder / name).value(), {folder.string(), {}});
  std::vector<std::string> keys;
  for (const std::string& message : outcome.messages) {
    constexpr std::string_view k_begin = "error: '", k_end = "' is not built yet";
    const bool is_refusal = message.starts_with(k_begin) && message.ends_with(k_end);
    EXPECT_TRUE(is_refusal) << message;
    if (is_refusal)
      keys.push_back(
          message.substr(k_begin.size(), message.size() - k_begin.size() - k_end.size()));
  }
  return keys;
}

TEST(Pipelines, VariantsToAModelForADevice) {
  EXPECT_THAT(not_built_in("variants.yaml"),
              UnorderedElementsAre("cache", "pack", "on_failure", "services"));
}

TEST(Pipelines, WeeksOnNodesThatMayBeTaken) {
  EXPECT_THAT(not_built_in("weeks.yaml"),
              UnorderedElementsAre("container", "secrets", "stage_in", "spare_nodes", "mesh",
                                   "checkpoint", "until", "on_failure", "stop_if", "notify"));
}

TEST(Pipelines, ChainsSideBySide) {
  EXPECT_THAT(not_built_in("chains.yaml"), UnorderedElementsAre("serial"));
}

}  // namespace
}  // namespace foz::spec
