/// What is said when a person presses Ctrl-C while a command waits: nothing of a run ends with the
/// command, and nobody can know that without being told. The exit code is 130.
#pragma once

#include <string>

namespace foz::cli {

/// While one lives, SIGINT ends the command of Slurm's that runs, prints its message on standard
/// error and ends the program; one at a time. An interrupt that was ignored stays so.
class Interrupt {
 public:
  explicit Interrupt(std::string message);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

 private:
  std::string message_;
};

}  // namespace foz::cli
