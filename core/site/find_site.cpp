#include <cstdlib>
#include <system_error>

#include "core/base/ids.h"
#include "core/site/site.h"

namespace foz::site {

namespace {

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
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
  for (const fs::path& path :
       {folder / "site.yaml", config_home() / "foz" / "site.yaml", fs::path("/etc/foz/site.yaml")})
    if (is_file(path)) return path;
  return named("generic", shipped);
}

}  // namespace foz::site
