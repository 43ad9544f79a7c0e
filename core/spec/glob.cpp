#include "core/spec/glob.h"

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "core/base/text.h"

namespace foz::spec {

namespace {

bool has_wildcard(std::string_view name) {
  return name.find_first_of("*?[\\") != name.npos;
}

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

class Finder {
 public:
  Finder(std::string folder, std::size_t most_visits)
      : folder_(std::move(folder)), most_visits_(most_visits) {}

  /// `prefix` holds the names before, with its '/' at the end. False over the limit.
  bool find(const std::string& prefix, const std::vector<std::string_view>& names, std::size_t at) {
    if (++matches_.visits > most_visits_) return false;
    while (at + 1 < names.size() && names[at].empty()) ++at;  // "a//b"
    const std::string name(names[at]);
    if (has_wildcard(name)) return find_matching(prefix, names, at);
    return take(prefix + name, names, at);
  }

  Matches matches() && {
    std::sort(matches_.paths.begin(), matches_.paths.end());
    return std::move(matches_);
  }

 private:
  bool find_matching(const std::string& prefix, const std::vector<std::string_view>& names,
                     std::size_t at) {
    const std::string pattern(names[at]);
    const Folder folder(opendir(path_of(prefix.empty() ? "." : prefix).c_str()));
    if (!folder) return true;
    while (const dirent* entry = readdir(folder.get())) {
      if (++matches_.visits > most_visits_) return false;
      const std::string_view name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (fnmatch(pattern.c_str(), entry->d_name, FNM_PERIOD) != 0) continue;
      if (!take(prefix + entry->d_name, names, at)) return false;
    }
    return true;
  }

  bool take(const std::string& path, const std::vector<std::string_view>& names, std::size_t at) {
    if (at + 1 < names.size()) return find(path + "/", names, at + 1);
    struct stat info {};
    if (stat(path_of(path).c_str(), &info) == 0) matches_.paths.push_back(path);
    return true;
  }

  [[nodiscard]] std::string path_of(const std::string& path) const {
    if (path.starts_with('/') || folder_.empty()) return path;
    return folder_ + "/" + path;
  }

  std::string folder_;
  std::size_t most_visits_;
  Matches matches_;
};

}  // namespace

Result<Matches> find_matches(const std::string& folder, std::string_view pattern,
                             std::size_t most_visits) {
  constexpr std::size_t k_most_names = 64;
  const bool is_absolute = pattern.starts_with('/');
  const auto names = split(is_absolute ? pattern.substr(1) : pattern, '/');
  if (names.size() > k_most_names) return fail(Code::too_large, "the pattern has too many folders");
  Finder finder(folder, most_visits);
  if (!finder.find(is_absolute ? "/" : "", names, 0)) {
    return fail(Code::too_large,
                fmt::format("'{}' looks at over {} files", printable(pattern), most_visits));
  }
  return std::move(finder).matches();
}

}  // namespace foz::spec
