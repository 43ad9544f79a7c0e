#include "core/run/waves.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/run/decide_partners.h"
#include "core/slurm/indices.h"

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

/// Places of a job whose elements cannot be read: nothing is sent beside it.
constexpr std::uint64_t k_too_many = UINT32_MAX;

/// How many elements a row of the queue stands for.
std::uint64_t count_elements(const slurm::JobRow& row) {
  if (row.pending_indices.empty()) return 1;
  const auto pending = slurm::expand_indices(row.pending_indices);
  return pending ? pending->size() : k_too_many;
}

/// Jobs whose part is not known to be sent: of a request that was cut off, or orphans.
std::uint64_t count_strangers(const Picture& picture) {
  std::uint64_t count = 0;
  for (const slurm::JobRow* row : picture.strangers) {
    if (!is_alive(row)) continue;
    count += count_elements(*row);
  }
  return count;
}

std::uint64_t count_places(const Picture& picture) {
  const auto of_parts =
      count_tasks(picture, Parts::sent, [&](const StagePicture& stage, std::uint64_t index) {
        return takes_a_place(picture, stage, index);
      });
  return of_parts + count_strangers(picture);
}

/// What is over without being sent is not counted.
std::uint64_t count_unsent(const Picture& picture) {
  return count_tasks(picture, Parts::unsent, [&](const StagePicture& stage, std::uint64_t index) {
    return !is_over(picture.word(stage, index).state);
  });
}

/// Of parts that foz lets go itself: somebody was stopped between sending them and letting them go.
std::uint64_t count_held(const plan::Plan& plan, const Picture& picture) {
  return count_tasks(picture, Parts::sent, [&](const StagePicture& stage, std::uint64_t index) {
    const slurm::JobRow* row = stage.rows[index];
    return plan::is_released_by_foz(plan, *stage.facts->plan) && row != nullptr &&
           is_user_hold(*row) && !stage.facts->part_of(index).released &&
           !is_over(picture.word(stage, index).state);
  });
}

/// Keepers sweep up after each other, so as long as one runs nothing is left behind.
std::uint64_t count_left_partners(const Observation& seen, const Picture& picture) {
  const bool is_any_running =
      picture.any([](const Word& word) { return word.state == TaskState::running; });
  return is_any_running ? 0 : count_partners_to_release(seen, picture);
}

template <class Check>
std::size_t count_advance_jobs(const Picture& picture, const Check& check) {
  return static_cast<std::size_t>(
      std::count_if(picture.advance_jobs.begin(), picture.advance_jobs.end(), check));
}

bool waits_for_others(const slurm::JobRow& row) {
  return row.state == slurm::State::pending && row.reason == "Dependency";
}

/// Whether something of the run runs, or will without foz. What is held does not, nor what waits
/// for it.
bool is_any_moving(const Picture& picture) {
  const auto moves = [](const slurm::JobRow* row) {
    return is_alive(row) && !is_held(*row) && !waits_for_others(*row);
  };
  return std::any_of(picture.stages.begin(), picture.stages.end(), [&](const StagePicture& stage) {
    return std::any_of(stage.rows.begin(), stage.rows.end(), moves);
  });
}

/// One that waits for jobs that are held behind a stopped foz never starts. Where nothing is held
/// by foz, what it waits for has ended, and Slurm is to see that yet; or a person holds it.
bool is_advance_job_to_come(const Picture& picture, std::uint64_t held) {
  const bool is_moving = held == 0 || is_any_moving(picture);
  const auto comes = [is_moving](const slurm::JobRow* row) {
    return is_alive(row) && !is_held(*row) && (is_moving || !waits_for_others(*row));
  };
  return count_advance_jobs(picture, comes) > 0;
}

std::string tasks_are(std::uint64_t count) {
  return count == 1 ? "1 task is" : fmt::format("{} tasks are", count);
}

/// Where all is sent at once: partners whose keepers, and those of their siblings, were lost.
std::string left_behind(const Observation& seen, const Picture& picture) {
  const std::uint64_t left = is_any_moving(picture) ? 0 : count_partners_left(seen, picture);
  if (left == 0) return {};
  return tasks_are(left) +
         " held, and nobody lets go of what may start or cancels what never can: "
         "'foz advance' does it";
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

std::vector<JobId> pending_advance_jobs(const Picture& picture) {
  std::vector<JobId> jobs;
  for (const slurm::JobRow* row : picture.advance_jobs) {
    if (row->state == slurm::State::pending) jobs.push_back(job_of(*row));
  }
  return jobs;
}

std::size_t count_waiting_advance_jobs(const Picture& picture) {
  return count_advance_jobs(picture, [](const slurm::JobRow* row) {
    return row->state == slurm::State::pending && !is_held(*row);
  });
}

bool is_crowded(const plan::Plan& plan, const Picture& picture) {
  return plan.waves && picture.queue_answered && count_unsent(picture) > 0 &&
         count_waiting_advance_jobs(picture) == 0 &&
         count_living_advance_jobs(picture) >= plan::k_advance_jobs;
}

std::size_t count_living_advance_jobs(const Picture& picture) {
  return count_advance_jobs(picture, is_alive);
}

std::string stalled(const plan::Plan& plan, const Observation& seen, const Picture& picture) {
  if (!picture.queue_answered || picture.facts.is_cancelled) return {};
  if (is_being_sent(picture.facts, seen.now)) return {};
  if (!plan.waves) return left_behind(seen, picture);
  const std::uint64_t held = count_held(plan, picture) + count_left_partners(seen, picture);
  if (is_advance_job_to_come(picture, held)) return {};
  const std::uint64_t unsent = count_unsent(picture);
  std::string what;
  if (held > 0) what = tasks_are(held) + " sent and still held";
  if (unsent > 0) what += (held > 0 ? ", " : "") + tasks_are(unsent) + " not sent";
  if (what.empty()) return {};
  return fmt::format("{}, and {}: 'foz advance' does it", what,
                     held > 0 ? "nobody goes on with them" : "no job waits to send on");
}

}  // namespace foz::run
