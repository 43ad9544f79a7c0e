/// A folder for one test, gone with it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <string>
#include <string_view>

#include "core/base/fd.h"

namespace foz::plugin {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "foz-plugin-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { fs::remove_all(path_); }

  [[nodiscard]] const fs::path& path() const { return path_; }

  /// Writes `name` (folders in it are made) and gives its path.
  fs::path write(const std::string& name, std::string_view bytes, unsigned mode = 0644) const {
    const fs::path file = path_ / name;
    fs::create_directories(file.parent_path());
    EXPECT_TRUE(write_file(file, bytes, Durability::cached, mode).has_value());
    return file;
  }

 private:
  fs::path path_;
};

}  // namespace foz::plugin
