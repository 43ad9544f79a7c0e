#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/usage.h"

namespace foz::cli {

namespace {

const CLI::App* find_command(const CLI::App& app, const std::string& name) {
  const auto found =
      app.get_subcommands([&](const CLI::App* inner) { return inner->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

/// The help text of the command that `words` name, as its --help prints it.
Outcome<std::string> help_of(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* app = &root;
  std::string name = root.get_name();
  for (const std::string& word : words) {
    const CLI::App* inner = find_command(*app, word);
    if (inner == nullptr) return bad_usage(unknown_command(*app, name, word));
    app = inner;
    name += " " + word;
  }
  return app->get_formatter()->make_help(app, name, CLI::AppFormatMode::Normal);
}

}  // namespace

void add_help(Program program) {
  auto words = std::make_shared<std::vector<std::string>>();
  auto* command = program.app.add_subcommand("help", "Explain a command, as its --help does");
  command->add_option("command", *words, "The command: run, or sandbox up; none: all of them");
  command->callback([words, program] {
    const auto text = help_of(program.app, *words);
    if (text) print(*text);
    program.status = text ? int{k_done} : report(text.error());
  });
}

}  // namespace foz::cli
