#include "core/base/log.h"

#include <gmock/gmock.h>

#include "core/base/fd.h"
#include "core/base/spawn.h"
#include "tests/support/temporary_folder.h"

namespace foz {
namespace {

TEST(LogWriter, DISABLED_WritesOneLine) {
  FOZ_DEBUG("base", std::string("a \x1b[31mline"));
}

std::string self() {
  return fs::read_symlink("/proc/self/exe").native();
}

/// The log looks at FOZ_DEBUG once, so that each case needs a process of its own: this program,
/// with the test above.
Finished run_writer(const std::optional<std::string>& debug) {
  Command command;
  command.argv = {self(), "--gtest_filter=LogWriter.*", "--gtest_also_run_disabled_tests"};
  command.environment = current_environment();
  unset_variable(*command.environment, "FOZ_DEBUG");
  if (debug) set_variable(*command.environment, "FOZ_DEBUG", *debug);
  return run_command(command).value();
}

TEST(Log, SaysNothingUnlessAsked) {
  EXPECT_EQ(run_writer(std::nullopt).err, "");
  EXPECT_EQ(run_writer("").err, "");
}

TEST(Log, WritesToStandardError) {
  EXPECT_THAT(run_writer("1").err,
              testing::MatchesRegex("[0-9T:.-]+ \\[[0-9]+\\] base: a \\\\x1b\\[31mline\n"));
}

TEST(Log, AppendsToAFile) {
  const test::TemporaryFolder folder;
  const fs::path path = folder / "debug.log";
  EXPECT_EQ(run_writer(path.native()).err, "");
  run_writer(path.native());
  EXPECT_THAT(read_file(path).value(), testing::MatchesRegex("([^\n]+ base: a [^\n]+line\n){2}"));
}

TEST(Log, AFileThatCannotBeOpenedDoesNotStopTheWork) {
  const Finished finished = run_writer("/proc/none/debug.log");
  EXPECT_TRUE(finished.exited_with(0));
  EXPECT_THAT(finished.err, testing::HasSubstr("base: a \\x1b[31mline"));
}

}  // namespace
}  // namespace foz
