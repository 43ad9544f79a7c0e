#include <gtest/gtest.h>

#include "core/sandbox/sandbox.h"

namespace foz::sandbox {
namespace {

std::string complaint(const std::function<void(SandboxOptions&)>& change) {
  SandboxOptions options;
  change(options);
  const auto result = check_options(options);
  return result ? std::string() : result.error().message;
}

TEST(SandboxOptions, TheDefaultsAreFine) {
  EXPECT_EQ(complaint([](SandboxOptions&) {}), "");
}

TEST(SandboxOptions, EachIsChecked) {
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.nodes = 0; }),
            "nodes must be 1 to 1000, got 0");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.cpus_per_node = -1; }),
            "cpus_per_node must be 1 to 1024, got -1");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.memory_per_node = 0; }),
            "memory_per_node must be 1 to 67108864, got 0 (MiB)");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.gpus_per_node = 5; }),
            "gpus_per_node must be 0 to 4, got 5: every GPU of a node is a device file of its own "
            "that anybody may open, and there are four");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.switches = -1; }),
            "switches must be 0 to 500, got -1");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.cred_expire = 0; }),
            "cred_expire must be 1 to 3600, got 0 (seconds)");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.min_job_age = 0; }),
            "min_job_age must be 2 to 1000000, got 0 (seconds)");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.max_array_size = 1; }),
            "max_array_size must be 2 to 4000001, got 1");
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.gpu_type = "a 100"; }),
            "a GPU's type is letters, digits, '_' and '-', got \"a 100\"");
}

TEST(SandboxOptions, ANameIsSafeInAPath) {
  for (const char* name : {"", "..", "a/b", "a b", ".hidden", "-x", "a\nb"}) {
    EXPECT_NE(complaint([&](SandboxOptions& options) { options.name = name; }), "") << name;
  }
  EXPECT_EQ(complaint([](SandboxOptions& options) { options.name = "../up"; }),
            "a sandbox's name is a letter or digit, then letters, digits, '_' and '-' (64 at "
            "most), got \"../up\"");
}

TEST(SandboxOptions, ALineIsOneSetting) {
  for (const char* line : {"KillWait", "=5", "Include /etc/passwd", "A=1\nB=2", "A=1 # hidden"}) {
    EXPECT_NE(complaint([&](SandboxOptions& options) { options.lines = {line}; }), "") << line;
  }
  EXPECT_EQ(complaint([](SandboxOptions& options) {
              options.lines = {"PartitionName=gpu Nodes=n1 MaxTime=5"};
            }),
            "");
}

TEST(SandboxOptions, AllThatIsWrongIsSaidAtOnce) {
  EXPECT_EQ(complaint([](SandboxOptions& options) {
              options.nodes = 0;
              options.cpus_per_node = 0;
            }),
            "nodes must be 1 to 1000, got 0; cpus_per_node must be 1 to 1024, got 0");
}

}  // namespace
}  // namespace foz::sandbox
