/// A file that is made beside its place and put there when it is whole. How it is put there
/// (replacing what is there, or not) is the caller's; for writing a whole file there is write_file.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/fd.h"

namespace foz {

/// Removed at the end, unless it was given away.
class TemporaryFile {
 public:
  /// An empty one, ".foz-" and six letters, mode 0600.
  [[nodiscard]] static Result<TemporaryFile> make(const fs::path& folder);
  TemporaryFile(TemporaryFile&& other) noexcept
      : file_(std::move(other.file_)), path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile();

  /// All of its bytes, and closes it: a full filesystem may be told of only there.
  [[nodiscard]] Result<void> fill(std::string_view bytes, Durability durability, unsigned mode);

  [[nodiscard]] const std::string& path() const { return path_; }
  /// It has another name now, and nothing is left to remove.
  void give_away() { path_.clear(); }

 private:
  TemporaryFile(Fd file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Fd file_;
  std::string path_;
};

}  // namespace foz
