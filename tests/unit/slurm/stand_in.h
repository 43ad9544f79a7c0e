/// Programs that stand in for Slurm's on PATH: shell scripts in a folder of their own, gone with
/// the object. What they were called with is read back as NUL-separated words.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/spawn.h"
#include "tests/support/temporary_folder.h"

namespace foz::slurm {

class StandIns {
 public:
  StandIns() = default;
  StandIns(const StandIns&) = delete;
  StandIns& operator=(const StandIns&) = delete;

  /// Makes `name` a bash script with `body`. "$out" in it is a folder for what it leaves behind;
  /// its arguments and environment are recorded before the body runs.
  void add(std::string_view name, std::string_view body) const;
  /// A program that prints exactly these bytes and exits.
  void answer(std::string_view name, std::string_view out, std::string_view err, int status) const;

  /// An environment in which only these programs and the base system's are found.
  [[nodiscard]] Environment environment() const;
  /// Arguments (without the program) and environment of the last call of `name`.
  [[nodiscard]] std::vector<std::string> arguments(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> variables(std::string_view name) const;
  [[nodiscard]] std::size_t calls(std::string_view name) const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  [[nodiscard]] std::vector<std::string> words(std::string_view file) const;
  test::TemporaryFolder folder_;
};

}  // namespace foz::slurm
