/// A run that is larger than the queue: how much of it may be sent now. Pure. Private to this room.
///
/// What is alive counts: a task of a part that was sent and is not over, and a held partner until
/// it is gone. Two places are kept for advance jobs: the one
/// that sends, and the next. A part is sent only behind its parents' parts,
/// so that whatever waits in the queue waits for something that is there: the run cannot block
/// itself.
#pragma once

#include <cstdint>

#include "core/run/picture.h"

namespace foz::run {

/// Places in the queue that are left to a run.
class Room {
 public:
  Room(const plan::Plan& plan, const Picture& picture);

  /// Takes `tasks` places; false, and nothing taken, where there are not so many.
  [[nodiscard]] bool take(std::uint32_t tasks);

 private:
  bool is_bounded_ = false;
  std::uint64_t left_ = 0;
};

[[nodiscard]] bool has_living_part(const Picture& picture);

/// Whether an advance job waits already, or may wait where the queue is not known. One that runs
/// does not count: it may have looked before what is seen now.
[[nodiscard]] bool has_waiting_advance_job(const Picture& picture);

}  // namespace foz::run
