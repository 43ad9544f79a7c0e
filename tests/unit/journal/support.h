/// What the tests of this room share: a folder of its own, a clock that stands, records to write.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/journal/journal.h"
#include "tests/support/temporary_folder.h"

namespace foz::journal {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override { return time; }
  UnixMillis time = 1'750'000'000'123;
};

class JournalTest : public testing::Test {
 protected:
  [[nodiscard]] std::string bytes_of(const fs::path& path) const { return read_file(path).value(); }
  void put(const fs::path& path, std::string_view bytes) const {
    ASSERT_TRUE(write_file(path, bytes, Durability::cached));
  }

  test::TemporaryFolder temporary_;
  const fs::path& folder_ = temporary_.path();
  FixedClock clock_;
};

inline Record record_of(std::string kind, std::vector<std::pair<std::string, Scalar>> fields = {}) {
  return {std::move(kind), "", 0, 0, std::move(fields)};
}

}  // namespace foz::journal
