#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/installation.h"
#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/base/units.h"
#include "core/plugin/catalogue.h"
#include "core/plugin/check_with.h"
#include "core/plugin/host.h"
#include "core/plugin/try.h"

namespace foz::cli {

namespace {

struct Options {
  std::string plugin;
  std::vector<std::string> with;
  plugin::TryRequest request;
  std::string memory = "6GiB";
  bool json = false;
};

Result<plugin::Registry> open_registry(const Global& global) {
  FOZ_TRY(const auto installation, find_installation());
  std::error_code error;
  const plugin::SearchOptions where{global.plugins, fs::current_path(error),
                                    installation.plugins()};
  return plugin::Registry(plugin::search_folders(where, current_environment()));
}

Outcome<int> list(const Options& options, const Global& global) {
  FOZ_TRY(auto registry, open_registry(global));
  const auto plugins = plugin::list_plugins(registry);
  print(options.json ? plugin::to_json(plugins) + "\n" : plugin::render_text(plugins));
  return int{k_done};
}

Outcome<int> show(const Options& options, const Global& global) {
  FOZ_TRY(auto registry, open_registry(global));
  FOZ_TRY(const plugin::Loaded* found, of_argument(registry.find(options.plugin)));
  print(options.json ? plugin::to_json(*found) + "\n" : plugin::render_text(*found));
  return int{k_done};
}

/// "K=V" words as a `with:` map; a key that the plugin takes as a list collects all of its words.
Outcome<plugin::Value> read_with(const std::vector<std::string>& words,
                                 const plugin::Description& description) {
  plugin::Value::Map map;
  const auto is_list = [&](const std::string& key) {
    for (const auto& field : description.fields)
      if (field.name == key) return field.type == plugin::FieldType::list;
    return false;
  };
  for (const std::string& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
      return bad_usage("--with takes KEY=VALUE, got " + quoted(word));
    const std::string key = word.substr(0, equals);
    plugin::Value value(word.substr(equals + 1));
    auto at = std::find_if(map.begin(), map.end(),
                           [&](const auto& member) { return member.first == key; });
    if (!is_list(key))
      map.emplace_back(key, std::move(value));
    else if (at == map.end())
      map.emplace_back(key, plugin::Value::List{std::move(value)});
    else
      std::get<plugin::Value::List>(at->second.data).push_back(std::move(value));
  }
  return plugin::Value(std::move(map));
}

/// The plugin of a file, a folder or a name.
Result<const plugin::Loaded*> find_plugin(const std::string& word, plugin::Registry& registry,
                                          plugin::Loaded& own, Diagnostics& diagnostics) {
  std::error_code error;
  if (word.find('/') == std::string::npos && !fs::is_regular_file(word, error))
    return registry.find(word);
  if (!fs::exists(word, error))
    return fail(Code::not_found,
                "there is no file or folder " + quoted(word) +
                    "; of a plugin that 'foz plugin list' shows, the name is enough");
  FOZ_TRY(own, plugin::load_plugin(word, diagnostics));
  return &own;
}

/// A run looks for a plugin in a folder of its name.
void warn_of_folder(const plugin::Loaded& found) {
  const std::string folder = found.file.parent_path().filename().string();
  if (folder != found.name)
    print_error(
        fmt::format("foz: warning: a run will not find this plugin: its name is {}, and "
                    "its folder's is {}\n",
                    quoted(found.name), quoted(folder)));
}

/// What a plugin refuses is what it was given.
Outcome<plugin::Trial> try_plugin(plugin::Plugin& plugin, const plugin::TryRequest& request) {
  auto trial = plugin::try_plugin(plugin, request);
  if (!trial && trial.error().code == Code::refused) return bad_usage(trial.error().message);
  return of_argument(std::move(trial));
}

Outcome<int> attempt(Options options, const Global& global) {
  FOZ_TRY(auto registry, open_registry(global));
  Diagnostics diagnostics;
  plugin::Loaded own;
  const auto found = find_plugin(options.plugin, registry, own, diagnostics);
  print_error(diagnostics.render());
  if (!found) {
    if (!diagnostics.has_errors()) report(found.error());
    return int{k_bad_usage};
  }
  warn_of_folder(**found);
  const auto memory = parse_bytes(options.memory);
  if (!memory) return bad_usage("--memory must be a size like 6GiB, got " + quoted(options.memory));
  FOZ_TRY(const auto with, read_with(options.with, (*found)->description));
  Diagnostics faults;
  options.request.with = plugin::check_with((*found)->description, with, {}, {}, faults);
  print_error(faults.render());
  if (faults.has_errors()) return int{k_bad_usage};
  options.request.memory_mib = to_mebibytes(*memory);
  options.request.plugin_dir = (*found)->folder().string();
  FOZ_TRY(const auto trial, try_plugin(*(*found)->plugin, options.request));
  print(options.json ? plugin::to_json(trial) + "\n" : plugin::render_text(trial));
  return int{k_done};
}

void add_try_options(CLI::App& command, Options& options) {
  command
      .add_option("--with", options.with,
                  "A member of the with: block, KEY=VALUE; again for each item of a list")
      ->allow_extra_args(false);
  command.add_option("--nodes", options.request.nodes, "Pretended nodes")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command.add_option("--cpus", options.request.cpus, "CPUs of each")->capture_default_str();
  command.add_option("--memory", options.memory, "Memory of each")->capture_default_str();
  command.add_option("--gpus", options.request.gpus, "GPUs of each")->capture_default_str();
  command.add_option("--ranks-per-node", options.request.ranks_per_node,
                     "As resources would say it");
  command.footer(
      "Example: foz plugin try tensorflow --nodes 2 --with script=train.py --with args=--lr --with "
      "args=0.1");
}

}  // namespace

void add_plugin(Program program) {
  auto options = std::make_shared<Options>();
  auto* group =
      program.app.add_subcommand("plugin", "The plugins that are found, and what they would start");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, auto action) {
    auto* command = group->add_subcommand(name, help);
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([=] {
      const auto status = action(*options, program.global);
      program.status = status ? *status : report(status.error());
    });
    return command;
  };
  add("list", "Every plugin that is found, and where", list);
  add("show", "What one takes under with:, and what its exit codes mean", show)
      ->add_option("plugin", options->plugin, "Its name")
      ->required();
  auto* trial = add(
      "try", "What every rank would be started with, on nodes that are only pretended", attempt);
  trial->add_option("plugin", options->plugin, "Its name, file or folder")->required();
  add_try_options(*trial, *options);
}

}  // namespace foz::cli
