/// A folder of a test's own, gone with it; kept, and named, when the test has failed.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/fd.h"

namespace foz::test {

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent = fs::temp_directory_path()) {
    // the room's name in it lets left.nothing find what stays
    const char* room = std::getenv("FOZ_TEST_ROOM");
    const fs::path name = room != nullptr ? fs::path(room).filename() : fs::path("foz-test");
    std::string pattern = (parent / name).native() + "-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code unremoved;
    if (testing::Test::HasFailure())
      std::fprintf(stderr, "kept: %s\n", path_.c_str());
    else
      fs::remove_all(path_, unremoved);
  }

  [[nodiscard]] const fs::path& path() const { return path_; }
  [[nodiscard]] fs::path operator/(const fs::path& name) const { return path_ / name; }
  [[nodiscard]] std::size_t entry_count() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }
  /// Writes `name` (folders in it are made) and gives its path.
  fs::path write(const fs::path& name, std::string_view bytes, unsigned mode = 0644) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    EXPECT_TRUE(write_file(file, bytes, Durability::cached, mode).has_value());
    return file;
  }

 private:
  fs::path path_;
};

}  // namespace foz::test
