/// Real processes for the tests of this room: started with chosen arguments and environment, ended
/// by pid at the end of the test.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "core/base/spawn.h"
#include "tests/support/temporary_folder.h"

namespace foz::sandbox {

/// True as soon as `condition` is, false after ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// A shell's "echo $! > FILE" may be seen half-way: a pid is complete with its line's end.
inline pid_t read_pid(const std::filesystem::path& file) {
  std::string line;
  eventually([&] {
    std::ifstream stream(file);
    return static_cast<bool>(std::getline(stream, line)) && !stream.eof();
  });
  return static_cast<pid_t>(std::atoi(line.c_str()));
}

class Child {
 public:
  /// Runs `program` with `argv` (argv[0] as it says) and exactly `environment`, as the leader of a
  /// new session. Returns once execve was done.
  Child(const std::string& program, std::vector<std::string> argv, Environment environment) {
    int started[2] = {-1, -1};
    if (::pipe2(started, O_CLOEXEC) != 0) return;
    const auto pointers = [](std::vector<std::string>& strings) {
      std::vector<char*> result;
      for (std::string& string : strings) result.push_back(string.data());
      result.push_back(nullptr);
      return result;
    };
    const auto arguments = pointers(argv);
    const auto variables = pointers(environment);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setsid();
      ::execve(program.c_str(), arguments.data(), variables.data());
      ::_exit(127);
    }
    ::close(started[1]);
    char byte = 0;
    while (::read(started[0], &byte, 1) > 0) {
    }
    ::close(started[0]);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    ::kill(-pid_, SIGKILL);  // and what it started, unless that left the group
    wait();
  }

  [[nodiscard]] pid_t pid() const { return pid_; }
  void kill(int signal) const { ::kill(pid_, signal); }
  /// The status of waitpid; -1 when it was collected before.
  int wait() {
    if (collected_) return -1;
    int status = -1;
    collected_ = ::waitpid(pid_, &status, 0) == pid_;
    return status;
  }
  /// Without collecting it: it stays a zombie.
  [[nodiscard]] bool has_ended() const {
    siginfo_t information{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &information, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           information.si_pid == pid_;
  }

 private:
  pid_t pid_ = -1;
  bool collected_ = false;
};

}  // namespace foz::sandbox
