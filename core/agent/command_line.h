/// The agent's command line: read here, acted upon in agent_main.cpp. Not for people: batch scripts
/// and the keeper's own srun write it.
///
///   foz-agent keep --run DIR --stage NAME [--offset N] [--attempt-base N]
///   foz-agent node --task FILE
///   foz-agent print-environment
///   foz-agent --version
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace foz::agent {

struct CommandLine {
  enum class Verb { keep, node, print_environment, version } verb = Verb::keep;
  std::string run;
  std::string stage;
  std::uint64_t offset = 0;
  std::uint32_t attempt_base = 0;
  std::string task_file;
};

/// Code::invalid with what is wrong and what was expected.
[[nodiscard]] Result<CommandLine> read_command_line(const std::vector<std::string>& arguments);

}  // namespace foz::agent
