#include "core/run/waves.h"

#include <fmt/format.h>

#include <algorithm>

namespace foz::run {

namespace {

/// Whether a task of a part that was sent may still be in the queue.
bool takes_a_place(const Picture& picture, const StagePicture& stage, std::uint64_t index) {
  if (picture.queue_answered) return is_alive(stage.rows[index]);
  return !is_over(picture.word(stage, index).state);
}

/// Tasks that fit `check(stage, index)`, of the parts that were sent or of those that were not.
enum class Parts { sent, unsent };
template <class Check>
std::uint64_t count_tasks(const Picture& picture, Parts which, const Check& check) {
  std::uint64_t count = 0;
  for (const StagePicture& stage : picture.stages) {
    for (const PartFacts& part : stage.facts->parts) {
      if ((part.sent() != nullptr) != (which == Parts::sent)) continue;
      for (std::uint64_t i = 0; i < part.tasks.count; ++i) {
        if (check(stage, part.tasks.offset + i)) ++count;
      }
    }
  }
  return count;
}

std::uint64_t count_places(const Picture& picture) {
  return count_tasks(picture, Parts::sent, [&](const StagePicture& stage, std::uint64_t index) {
    return takes_a_place(picture, stage, index);
  });
}

/// What is over without being sent is not counted.
std::uint64_t count_unsent(const Picture& picture) {
  return count_tasks(picture, Parts::unsent, [&](const StagePicture& stage, std::uint64_t index) {
    return !is_over(picture.word(stage, index).state);
  });
}

}  // namespace

Places::Places(const plan::Plan& plan, const Picture& picture)
    : is_bounded_(plan.waves.has_value()) {
  if (!is_bounded_) return;
  const std::uint64_t taken = count_places(picture) + plan::k_advance_jobs;
  left_ = plan.waves->jobs_at_once - std::min<std::uint64_t>(taken, plan.waves->jobs_at_once);
}

bool Places::take(std::uint32_t tasks) {
  if (!is_bounded_) return true;
  if (tasks > left_) return false;
  left_ -= tasks;
  return true;
}

bool has_living_part(const Picture& picture) {
  return std::any_of(picture.stages.begin(), picture.stages.end(), [](const StagePicture& stage) {
    return std::any_of(stage.rows.begin(), stage.rows.end(), is_alive);
  });
}

std::size_t count_waiting_advance_jobs(const Picture& picture) {
  const auto is_pending = [](const slurm::JobRow* row) {
    return row->state == slurm::State::pending;
  };
  return static_cast<std::size_t>(
      std::count_if(picture.advance_jobs.begin(), picture.advance_jobs.end(), is_pending));
}

std::size_t count_living_advance_jobs(const Picture& picture) {
  return static_cast<std::size_t>(
      std::count_if(picture.advance_jobs.begin(), picture.advance_jobs.end(), is_alive));
}

std::string stalled(const plan::Plan& plan, const Picture& picture) {
  if (!plan.waves || !picture.queue_answered || picture.facts.is_cancelled) return {};
  if (count_living_advance_jobs(picture) > 0) return {};
  const std::uint64_t unsent = count_unsent(picture);
  if (unsent == 0) return {};
  return fmt::format("{} not sent, and no job waits to send on: 'foz advance' does it",
                     unsent == 1 ? "1 task is" : fmt::format("{} tasks are", unsent));
}

}  // namespace foz::run
