/// Registry: plugins by name, on the login node. A plugin is a folder of that name, in one of
/// several folders searched in order; the first one wins, also over what foz ships.
///
///   NAME/plugin.yaml    answers as templates (yaml_form.h)
///   NAME/plugin.json    the same as JSON, or {"contract":1,"builtin":NAME}, or
///                       {"contract":1,"program":FILE}
///   NAME/plugin         an executable: a program (program_form.h)
///
/// More than one of them in a folder is an error. Other files of the folder belong to the plugin
/// and are pinned with it. The agent links load.h alone, not this: it needs no YAML.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"
#include "plugins/api/api.h"

namespace foz::plugin {

enum class Form { yaml, json, program };

/// A plugin that was found and described itself.
struct Loaded {
  std::string name;
  fs::path file;  ///< plugin.yaml, plugin.json or plugin; absolute
  Form form = Form::yaml;
  Description description;
  std::unique_ptr<Plugin> plugin;

  [[nodiscard]] fs::path folder() const { return file.parent_path(); }
};

/// A file to copy into <run>/plugins/NAME/: `from` as it is, or `content` where `from` is empty.
struct PinnedFile {
  std::string from;  ///< absolute
  std::string to;    ///< relative to the plugin's pinned folder
  std::string content;
};

/// Where plugins are looked for, first to last: `option` (--plugins, which $FOZ_PLUGINS stands in
/// for; several with ':'), plugins/ beside the workflow, $XDG_CONFIG_HOME/foz/plugins (or
/// ~/.config/...), /etc/foz/plugins, `shipped`. Empty ones and relative $XDG_CONFIG_HOME are left
/// out; folders need not exist.
struct SearchOptions {
  std::string option;
  fs::path workflow_folder;
  fs::path shipped;
};
[[nodiscard]] std::vector<fs::path> search_folders(const SearchOptions& options,
                                                   const Environment& environment);

class Registry {
 public:
  explicit Registry(std::vector<fs::path> folders) : folders_(std::move(folders)) {}

  /// Loaded once, then remembered; the pointer lives as long as the registry. Code::not_found with
  /// the nearest name and the folders that were searched; Code::invalid with file, line and what
  /// was found and wanted.
  [[nodiscard]] Result<const Loaded*> find(std::string_view name);

  /// The plugin itself; as find().
  [[nodiscard]] Result<const Plugin*> plugin(std::string_view name);

  /// Names that can be found, sorted; nothing is loaded.
  [[nodiscard]] std::vector<std::string> names() const;

  /// All that a run needs of a plugin: plugin.json (made from the YAML) and the folder's other
  /// files. Hidden files, __pycache__ and *.pyc stay behind. Code::too_large over 64 MiB or 1,000
  /// files.
  [[nodiscard]] Result<std::vector<PinnedFile>> pin(std::string_view name);

  /// How many files pin() gives; 0 where it gives none.
  [[nodiscard]] std::uint32_t count_files(std::string_view name);

  [[nodiscard]] const std::vector<fs::path>& folders() const { return folders_; }

 private:
  std::vector<fs::path> folders_;
  std::map<std::string, Loaded, std::less<>> loaded_;
};

/// The plugin of one file or folder, wherever it lies: plugin.yaml, plugin.json, a program, or a
/// folder that holds one. Errors in a YAML file, and warnings, go to `diagnostics` with their
/// lines; the Error then carries the first one.
[[nodiscard]] Result<Loaded> load_plugin(const fs::path& file_or_folder, Diagnostics& diagnostics);

}  // namespace foz::plugin
