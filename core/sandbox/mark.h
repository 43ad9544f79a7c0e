/// The variable that marks a sandbox's daemons, with the path of its folder as value.
#pragma once

#include <string_view>

namespace foz::sandbox {

inline constexpr std::string_view k_folder_variable = "FOZ_SANDBOX_FOLDER";

}  // namespace foz::sandbox
