#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "core/base/host.h"
#include "core/run/act.h"
#include "core/run/decide.h"
#include "core/run/remarks.h"
#include "core/run/waves.h"
#include "core/slurm/communication.h"

namespace foz::run {

namespace {

Effects with_defaults(Effects effects) {
  if (!effects.pause) {
    effects.pause = [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); };
  }
  return effects;
}

/// What both advance and cancel hold while they act.
struct Grip {
  RunLock lock;
  plan::Plan plan;
  journal::Writer writer;
};

Result<Grip> grip(const journal::RunFolder& folder, const Clock& clock, const Effects& effects) {
  FOZ_TRY(plan::Plan plan, load_plan(folder));
  FOZ_TRY(RunLock lock, RunLock::take(folder, effects.pause));
  FOZ_TRY(journal::Writer writer, journal::Writer::open(folder.journal(), host_name(), clock));
  return Grip{std::move(lock), std::move(plan), std::move(writer)};
}

bool has_cancelled(const std::vector<Action>& actions) {
  return std::any_of(actions.begin(), actions.end(),
                     [](const Action& action) { return action.kind == Action::Kind::cancel_run; });
}

/// What advancing once needs; the references outlive it.
struct Round {
  const journal::RunFolder& folder;
  slurm::Scheduler& scheduler;
  const Clock& clock;
  const Effects& effects;
  Grip& held;
};

/// How often, and how far apart, advance looks whether one of too many advance jobs has ended.
constexpr int k_looks_at_a_crowd = 10;
constexpr std::chrono::milliseconds k_between_looks{500};

Result<Observation> observe_without_crowd(const Round& round, AskQueue ask) {
  const plan::Plan& plan = round.held.plan;
  for (int looks = 0;; ++looks) {
    FOZ_TRY(Observation seen, observe(round.folder, plan, &round.scheduler, ask, round.clock));
    const bool is_last = !plan.waves || looks == k_looks_at_a_crowd;
    if (is_last || !is_crowded(plan, look(plan, seen))) return seen;
    round.effects.pause(k_between_looks);
  }
}

/// Observe, decide, act. A run that is undone ends in an error; the picture after it is for the
/// next call.
Result<Advanced> advance_once(const Round& round, AskQueue ask) {
  Grip& held = round.held;
  FOZ_TRY(const Observation seen, observe_without_crowd(round, ask));
  const Picture picture = look(held.plan, seen);
  const std::vector<Action> actions = decide(held.plan, seen, picture);
  Acting acting({round.folder, held.plan, seen, picture, round.scheduler, round.effects, held.lock,
                 held.writer});
  FOZ_CHECK(acting.act(actions));
  if (acting.stall()) return fail(*acting.stall());
  Advanced done = acting.counts();
  if (has_cancelled(actions) || done.refused > 0) {
    FOZ_TRY(const Observation after,
            observe(round.folder, held.plan, nullptr, AskQueue::never, round.clock));
    done.status = judge(held.plan, after);
  } else {
    done.status = report(held.plan, picture, seen);
  }
  return done;
}

/// A later wave's partners may wait for what has ended already: they are released in a second
/// round, that sees them in the queue.
bool needs_second_round(const plan::Plan& plan, const Advanced& done) {
  const bool has_partners =
      std::any_of(plan.stages.begin(), plan.stages.end(), plan::has_held_partner);
  return plan.waves && has_partners && done.submitted > 0;
}

/// Of one that Slurm did not hear of, that it is on record.
Error said_of_cancel(const plan::Plan& plan, Error error) {
  if (!slurm::is_no_answer(error)) return error;
  return with_context(fmt::format("run '{}' is not ended yet; that it is to be is on record, and "
                                  "'foz cancel' again or 'foz advance' does it",
                                  plan.run_id),
                      std::move(error));
}

}  // namespace

Result<Advanced> advance(const journal::RunFolder& folder, slurm::Scheduler& scheduler,
                         const Clock& clock, const Effects& given) {
  const Effects effects = with_defaults(given);
  FOZ_TRY(Grip held, grip(folder, clock, effects));
  const Round round{folder, scheduler, clock, effects, held};
  // advance jobs that still wait are known to the queue alone, also when the run is over
  const AskQueue ask = held.plan.waves ? AskQueue::always : AskQueue::if_needed;
  FOZ_TRY(Advanced done, advance_once(round, ask));
  if (needs_second_round(held.plan, done)) {
    FOZ_TRY(const Advanced more, advance_once(round, AskQueue::always));
    done.submitted += more.submitted;
    done.released += more.released;
    done.cancelled += more.cancelled;
    done.adopted += more.adopted;
    done.refused += more.refused;
    done.status = more.status;
  }
  done.over = done.status.is_over;
  return done;
}

Result<Cancelled> cancel(const journal::RunFolder& folder, const std::string& stage,
                         slurm::Scheduler& scheduler, const Clock& clock, const Effects& given) {
  const Effects effects = with_defaults(given);
  FOZ_TRY(Grip held, grip(folder, clock, effects));
  FOZ_TRY(const Observation seen,
          observe(folder, held.plan, &scheduler, AskQueue::if_needed, clock));
  const Picture picture = look(held.plan, seen);
  if (!stage.empty() && picture.find_stage(stage) == nullptr) {
    return fail(Code::not_found,
                fmt::format("run '{}' has no stage '{}'", held.plan.run_id, stage));
  }
  Acting acting({folder, held.plan, seen, picture, scheduler, effects, held.lock, held.writer});
  const std::vector<Action> due = decide(held.plan, seen, picture);
  const RunStatus before = report(held.plan, picture, seen);
  const bool was_over = before.is_over && !has_cancelled(due);
  FOZ_CHECK(acting.act(ends_to_keep(held.plan, seen, picture, was_over ? "" : stage)));
  if (was_over) {
    FOZ_CHECK(acting.end_jobs(stage));
  } else {
    FOZ_CHECK(acting.intend_cancel(stage, "cancelled by foz cancel", "user"));
    if (auto done = acting.cancel_jobs(stage); !done)
      return fail(said_of_cancel(held.plan, std::move(done).error()));
  }
  FOZ_TRY(const Observation after, observe(folder, held.plan, nullptr, AskQueue::never, clock));
  std::string remark = remark_on_requests(gather(held.plan, after), after.now);
  if (remark.empty()) remark = acting.remark_on_foreign_jobs();
  return Cancelled{was_over ? before.state : "", std::move(remark)};
}

}  // namespace foz::run
