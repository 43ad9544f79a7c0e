/// A run that is larger than the queue: how much of it may be sent now. Pure. Private to this room.
///
/// What is alive counts, a held partner too. Places are kept for advance jobs
/// (plan::k_advance_jobs). A part is sent only behind its parents' parts, so that whatever waits in
/// the queue waits for something that is there: the run cannot block itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/run/picture.h"

namespace foz::run {

/// Places in the queue that are left to a run.
class Places {
 public:
  Places(const plan::Plan& plan, const Picture& picture);

  /// Takes as many; false, and nothing taken, where there are not so many.
  [[nodiscard]] bool take(std::uint32_t tasks);

 private:
  bool is_bounded_ = false;
  std::uint64_t left_ = 0;
};

[[nodiscard]] bool has_living_part(const Picture& picture);

/// One waits for what was alive, one for what is sent now.
inline constexpr std::size_t k_waiting_advance_jobs = 2;
/// Those that wait in the queue; none where it is not known, as one too many does no harm. One that
/// runs does not count: it may have looked before what is seen now. Nor does one that is held,
/// after a failed launch or by somebody: nobody may ever let it go.
[[nodiscard]] std::size_t count_waiting_advance_jobs(const Picture& picture);

/// With those that are held. One that runs may be this very process.
[[nodiscard]] std::vector<JobId> pending_advance_jobs(const Picture& picture);

/// Whether as many advance jobs run as there are places for, and none waits: one that waits must
/// be there, and would take one place too many. Some of those that run are at their end.
[[nodiscard]] bool is_crowded(const plan::Plan& plan, const Picture& picture);

/// With those that run.
[[nodiscard]] std::size_t count_living_advance_jobs(const Picture& picture);

/// Why nobody goes on with a run, in waves or not: what is not sent, or was sent and is still held,
/// is left behind. Empty: somebody does, or nothing is left.
[[nodiscard]] std::string stalled(const plan::Plan& plan, const Observation& seen,
                                  const Picture& picture);

}  // namespace foz::run
