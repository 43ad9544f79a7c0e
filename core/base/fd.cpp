#include "core/base/fd.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/temporary_file.h"

namespace foz {

namespace {

/// What a read asks for: little at first, as most files are small, then as much again as there is,
/// up to a bound.
constexpr std::size_t k_first_read = 4U << 10U;
constexpr std::size_t k_most_at_once = 1U << 20U;

std::string about(std::string_view doing, const fs::path& path) {
  return fmt::format("{} '{}'", doing, path.native());
}

/// read(2), again after an interruption.
ssize_t read_some(int descriptor, char* buffer, std::size_t size) {
  ssize_t count = 0;
  do {
    count = ::read(descriptor, buffer, size);
  } while (count < 0 && errno == EINTR);
  return count;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Result<void> replace_file(const fs::path& path, std::string_view bytes, Durability durability,
                          unsigned mode) {
  FOZ_TRY(TemporaryFile temporary, TemporaryFile::make(folder_of(path)));
  FOZ_CHECK(temporary.fill(bytes, durability, mode));
  if (::rename(temporary.path().c_str(), path.c_str()) != 0) {
    return fail(errno_error("cannot put it in place", errno));
  }
  temporary.give_away();
  return durability == Durability::durable ? sync_folder(folder_of(path)) : Result<void>{};
}

bool is_folder(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    descriptor_ = other.release();
  }
  return *this;
}

void Fd::reset() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

Result<std::string> read_file(const fs::path& path, std::uint64_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return fail(errno_error(about("cannot open", path), errno));
  std::string bytes;
  std::size_t size = 0;
  while (true) {
    bytes.resize(size + std::clamp(size, k_first_read, k_most_at_once));
    const ssize_t count = read_some(file.get(), bytes.data() + size, bytes.size() - size);
    if (count < 0) return fail(errno_error(about("cannot read", path), errno));
    size += static_cast<std::size_t>(count);
    if (size > limit) {
      return fail(Code::too_large, fmt::format("'{}' is over {} bytes", path.native(), limit));
    }
    if (count == 0) break;
  }
  bytes.resize(size);
  return bytes;
}

Result<std::string> read_end(const fs::path& path, std::uint64_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0)
    return fail(errno_error(about("cannot open", path), errno));
  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::string bytes(std::min(size, limit), '\0');
  const ssize_t count =
      ::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(size - bytes.size()));
  if (count < 0) return fail(errno_error(about("cannot read", path), errno));
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

Result<void> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno != EINTR) return fail(errno_error("cannot write", errno));
    if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> write_file(const fs::path& path, std::string_view bytes, Durability durability,
                        unsigned mode) {
  auto done = replace_file(path, bytes, durability, mode);
  if (!done) return fail(with_context(about("cannot write", path), std::move(done).error()));
  return {};
}

Result<void> sync_folder(const fs::path& folder) {
  const Fd opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened) return fail(errno_error(about("cannot open folder", folder), errno));
  // EINVAL: a filesystem without such a call; there is nothing more to ask for.
  if (::fsync(opened.get()) != 0 && errno != EINVAL) {
    return fail(errno_error(about("cannot sync folder", folder), errno));
  }
  return {};
}

Result<void> make_directories(const fs::path& path, unsigned mode) {
  if (path.empty() || is_folder(path)) return {};
  if (path.has_parent_path() && path.parent_path() != path) {
    FOZ_CHECK(make_directories(path.parent_path(), mode));
  }
  if (::mkdir(path.c_str(), mode) == 0) return {};
  const int number = errno;  // of mkdir, not of looking whether another made it
  if (is_folder(path)) return {};
  return fail(errno_error(about("cannot make folder", path), number));
}

Result<void> make_new_directory(const fs::path& path, unsigned mode) {
  FOZ_CHECK(make_directories(path.parent_path(), mode));
  if (::mkdir(path.c_str(), mode) == 0) return {};
  return fail(errno_error(about("cannot make folder", path), errno));
}

}  // namespace foz
