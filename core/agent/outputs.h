/// Declared outputs: looked for at the end, with fresh handles and a bounded wait (a shared
/// filesystem may hide a new file for a while), and they must be of this attempt. "Of this attempt"
/// is a difference to a snapshot taken before it began; clocks are never compared. The folders that
/// they lie in are made before that.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/agent/loop.h"
#include "core/base/result.h"
#include "core/base/units.h"

namespace foz::agent {

struct WantedOutput {
  std::string name;
  std::string path;  ///< absolute
};

/// Makes the folder that each output lies in, as its own commands would (`umask`; nullopt: that of
/// this process), and never the output itself. A workdir that is not there is nothing to make
/// folders in: that is the ranks' to say.
[[nodiscard]] Result<void> make_output_folders(const std::vector<WantedOutput>& outputs,
                                               const std::string& workdir,
                                               std::optional<unsigned> umask);

/// What identifies the state of a file, or of a folder and the tree below it (at most
/// k_most_entries of it). nullopt: not there.
using Fingerprint = std::optional<std::uint64_t>;
inline constexpr std::size_t k_most_entries = 10'000;
[[nodiscard]] Fingerprint fingerprint(const std::string& path);

/// Empty: all outputs are there and have changed. Else the sentence for the first that has not.
[[nodiscard]] std::string judge_outputs(const std::vector<WantedOutput>& wanted,
                                        const std::vector<Fingerprint>& before);

class OutputCheck {
 public:
  OutputCheck(Loop& loop, std::vector<WantedOutput> wanted, Seconds wait);

  /// Looks now and, while one is missing or unchanged, again until the wait is over. `done` gets
  /// the sentence, empty when all is well.
  void check(std::function<void(std::string sentence)> done);

 private:
  void look();

  Loop& loop_;
  std::vector<WantedOutput> wanted_;
  std::vector<Fingerprint> before_;
  Seconds wait_;
  std::function<void(std::string)> done_;
  std::chrono::steady_clock::time_point until_;
  std::chrono::milliseconds interval_{20};
  Loop::Handle next_;
};

}  // namespace foz::agent
