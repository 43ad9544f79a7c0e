#include "core/agent/outputs.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "core/base/fd.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_longest_interval{500};

void mix(std::uint64_t& hash, std::uint64_t value) {
  constexpr std::uint64_t k_golden = 0x9e3779b97f4a7c15U;
  hash ^= value + k_golden + (hash << 6U) + (hash >> 2U);
}

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037U;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  return hash;
}

void mix(std::uint64_t& hash, const struct stat& status) {
  mix(hash, status.st_ino);
  mix(hash, static_cast<std::uint64_t>(status.st_size));
  for (const timespec& time : {status.st_mtim, status.st_ctim}) {
    mix(hash, static_cast<std::uint64_t>(time.tv_sec));
    mix(hash, static_cast<std::uint64_t>(time.tv_nsec));
  }
}

/// Names of a folder in their own order, through a handle of its own.
std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

void mix_tree(std::uint64_t& hash, const std::string& path, std::size_t& entries) {
  for (const std::string& name : names_in(path)) {
    if (++entries > k_most_entries) return;
    const std::string below = path + '/' + name;
    struct stat status {};
    if (::lstat(below.c_str(), &status) != 0) continue;
    mix(hash, hash_of(name));
    mix(hash, status);
    if (S_ISDIR(status.st_mode)) mix_tree(hash, below, entries);
  }
}

/// Where it lies; "data" for "data/table" and for "data/folder/".
fs::path folder_of(const fs::path& path) {
  return path.has_filename() ? path.parent_path() : path.parent_path().parent_path();
}

/// Opening a folder makes NFS ask the server anew about what is in it.
void refresh_folder_of(const std::string& path) {
  const Fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// This process's file mode mask, for as long as it lives.
class Umask {
 public:
  explicit Umask(std::optional<unsigned> mask)
      : before_(mask ? std::optional(::umask(*mask)) : std::nullopt) {}
  ~Umask() {
    if (before_) ::umask(*before_);
  }
  Umask(const Umask&) = delete;
  Umask& operator=(const Umask&) = delete;

 private:
  std::optional<mode_t> before_;
};

}  // namespace

Result<void> make_output_folders(const std::vector<WantedOutput>& outputs,
                                 const std::string& workdir, std::optional<unsigned> umask) {
  std::error_code ignored;
  if (!fs::is_directory(workdir, ignored)) return {};
  const Umask mask(umask);
  for (const WantedOutput& output : outputs) {
    auto made = make_directories(folder_of(output.path), 0777);
    if (!made)
      return fail(with_context(fmt::format("output '{}'", output.name), std::move(made).error()));
  }
  return {};
}

Fingerprint fingerprint(const std::string& path) {
  refresh_folder_of(path);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  std::uint64_t hash = 0;
  mix(hash, status);
  std::size_t entries = 0;
  if (S_ISDIR(status.st_mode)) mix_tree(hash, path, entries);
  return hash;
}

std::string judge_outputs(const std::vector<WantedOutput>& wanted,
                          const std::vector<Fingerprint>& before) {
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Fingerprint now = fingerprint(wanted[i].path);
    const std::string title =
        fmt::format("output '{}' ('{}')", wanted[i].name, printable(wanted[i].path));
    if (!now) missing.push_back(title + " is not there");
    if (now && now == before.at(i))
      missing.push_back(title + " was there before and was not written by this attempt");
  }
  constexpr std::size_t k_most_named = 3;
  const std::size_t unnamed = missing.size() - std::min(missing.size(), k_most_named);
  missing.resize(missing.size() - unnamed);
  if (unnamed > 0) missing.push_back(fmt::format("{} more like this", unnamed));
  return join(missing, "; ");
}

OutputCheck::OutputCheck(Loop& loop, std::vector<WantedOutput> wanted, Seconds wait)
    : loop_(loop), wanted_(std::move(wanted)), wait_(wait) {
  for (const WantedOutput& output : wanted_) before_.push_back(fingerprint(output.path));
}

void OutputCheck::check(std::function<void(std::string)> done) {
  done_ = std::move(done);
  until_ = std::chrono::steady_clock::now() + wait_;
  look();
}

void OutputCheck::look() {
  std::string sentence = judge_outputs(wanted_, before_);
  const bool is_over = std::chrono::steady_clock::now() >= until_;
  if (sentence.empty() || is_over) {
    if (!sentence.empty() && wait_.count() > 0)
      sentence += fmt::format(" (looked for {} s)", wait_.count());
    return std::exchange(done_, nullptr)(std::move(sentence));
  }
  next_ = loop_.after(interval_, [this] { look(); });
  interval_ = std::min(interval_ * 2, k_longest_interval);
}

}  // namespace foz::agent
