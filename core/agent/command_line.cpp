#include "core/agent/command_line.h"

#include <fmt/format.h>

#include "core/agent/setup.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

Result<std::uint64_t> read_number(const std::string& option, const std::string& value,
                                  std::uint64_t most) {
  const auto number = parse_integer(value);
  if (number && *number >= 0 && static_cast<std::uint64_t>(*number) <= most)
    return static_cast<std::uint64_t>(*number);
  return fail(Code::invalid,
              fmt::format("{} must be a number from 0 to {}, got {}", option, most, quoted(value)));
}

Result<void> read_option(CommandLine& line, const std::string& option, const std::string& value) {
  if (option == "--run") {
    line.run = value;
  } else if (option == "--stage") {
    line.stage = value;
  } else if (option == "--task") {
    line.task_file = value;
  } else if (option == "--offset") {
    FOZ_TRY(line.offset, read_number(option, value, UINT32_MAX));
  } else if (option == "--attempt-base") {
    FOZ_TRY(const auto number, read_number(option, value, 1'000'000));
    line.attempt_base = static_cast<std::uint32_t>(number);
  } else {
    return fail(Code::invalid, fmt::format("there is no option {}", quoted(option)));
  }
  return {};
}

Result<CommandLine::Verb> read_verb(const std::string& word) {
  if (word == "keep") return CommandLine::Verb::keep;
  if (word == "node") return CommandLine::Verb::node;
  if (word == k_print_environment) return CommandLine::Verb::print_environment;
  if (word == "--version") return CommandLine::Verb::version;
  return fail(Code::invalid,
              fmt::format("expected 'keep', 'node' or '--version', got {}", quoted(word)));
}

Result<void> check(const CommandLine& line) {
  if (line.verb == CommandLine::Verb::keep && (line.run.empty() || line.stage.empty()))
    return fail(Code::invalid, "keep wants --run DIR and --stage NAME");
  if (line.verb == CommandLine::Verb::node && line.task_file.empty())
    return fail(Code::invalid, "node wants --task FILE");
  return {};
}

}  // namespace

Result<CommandLine> read_command_line(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return fail(Code::invalid, "expected 'keep', 'node' or '--version'");
  CommandLine line;
  FOZ_TRY(line.verb, read_verb(arguments.front()));
  for (std::size_t i = 1; i < arguments.size(); i += 2) {
    if (i + 1 == arguments.size())
      return fail(Code::invalid, fmt::format("{} wants a value", quoted(arguments[i])));
    FOZ_CHECK(read_option(line, arguments[i], arguments[i + 1]));
  }
  FOZ_CHECK(check(line));
  return line;
}

}  // namespace foz::agent
