#include "core/base/spawn_setup.h"

#include <signal.h>
#include <unistd.h>

namespace foz {

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) pointers.push_back(const_cast<char*>(string.data()));
  pointers.push_back(nullptr);
  return pointers;
}

SpawnSetup::SpawnSetup() {
  posix_spawn_file_actions_init(&actions_);
  posix_spawnattr_init(&attributes_);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes_, &none);
  posix_spawnattr_setsigdefault(&attributes_, &all);
  posix_spawnattr_setpgroup(&attributes_, 0);
  posix_spawnattr_setflags(&attributes_,
                           POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

SpawnSetup::~SpawnSetup() {
  posix_spawn_file_actions_destroy(&actions_);
  posix_spawnattr_destroy(&attributes_);
}

void SpawnSetup::connect(const Fd& input, const Fd& out, const Fd& err) {
  posix_spawn_file_actions_adddup2(&actions_, input.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions_, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions_, err.get(), STDERR_FILENO);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
  // For descriptors that others left open without CLOEXEC; our own all have it.
  posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
#endif
}

void SpawnSetup::change_directory(const std::string& directory) {
  if (!directory.empty()) posix_spawn_file_actions_addchdir_np(&actions_, directory.c_str());
}

int SpawnSetup::start(const std::string& program, const std::vector<std::string>& argv,
                      const std::vector<std::string>& environment, pid_t& pid) const {
  return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers_to(argv).data(),
                       pointers_to(environment).data());
}

}  // namespace foz
