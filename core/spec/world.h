/// The world that a stage's commands find, and what they leave behind: `env`, `setup`, `workdir`,
/// `limits`, `umask`, `outputs`.
#pragma once

#include "core/spec/reading.h"

namespace foz::spec {

using Variables = std::vector<std::pair<Located<std::string>, Located<std::string>>>;

[[nodiscard]] std::optional<Located<std::string>> read_workdir(const yaml::Node& node,
                                                               Diagnostics& diagnostics);
[[nodiscard]] Variables read_env(const yaml::Node& node, Diagnostics& diagnostics);
[[nodiscard]] std::vector<Located<std::string>> read_setup(const yaml::Node& node,
                                                           Diagnostics& diagnostics);
/// Values as setrlimit(2) takes them: bytes, seconds or a number in decimal, or "unlimited".
[[nodiscard]] std::map<std::string, Located<std::string>> read_limits(const yaml::Node& node,
                                                                      Diagnostics& diagnostics);
[[nodiscard]] std::optional<Located<unsigned>> read_umask(const yaml::Node& node,
                                                          Diagnostics& diagnostics);
[[nodiscard]] std::vector<OutputSpec> read_outputs(const yaml::Node& node,
                                                   Diagnostics& diagnostics);

}  // namespace foz::spec
