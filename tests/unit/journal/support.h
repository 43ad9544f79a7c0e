/// What the tests of this room share: a folder of its own, a clock that stands, records to write.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "core/base/clock.h"
#include "core/base/fd.h"
#include "core/journal/journal.h"

namespace foz::journal {

class FixedClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override { return time; }
  UnixMillis time = 1'750'000'000'123;
};

/// A folder that is removed with the test; kept and named when the test failed.
class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    std::string name = (fs::temp_directory_path() / "foz-journal-XXXXXX").native();
    folder_ = ::mkdtemp(name.data());
  }
  ~JournalTest() override {
    if (HasFailure()) {
      std::fprintf(stderr, "kept: %s\n", folder_.c_str());
    } else {
      fs::remove_all(folder_);
    }
  }

  [[nodiscard]] std::string bytes_of(const fs::path& path) const { return read_file(path).value(); }
  void put(const fs::path& path, std::string_view bytes) const {
    ASSERT_TRUE(write_file(path, bytes, Durability::cached));
  }

  fs::path folder_;
  FixedClock clock_;
};

inline Record record_of(std::string kind, std::vector<std::pair<std::string, Scalar>> fields = {}) {
  return {std::move(kind), "", 0, 0, std::move(fields)};
}

}  // namespace foz::journal
