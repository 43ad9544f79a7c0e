#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plugin/host.h"
#include "core/plugin/value_json.h"
#include "core/plugin/yaml_form.h"

namespace foz::plugin {

namespace {

constexpr std::uint64_t k_max_bytes = 64U << 20U;
constexpr std::size_t k_max_files = 1'000;

bool stays_behind(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') || name == "__pycache__" || name.ends_with(".pyc");
}

/// Files below `folder` that belong to the plugin, relative, sorted.
Result<std::vector<fs::path>> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::uint64_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (stays_behind(entry->path())) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(error)) {
      bytes += entry->file_size(error);
      files.push_back(entry->path().lexically_relative(folder));
    }
    if (files.size() > k_max_files || bytes > k_max_bytes) {
      return fail(
          Code::too_large,
          fmt::format("plugin folder '{}' has more than {} files or {} MiB: too much to pin",
                      printable(folder.string()), k_max_files, k_max_bytes >> 20U));
    }
  }
  if (error)
    return fail(
        errno_error(fmt::format("cannot read plugin folder '{}'", folder.string()), error.value()));
  std::sort(files.begin(), files.end());
  return files;
}

/// plugin.yaml as the agent reads it.
Result<std::string> yaml_as_json(const fs::path& file) {
  FOZ_TRY(const std::string text, read_file(file));
  Diagnostics diagnostics;
  const auto tree = read_plugin_yaml(text, file.string(), diagnostics);
  if (!tree)
    return fail(Code::invalid,
                fmt::format("plugin file '{}' has changed and has errors now", file.string()));
  return to_json(*tree) + "\n";
}

}  // namespace

Result<std::vector<PinnedFile>> Registry::pin(std::string_view name) {
  FOZ_TRY(const Loaded* loaded, find(name));
  FOZ_TRY(const auto files, files_below(loaded->folder()));
  std::vector<PinnedFile> pinned;
  for (const fs::path& file : files) {
    if (loaded->form == Form::yaml && loaded->folder() / file == loaded->file) {
      FOZ_TRY(std::string json, yaml_as_json(loaded->file));
      pinned.push_back({{}, "plugin.json", std::move(json)});
    } else {
      pinned.push_back({(loaded->folder() / file).string(), file.string(), {}});
    }
  }
  return pinned;
}

std::uint32_t Registry::count_files(std::string_view name) {
  const auto files = pin(name);
  return files ? static_cast<std::uint32_t>(files->size()) : 0U;
}

}  // namespace foz::plugin
