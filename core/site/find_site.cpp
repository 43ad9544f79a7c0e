#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/site/site.h"

namespace foz::site {

namespace {

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

/// A workflow that is called like a template: it has the key `foz`, which no template has.
bool is_workflow(const fs::path& path) {
  const auto text = read_file(path);
  if (!text) return false;
  const auto lines = split(*text, '\n');
  return std::any_of(lines.begin(), lines.end(),
                     [](std::string_view line) { return line.starts_with("foz:"); });
}

fs::path config_home() {
  if (const char* home = std::getenv("XDG_CONFIG_HOME"); home != nullptr && *home != '\0')
    return home;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return fs::path(home) / ".config";
  return {};
}

/// A path that is there, or a shipped template's name.
Result<fs::path> named(const std::string& word, const fs::path& shipped) {
  if (is_file(word)) return fs::path(word);
  if (is_safe_name(word) && is_file(shipped / (word + ".yaml"))) return shipped / (word + ".yaml");
  return fail(Code::not_found, "there is no site template '" + word +
                                   "': it is neither a file nor a name in '" + shipped.string() +
                                   "'");
}

}  // namespace

Result<fs::path> find_site(const std::string& explicit_path, const fs::path& folder,
                           const fs::path& shipped) {
  if (!explicit_path.empty()) return named(explicit_path, shipped);
  if (const char* word = std::getenv("FOZ_SITE"); word != nullptr && *word != '\0')
    return named(word, shipped);
  if (const fs::path path = folder / "site.yaml"; is_file(path) && !is_workflow(path)) return path;
  for (const fs::path& path : {config_home() / "foz" / "site.yaml", fs::path("/etc/foz/site.yaml")})
    if (is_file(path)) return path;
  return named("generic", shipped);
}

}  // namespace foz::site
