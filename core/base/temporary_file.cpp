#include "core/base/temporary_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace foz {

Result<TemporaryFile> TemporaryFile::make(const fs::path& folder) {
  std::string path = (folder / ".foz-XXXXXX").native();
  Fd file(::mkostemp(path.data(), O_CLOEXEC));
  if (file) return TemporaryFile(std::move(file), std::move(path));
  const int number = errno;
  return fail(errno_error(fmt::format("cannot make a file in '{}'", folder.native()), number));
}

TemporaryFile::~TemporaryFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

Result<void> TemporaryFile::fill(std::string_view bytes, Durability durability, unsigned mode) {
  FOZ_CHECK(write_all(file_.get(), bytes));
  if (::fchmod(file_.get(), static_cast<mode_t>(mode)) != 0) {
    return fail(errno_error("cannot set its mode", errno));
  }
  if (durability == Durability::durable && ::fsync(file_.get()) != 0) {
    return fail(errno_error("cannot sync it", errno));
  }
  // NFS and quotas report a full filesystem only here.
  if (::close(file_.release()) != 0) return fail(errno_error("cannot close it", errno));
  return {};
}

}  // namespace foz
