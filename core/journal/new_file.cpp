#include "core/journal/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace foz::journal {

namespace {

/// A temporary beside its place, removed at the end unless it was renamed.
class NewFile {
 public:
  static Result<NewFile> make(const fs::path& folder, std::string_view bytes,
                              Durability durability) {
    std::string path = (folder / ".foz-XXXXXX").native();
    const Fd file(::mkostemp(path.data(), O_CLOEXEC));
    if (!file) return fail(errno_error("cannot make a file", errno));
    NewFile made(std::move(path));
    FOZ_CHECK(write_all(file.get(), bytes));
    if (durability == Durability::durable && ::fsync(file.get()) != 0) {
      return fail(errno_error("cannot sync it", errno));
    }
    return made;
  }
  NewFile(NewFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~NewFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  /// Some filesystems have no hard links; NFS may lose the answer of a link that was made.
  Result<Made> put(const fs::path& path) {
    if (::link(path_.c_str(), path.c_str()) == 0 || links() == 2) return Made::now;
    const int no_link = errno;
    if (no_link == EEXIST) return Made::before;
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
      path_.clear();
      return Made::now;
    }
    if (errno == EEXIST) return Made::before;
    return fail(errno_error("cannot put it in place", no_link));
  }

 private:
  explicit NewFile(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] nlink_t links() const {
    const int saved = errno;
    struct stat status {};
    const bool is_known = ::stat(path_.c_str(), &status) == 0;
    errno = saved;
    return is_known ? status.st_nlink : 0;
  }

  std::string path_;
};

}  // namespace

Result<Made> make_file(const fs::path& path, std::string_view bytes, Durability durability) {
  FOZ_TRY(NewFile made, NewFile::make(path.parent_path(), bytes, durability));
  FOZ_TRY(const Made outcome, made.put(path));
  if (durability == Durability::durable) FOZ_CHECK(sync_folder(path.parent_path()));
  return outcome;
}

}  // namespace foz::journal
