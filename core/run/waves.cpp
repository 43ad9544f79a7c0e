#include "core/run/waves.h"

#include <algorithm>

namespace foz::run {

namespace {

/// One that runs and sends, and the next one that it leaves behind.
constexpr std::uint64_t k_advance_jobs = 2;

bool takes_a_place(const Picture& picture, const StagePicture& stage, std::uint64_t index) {
  return is_alive(stage.rows[index]) || !is_over(picture.word(stage, index).state);
}

std::uint64_t count_places(const Picture& picture) {
  std::uint64_t places = 0;
  for (const StagePicture& stage : picture.stages) {
    for (const PartFacts& part : stage.facts->parts) {
      if (part.sent() == nullptr) continue;
      for (std::uint64_t i = 0; i < part.tasks.count; ++i) {
        if (takes_a_place(picture, stage, part.tasks.offset + i)) ++places;
      }
    }
  }
  return places;
}

}  // namespace

Room::Room(const plan::Plan& plan, const Picture& picture) : is_bounded_(plan.waves.has_value()) {
  if (!is_bounded_) return;
  const std::uint64_t taken = count_places(picture) + k_advance_jobs;
  left_ = plan.waves->jobs_at_once - std::min<std::uint64_t>(taken, plan.waves->jobs_at_once);
}

bool Room::take(std::uint32_t tasks) {
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

bool has_waiting_advance_job(const Picture& picture) {
  if (!picture.queue_answered) {
    return picture.facts.advance_job.find(Request::Outcome::submitted) != nullptr;
  }
  return std::any_of(picture.advance_jobs.begin(), picture.advance_jobs.end(),
                     [](const slurm::JobRow* row) { return row->state == slurm::State::pending; });
}

}  // namespace foz::run
