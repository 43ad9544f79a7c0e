/// An owned file descriptor, and the few whole-file operations that foz needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.h"

namespace foz {

namespace fs = std::filesystem;

/// Owns one descriptor; closes it at the end. -1 is none.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int descriptor) : descriptor_(descriptor) {}
  Fd(Fd&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }
  void reset();

 private:
  int descriptor_ = -1;
};

/// The whole file; a file over `limit` bytes is Code::too_large, one that is missing
/// Code::not_found.
[[nodiscard]] Result<std::string> read_file(const fs::path& path, std::uint64_t limit = 64U << 20U);

/// The last `limit` bytes of a file of any size.
[[nodiscard]] Result<std::string> read_end(const fs::path& path, std::uint64_t limit);

/// Writes all of `bytes`, across interruptions and partial writes.
[[nodiscard]] Result<void> write_all(int descriptor, std::string_view bytes);

/// Whether the new bytes must survive a power cut before the call returns (fsync of file and
/// folder).
enum class Durability { cached, durable };

/// Replaces `path` in one step: a temporary in the same folder, write, (fsync), rename, (fsync of
/// the folder). A reader sees the old or the new bytes, never a mixture; on any error the old file
/// stays and no temporary is left. `mode` as in chmod.
[[nodiscard]] Result<void> write_file(const fs::path& path, std::string_view bytes,
                                      Durability durability, unsigned mode = 0600);

/// Makes what was created, renamed or removed in a folder survive a power cut.
[[nodiscard]] Result<void> sync_folder(const fs::path& folder);

/// mkdir -p; `mode` (less the umask) is that of what is made.
[[nodiscard]] Result<void> make_directories(const fs::path& path, unsigned mode = 0700);
/// The same, and whatever is there already in its place is an error.
[[nodiscard]] Result<void> make_new_directory(const fs::path& path, unsigned mode = 0700);

}  // namespace foz
