#include "core/base/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/utsname.h>

namespace foz {
namespace {

TEST(HostName, IsWhatTheKernelSaysInOneWord) {
  utsname kernel{};
  ASSERT_EQ(::uname(&kernel), 0);
  EXPECT_EQ(host_name(), kernel.nodename);
  EXPECT_THAT(host_name(), testing::MatchesRegex("[^[:space:]]+"));
}

}  // namespace
}  // namespace foz
