/// Where sandboxes lie, and who may work on one: the home of all, one sandbox's folder, and its
/// lock.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "core/base/spawn.h"

namespace foz::sandbox {

/// The folders that may hold sandboxes, best first: `asked` alone if given; else $FOZ_SANDBOX_HOME
/// alone if set; else $XDG_RUNTIME_DIR/foz-sandbox where that is usable, and
/// /tmp/foz-sandbox-<uid>.
[[nodiscard]] std::vector<fs::path> home_candidates(const fs::path& asked,
                                                    const Environment& environment);

/// Why no sandbox named `name` can stand in `home`, or nothing. Slurm cannot quote a path in
/// slurm.conf, a socket's path is at most 107 bytes, and slurmd runs batch scripts from here.
/// `most_nodes` counts for the longest socket's name.
[[nodiscard]] Result<void> check_place(const fs::path& home, const std::string& name,
                                       int most_nodes);

/// The home for a new sandbox: the first candidate that passes check_place(), made with mode 0700,
/// ours and writable.
[[nodiscard]] Result<fs::path> prepare_home(const std::vector<fs::path>& candidates,
                                            const std::string& name, int most_nodes);

/// Exclusive work on one sandbox's folder: an advisory lock on the folder itself, so that nothing
/// is left when both are gone.
class FolderLock {
 public:
  /// Makes the folder where it is missing. Code::unavailable when another process holds it longer
  /// than `patience`.
  [[nodiscard]] static Result<FolderLock> acquire(const fs::path& folder,
                                                  std::chrono::milliseconds patience);

 private:
  explicit FolderLock(Fd folder) : folder_(std::move(folder)) {}
  Fd folder_;
};

/// Whether `folder` is a sandbox's: empty, or with a file in it that only a sandbox has. What is
/// not may not be removed.
[[nodiscard]] bool is_sandbox_folder(const fs::path& folder);

/// Removes what is in `folder`; Code::refused when it is not a sandbox's.
[[nodiscard]] Result<void> empty_folder(const fs::path& folder);
/// Removes `folder`, and its home when nothing else is in it.
[[nodiscard]] Result<void> remove_folder(const fs::path& folder);

}  // namespace foz::sandbox
