#include "core/sandbox/place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/sandbox/configuration.h"

namespace foz::sandbox {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_look_again{10};
constexpr std::size_t k_longest_socket = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::string_view k_advice = "set FOZ_SANDBOX_HOME to a folder like /tmp/sandboxes";

bool is_plain(char letter) {
  const bool is_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
  return is_letter || (letter >= '0' && letter <= '9') ||
         std::string_view("/._-+@~").find(letter) != std::string_view::npos;
}

/// Of the sockets that slurmstepd makes: the longest name in this folder.
std::size_t socket_length(const fs::path& folder, int most_nodes) {
  return fmt::format("{}/spool/n{}/n{}_4294967295.4294967295", folder.native(), most_nodes,
                     most_nodes)
      .size();
}

fs::path nearest_existing(fs::path path) {
  std::error_code error;
  while (!fs::exists(path, error) && path.has_parent_path() && path != path.parent_path())
    path = path.parent_path();
  return path;
}

bool forbids_execution(const fs::path& path) {
  struct statvfs information {};
  return ::statvfs(nearest_existing(path).c_str(), &information) == 0 &&
         (information.f_flag & ST_NOEXEC) != 0;
}

/// A folder that somebody else may rename under our hands, or put a link in place of, is none for
/// keys.
Result<void> check_owner(const fs::path& home) {
  struct stat information {};
  if (::lstat(home.c_str(), &information) != 0)
    return fail(errno_error(fmt::format("cannot look at '{}'", home.native()), errno));
  if (information.st_uid != ::geteuid() && information.st_uid != 0) {
    return fail(Code::refused, fmt::format("'{}' belongs to another user (uid {}); {}",
                                           home.native(), information.st_uid, k_advice));
  }
  const bool is_open_to_all =
      (information.st_mode & S_IWOTH) != 0 && (information.st_mode & S_ISVTX) == 0;
  if (is_open_to_all && !S_ISLNK(information.st_mode)) {
    return fail(Code::refused,
                fmt::format("anybody may write to '{}'; {}", home.native(), k_advice));
  }
  return {};
}

Result<fs::path> prepare_one(const fs::path& home, const std::string& name, int most_nodes) {
  FOZ_CHECK(check_place(home, name, most_nodes));
  if (auto made = make_directories(home); !made) {
    return fail(made.error().code, fmt::format("{}; {}", made.error().message, k_advice));
  }
  FOZ_CHECK(check_owner(home));
  if (::access(home.c_str(), R_OK | W_OK | X_OK) != 0) {
    return fail(Code::failed, fmt::format("'{}' is not writable; {}", home.native(), k_advice));
  }
  return home;
}

bool starts_with(const fs::path& file, std::string_view text) {
  const auto bytes = read_file(file);
  return bytes && bytes->starts_with(text);
}

/// What write_file() leaves when it is killed.
bool is_leftover(const fs::path& path) {
  return path.filename().native().starts_with(".foz-");
}

bool holds_nothing(const fs::path& folder) {
  std::error_code error;
  const fs::directory_iterator entries(folder, error);
  return !error && std::all_of(begin(entries), end(entries),
                               [](const auto& entry) { return is_leftover(entry.path()); });
}

/// The two files by which a sandbox's folder is known: removed last.
bool is_token(const fs::path& path) {
  return path.filename() == "sandbox" || path.filename() == "slurm.conf";
}

Result<void> remove_entries(const fs::path& folder, bool (*chosen)(const fs::path&)) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (chosen(entry->path())) entries.push_back(entry->path());
  }
  for (const fs::path& entry : entries) {
    if (fs::remove_all(entry, error); error) {
      return fail(errno_error(fmt::format("cannot remove '{}'", entry.native()), error.value()));
    }
  }
  return {};
}

/// Opens the folder, made where it is missing.
Result<Fd> open_folder(const fs::path& folder) {
  FOZ_CHECK(make_directories(folder));
  Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened)
    return fail(errno_error(fmt::format("cannot open folder '{}'", folder.native()), errno));
  return opened;
}

enum class Try { locked, held_by_another, vanished };

/// `opened` may have been removed, and made again by somebody, while we waited for it.
Try try_lock(const Fd& opened, const fs::path& folder) {
  // A filesystem without flock has no lock to offer; going on is better than no sandbox there.
  if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
    return Try::held_by_another;
  struct stat ours {};
  struct stat now {};
  const bool is_same = ::fstat(opened.get(), &ours) == 0 && ::stat(folder.c_str(), &now) == 0 &&
                       ours.st_ino == now.st_ino && ours.st_dev == now.st_dev;
  return is_same ? Try::locked : Try::vanished;
}

Result<void> check_folder_owner(const Fd& opened, const fs::path& folder) {
  struct stat information {};
  if (::fstat(opened.get(), &information) == 0 && information.st_uid == ::geteuid()) return {};
  return fail(Code::refused, fmt::format("'{}' belongs to another user (uid {})", folder.native(),
                                         information.st_uid));
}

}  // namespace

std::vector<fs::path> home_candidates(const fs::path& asked, const Environment& environment) {
  if (!asked.empty()) return {fs::absolute(asked).lexically_normal()};
  if (const auto home = find_variable(environment, "FOZ_SANDBOX_HOME"); home && !home->empty()) {
    return {fs::absolute(*home).lexically_normal()};
  }
  std::vector<fs::path> candidates;
  const auto runtime = find_variable(environment, "XDG_RUNTIME_DIR");
  std::error_code error;
  if (runtime && fs::path(*runtime).is_absolute() && fs::is_directory(*runtime, error)) {
    candidates.push_back(fs::path(*runtime) / "foz-sandbox");
  }
  candidates.emplace_back(fmt::format("/tmp/foz-sandbox-{}", ::geteuid()));
  return candidates;
}

Result<void> check_place(const fs::path& home, const std::string& name, int most_nodes) {
  const std::string& text = home.native();
  if (!home.is_absolute() || !std::all_of(text.begin(), text.end(), is_plain)) {
    return fail(
        Code::invalid,
        fmt::format(
            "slurm.conf cannot hold the path {}: only letters, digits and /._-+@~ work there; {}",
            quoted(text), k_advice));
  }
  const std::size_t length = socket_length(home / name, most_nodes);
  if (length > k_longest_socket) {
    return fail(Code::invalid,
                fmt::format("'{}' is too long: a socket in it would have a path of {} bytes, and "
                            "{} are possible; take a shorter name, or {}",
                            (home / name).native(), length, k_longest_socket, k_advice));
  }
  if (forbids_execution(home)) {
    return fail(Code::invalid,
                fmt::format("'{}' is mounted noexec, and batch scripts are started from there; {}",
                            text, k_advice));
  }
  return {};
}

Result<fs::path> prepare_home(const std::vector<fs::path>& candidates, const std::string& name,
                              int most_nodes) {
  std::vector<std::string> reasons;
  Code code = Code::failed;
  for (const fs::path& candidate : candidates) {
    auto prepared = prepare_one(candidate, name, most_nodes);
    if (prepared) return prepared;
    code = prepared.error().code;
    reasons.push_back(prepared.error().message);
  }
  return fail(code, fmt::format("no folder for a sandbox: {}", join(reasons, "; ")));
}

Result<FolderLock> FolderLock::acquire(const fs::path& folder, milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (true) {
    FOZ_TRY(Fd opened, open_folder(folder));
    FOZ_CHECK(check_folder_owner(opened, folder));
    const Try result = try_lock(opened, folder);
    if (result == Try::locked) return FolderLock(std::move(opened));
    if (std::chrono::steady_clock::now() > deadline) {
      return fail(Code::unavailable, fmt::format("another foz has been working on the sandbox in "
                                                 "'{}' for {} s: see what it does, or end it",
                                                 folder.native(), patience.count() / 1000));
    }
    std::this_thread::sleep_for(k_look_again);
  }
}

bool is_sandbox_folder(const fs::path& folder) {
  return holds_nothing(folder) || starts_with(folder / "sandbox", "foz-sandbox ") ||
         starts_with(folder / "slurm.conf", k_first_line);
}

Result<void> empty_folder(const fs::path& folder) {
  if (!is_sandbox_folder(folder)) {
    return fail(Code::refused, fmt::format("'{}' is not a sandbox's folder (neither 'sandbox' nor "
                                           "a slurm.conf of foz in it): it stays as it is",
                                           folder.native()));
  }
  FOZ_CHECK(remove_entries(folder, [](const fs::path& path) { return !is_token(path); }));
  return remove_entries(folder, is_token);
}

Result<void> remove_folder(const fs::path& folder) {
  FOZ_CHECK(empty_folder(folder));
  if (::rmdir(folder.c_str()) != 0 && errno != ENOENT) {
    return fail(errno_error(fmt::format("cannot remove '{}'", folder.native()), errno));
  }
  ::rmdir(folder.parent_path().c_str());  // stays while another sandbox is in it
  return {};
}

}  // namespace foz::sandbox
