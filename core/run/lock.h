/// One advance of a run at a time, on whatever login node. Not flock: the run folder lies on NFS or
/// Lustre.
///
///   lock/<n>  := holder | "released" LF       the highest n counts; the numbers never start again
///   holder    := "<host> <boot id> <pid namespace> <pid> <start time of pid> <random>" LF
///
/// Whoever finds the highest number released, or its holder gone, makes the next one; a file can be
/// made once, so that one of many wins, and whoever made a number that is not the highest
/// withdraws. A holder is gone when its process is known to be (same host, boot and namespace), or
/// else when it has not touched its file for k_lock_patience as watched by the one that waits
/// (clocks are not compared). A holder touches its file before every effect and stops when there is
/// a next one. Private to this room.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "core/base/fd.h"
#include "core/journal/run_folder.h"

namespace foz::run {

using Pause = std::function<void(std::chrono::milliseconds)>;

inline constexpr std::chrono::milliseconds k_lock_patience{90'000};
inline constexpr std::chrono::milliseconds k_lock_wait{120'000};  ///< for a holder that is alive

class RunLock {
 public:
  /// Code::unavailable, naming the holder, when it is still held after k_lock_wait.
  [[nodiscard]] static Result<RunLock> take(const journal::RunFolder& folder, const Pause& pause);
  RunLock(RunLock&& other) noexcept;
  RunLock& operator=(RunLock&&) = delete;
  ~RunLock();

  /// Shows that the holder lives. Code::unavailable when the lock was taken over.
  [[nodiscard]] Result<void> touch() const;

 private:
  RunLock(fs::path folder, std::uint64_t number, std::string identity);
  [[nodiscard]] bool is_mine() const;

  fs::path folder_;
  std::uint64_t number_ = 0;  ///< 0: moved from
  std::string identity_;
};

}  // namespace foz::run
