#include "core/journal/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "core/base/temporary_file.h"

namespace foz::journal {

namespace {

nlink_t count_links(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_nlink : 0;
}

/// Some filesystems have no hard links; NFS may lose the answer of a link that was made.
Result<Made> put(TemporaryFile& file, const fs::path& path) {
  if (::link(file.path().c_str(), path.c_str()) == 0) return Made::now;
  const int no_link = errno;
  if (count_links(file.path()) == 2) return Made::now;
  if (no_link == EEXIST) return Made::before;
  if (::renameat2(AT_FDCWD, file.path().c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
    file.give_away();
    return Made::now;
  }
  if (errno == EEXIST) return Made::before;
  return fail(errno_error("cannot put it in place", no_link));
}

}  // namespace

Result<Made> make_file(const fs::path& path, std::string_view bytes, Durability durability) {
  FOZ_TRY(TemporaryFile file, TemporaryFile::make(path.parent_path()));
  FOZ_CHECK(file.fill(bytes, durability, 0600));
  FOZ_TRY(const Made outcome, put(file, path));
  if (durability == Durability::durable) FOZ_CHECK(sync_folder(path.parent_path()));
  return outcome;
}

}  // namespace foz::journal
