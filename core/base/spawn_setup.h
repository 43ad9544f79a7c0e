/// How foz starts programs by posix_spawn: argv vectors only, own process group, empty signal mask,
/// every signal as it is by default, nothing inherited but the three standard streams. Private to
/// those who then watch over the child (spawn.h is what others want).
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "core/base/fd.h"

namespace foz {

/// As exec wants them: null at the end. `strings` outlive them; exec does not write to them.
[[nodiscard]] std::vector<char*> pointers_to(const std::vector<std::string>& strings);

class SpawnSetup {
 public:
  SpawnSetup();
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup();

  /// The child's standard streams; the descriptors stay the caller's.
  void connect(const Fd& input, const Fd& out, const Fd& err);
  /// Empty: this process's own.
  void change_directory(const std::string& directory);

  /// 0 or an errno, that of execve included; then `pid` is what it was. `program` is a path.
  [[nodiscard]] int start(const std::string& program, const std::vector<std::string>& argv,
                          const std::vector<std::string>& environment, pid_t& pid) const;

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace foz
