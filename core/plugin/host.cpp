#include "core/plugin/host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/plugin/load.h"
#include "core/plugin/program_form.h"
#include "core/plugin/template_form.h"
#include "core/plugin/yaml_form.h"

namespace foz::plugin {

namespace {

constexpr const char* k_yaml_file = "plugin.yaml";
constexpr const char* k_json_file = "plugin.json";
constexpr const char* k_program_file = "plugin";

/// The one file of a folder that makes it a plugin; nullopt: it is none.
Result<std::optional<fs::path>> find_plugin_file(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code ignored;
  for (const char* name : {k_yaml_file, k_json_file}) {
    if (fs::is_regular_file(folder / name, ignored)) found.push_back(folder / name);
  }
  const fs::path program = folder / k_program_file;
  if (fs::is_regular_file(program, ignored) && ::access(program.c_str(), X_OK) == 0) {
    found.push_back(program);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() == 1) return found.front();
  return fail(Code::invalid,
              fmt::format("plugin folder '{}' has both {} and {}: one says what it is",
                          printable(folder.string()), found[0].filename().string(),
                          found[1].filename().string()));
}

Result<std::unique_ptr<Plugin>> load_yaml(const fs::path& file, Diagnostics& diagnostics) {
  FOZ_TRY(const std::string text, read_file(file));
  auto tree = read_plugin_yaml(text, file.string(), diagnostics);
  if (tree) return make_template_plugin(std::move(*tree));
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity != Severity::error) continue;
    return fail(Code::invalid,
                fmt::format("plugin file {}:{}:{}: {}", printable(file.string()),
                            diagnostic.where.line, diagnostic.where.column, diagnostic.message));
  }
  return fail(Code::internal,
              fmt::format("plugin file '{}' has no tree and no error", file.string()));
}

Form form_of(const fs::path& file) {
  if (file.filename() == k_json_file) return Form::json;
  return file.extension() == ".yaml" || file.extension() == ".yml" ? Form::yaml : Form::program;
}

Result<std::unique_ptr<Plugin>> load_file(const fs::path& file, Form form,
                                          Diagnostics& diagnostics) {
  if (form == Form::yaml) return load_yaml(file, diagnostics);
  return form == Form::json ? load_json(file) : start_program_plugin(file);
}

std::vector<fs::path> split_folders(std::string_view text) {
  std::vector<fs::path> folders;
  for (const std::string_view folder : split(text, ':')) {
    if (!folder.empty()) folders.push_back(fs::absolute(folder));
  }
  return folders;
}

/// The user's own configuration folder, empty where none is known.
fs::path user_folder(const Environment& environment) {
  const fs::path configured = find_variable(environment, "XDG_CONFIG_HOME").value_or("");
  if (configured.is_absolute()) return configured;
  const fs::path home = find_variable(environment, "HOME").value_or("");
  return home.is_absolute() ? home / ".config" : fs::path();
}

std::string list_of(const std::vector<fs::path>& folders) {
  std::vector<std::string> names;
  for (const fs::path& folder : folders) names.push_back(printable(folder.string()));
  return names.empty() ? "nowhere" : join(names, ", ");
}

}  // namespace

std::vector<fs::path> search_folders(const SearchOptions& options, const Environment& environment) {
  const std::string variable = find_variable(environment, "FOZ_PLUGINS").value_or("");
  std::vector<fs::path> folders = split_folders(options.option.empty() ? variable : options.option);
  if (!options.workflow_folder.empty()) {
    folders.push_back(fs::absolute(options.workflow_folder) / "plugins");
  }
  if (const fs::path user = user_folder(environment); !user.empty()) {
    folders.push_back(user / "foz" / "plugins");
  }
  folders.emplace_back("/etc/foz/plugins");
  if (!options.shipped.empty()) folders.push_back(options.shipped);
  return folders;
}

Result<Loaded> load_plugin(const fs::path& file_or_folder, Diagnostics& diagnostics) {
  std::error_code ignored;
  fs::path file = fs::absolute(file_or_folder).lexically_normal();
  if (fs::is_directory(file, ignored)) {
    FOZ_TRY(const auto found, find_plugin_file(file));
    if (!found) {
      return fail(Code::not_found,
                  fmt::format("folder '{}' holds no plugin.yaml, plugin.json or executable plugin",
                              printable(file.string())));
    }
    file = *found;
  }
  Loaded loaded;
  loaded.file = file;
  loaded.form = form_of(file);
  FOZ_TRY(loaded.plugin, load_file(file, loaded.form, diagnostics));
  loaded.description = loaded.plugin->describe();
  loaded.name = loaded.description.name;
  return loaded;
}

Result<const Loaded*> Registry::find(std::string_view name) {
  const auto known = loaded_.find(name);
  if (known != loaded_.end()) return &known->second;
  for (const fs::path& folder : folders_) {
    if (!is_safe_name(name)) break;
    FOZ_TRY(const auto file, find_plugin_file(folder / name));
    if (!file) continue;
    Diagnostics diagnostics;
    FOZ_TRY(Loaded loaded, load_plugin(*file, diagnostics));
    if (loaded.name != name) {
      return fail(Code::invalid,
                  fmt::format("plugin file '{}' says its name is {}, wanted \"{}\" as its folder",
                              printable(file->string()), quoted(loaded.name), name));
    }
    return &loaded_.emplace(name, std::move(loaded)).first->second;
  }
  const auto nearest = find_nearest(name, names());
  return fail(Code::not_found,
              fmt::format("no plugin '{}'{}; looked in {}", printable(name),
                          nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : "",
                          list_of(folders_)));
}

Result<const Plugin*> Registry::plugin(std::string_view name) {
  FOZ_TRY(const Loaded* found, find(name));
  return found->plugin.get();
}

std::vector<std::string> Registry::names() const {
  std::set<std::string> names;
  for (const fs::path& folder : folders_) {
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      const auto file = find_plugin_file(entry->path());
      if (is_safe_name(name) && (!file || *file)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

}  // namespace foz::plugin
