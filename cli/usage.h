/// What is wrong with a command line that cannot be read, in foz's own words: the nearest command
/// or option where one was meant, and where to read more.
#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's
class App;
class ParseError;
}  // namespace CLI

namespace foz::cli {

/// "there is no command 'foz valdate': did you mean 'foz validate'?"; two lines, the second names
/// the help.
[[nodiscard]] std::string usage_error(const CLI::App& app, const CLI::ParseError& error);

/// "there is no command 'foz valdate': ..." below `app`, whose full name is `name`.
[[nodiscard]] std::string unknown_command(const CLI::App& app, const std::string& name,
                                          const std::string& word);

}  // namespace foz::cli
