#include "cli/usage.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "core/base/diagnostic.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

/// The command that was being read, "foz sandbox up".
struct Place {
  const CLI::App* app;
  std::string name = "foz";
};

Place place_of(const CLI::App& root) {
  Place place{&root};
  for (auto inner = root.get_subcommands(); !inner.empty(); inner = place.app->get_subcommands()) {
    place.app = inner.front();
    place.name += " " + place.app->get_name();
  }
  return place;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands(nullptr)) names.push_back(command->get_name());
  return names;
}

/// Long options of a command and of those around it.
std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent())
    for (const CLI::Option* option : app->get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::string unknown_option(const Place& place, const std::string& word) {
  const std::string option = word.substr(0, word.find('='));
  const auto nearest = find_nearest(option, options_of(place.app));
  return fmt::format("'{}' has no option '{}'{}", place.name, printable(option),
                     nearest ? fmt::format(": did you mean '{}'?", *nearest) : "");
}

std::string what_is_wrong(const CLI::App& root, const Place& place, const CLI::ParseError& error) {
  const auto left = root.remaining(true);
  const auto option = std::find_if(left.begin(), left.end(), [](const std::string& word) {
    return word.size() > 1 && word.front() == '-';
  });
  if (option != left.end()) return unknown_option(place, *option);
  const bool wants_command = !place.app->get_subcommands(nullptr).empty();
  if (wants_command && !left.empty()) return unknown_command(*place.app, place.name, left.front());
  if (wants_command)
    return fmt::format("'{}' needs a command: {}", place.name, join(commands_of(*place.app), ", "));
  if (!left.empty())
    return fmt::format("'{}' does not take the word '{}'", place.name, printable(left.front()));
  return fmt::format("'{}': {}", place.name, printable(error.what()));
}

}  // namespace

std::string unknown_command(const CLI::App& app, const std::string& name, const std::string& word) {
  const auto commands = commands_of(app);
  const auto nearest = find_nearest(word, commands);
  return fmt::format("there is no command '{} {}': {}", name, printable(word),
                     nearest ? fmt::format("did you mean '{} {}'?", name, *nearest)
                             : "there are " + join(commands, ", "));
}

std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  const Place place = place_of(app);
  return fmt::format("{}\n  '{} --help' says more", what_is_wrong(app, place, error), place.name);
}

}  // namespace foz::cli
