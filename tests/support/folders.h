/// Where the tests find the files of the repository and what was built. Only folders.cpp is told,
/// so that nothing else of the tests differs from clone to clone.
#pragma once

#include <filesystem>

namespace foz::test {

[[nodiscard]] const std::filesystem::path& source_folder();
[[nodiscard]] const std::filesystem::path& build_folder();

}  // namespace foz::test
