/// Golden files beside the tests. FOZ_BLESS=1 in the environment writes them anew.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "core/base/fd.h"
#include "tests/support/folders.h"

namespace foz::plugin {

/// `text` with every `from` replaced.
inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

inline void expect_golden(const std::string& name, const std::string& actual) {
  const fs::path file = test::source_folder() / "tests/unit/plugin/golden" / name;
  if (std::getenv("FOZ_BLESS") != nullptr) {
    ASSERT_TRUE(write_file(file, actual, Durability::cached, 0644).has_value());
  }
  const auto wanted = read_file(file);
  ASSERT_TRUE(wanted.has_value()) << file;
  EXPECT_EQ(*wanted, actual) << "in " << file;
}

}  // namespace foz::plugin
