#include "core/base/result.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace foz {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return fail(Code::invalid, "it is odd");
  return number / 2;
}

Result<int> quarter(int number) {
  FOZ_TRY(const int once, half(number));
  FOZ_TRY(const int twice, half(once));
  return twice;
}

Result<void> check_even(int number) {
  FOZ_CHECK(half(number));
  return {};
}

TEST(Result, TryBindsTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error(), (Error{Code::invalid, "it is odd"}));
}

TEST(Result, CheckReturnsTheError) {
  EXPECT_TRUE(check_even(2));
  EXPECT_EQ(check_even(3).error().message, "it is odd");
}

TEST(Result, ContextComesBeforeAndKeepsTheCode) {
  const Error error = with_context("cannot submit 'train'", {Code::refused, "limit reached"});
  EXPECT_EQ(error, (Error{Code::refused, "cannot submit 'train': limit reached"}));
}

TEST(Result, ErrnoGivesCodeAndText) {
  EXPECT_EQ(errno_error("cannot open 'x'", ENOENT),
            (Error{Code::not_found, "cannot open 'x': No such file or directory"}));
  EXPECT_EQ(errno_error("cannot write 'x'", ENOSPC),
            (Error{Code::storage_full, "cannot write 'x': No space left on device"}));
  EXPECT_EQ(errno_error("cannot write 'x'", EDQUOT).code, Code::storage_full);
  EXPECT_EQ(errno_error("cannot write 'x'", EACCES),
            (Error{Code::failed, "cannot write 'x': Permission denied"}));
}

TEST(ResultDeathTest, AssertionsAbortWithThePlace) {
  EXPECT_DEATH(FOZ_ASSERT(1 + 1 == 3),
               "foz: bug: '1 \\+ 1 == 3' does not hold at .*result_test.cpp:[0-9]+");
}

}  // namespace
}  // namespace foz
