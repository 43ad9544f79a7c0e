/// The examples of docs/how-to/write-a-plugin.md, as they stand there.
#include <gtest/gtest.h>

#include "core/plugin/check_with.h"
#include "core/plugin/host.h"
#include "core/plugin/try.h"
#include "tests/support/folders.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/plugin/golden.h"

namespace foz::plugin {
namespace {

/// The first fenced block of a language.
std::string block(const std::string& language) {
  const std::string text =
      read_file(test::source_folder() / "docs/how-to/write-a-plugin.md").value();
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

Result<Trial> tried(const fs::path& folder, const Value& with, std::uint32_t nodes) {
  Diagnostics diagnostics;
  const auto loaded = load_plugin(folder, diagnostics);
  EXPECT_TRUE(loaded.has_value()) << diagnostics.render();
  EXPECT_TRUE(diagnostics.all().empty()) << diagnostics.render();
  TryRequest request;
  request.nodes = nodes;
  request.plugin_dir = "/plugin";
  request.with = check_with(loaded->description, with, {}, {}, diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.render();
  return try_plugin(*loaded->plugin, request);
}

TEST(Docs, TheYamlPluginOfTheHowToWorks) {
  test::TemporaryFolder folder;
  folder.write("dask/plugin.yaml", block("yaml"));
  const auto trial =
      tried(folder.path() / "dask",
            Value::Map{{"script", "sums.py"}, {"args", Value::List{"--rows", "10"}}}, 2);
  ASSERT_TRUE(trial.has_value()) << trial.error().message;
  expect_golden("dask.txt", render_text(*trial));
}

TEST(Docs, TheProgramPluginOfTheHowToWorks) {
  test::TemporaryFolder folder;
  folder.write("pairs/plugin", block("python"), 0755);
  const Value with(Value::Map{{"command", Value::List{"serve", "--all"}}});
  const auto trial = tried(folder.path() / "pairs", with, 2);
  ASSERT_TRUE(trial.has_value()) << trial.error().message;
  expect_golden("pairs.txt", render_text(*trial));
  EXPECT_EQ(tried(folder.path() / "pairs", with, 33).error().message,
            "pairs cannot serve more than 32 nodes");
}

}  // namespace
}  // namespace foz::plugin
