#include "tests/support/folders.h"

namespace foz::test {

const std::filesystem::path& source_folder() {
  static const std::filesystem::path k_folder = FOZ_SOURCE_DIR;
  return k_folder;
}

const std::filesystem::path& build_folder() {
  static const std::filesystem::path k_folder = FOZ_BINARY_DIR;
  return k_folder;
}

}  // namespace foz::test
