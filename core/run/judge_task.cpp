#include "core/run/judge_task.h"

#include <fmt/format.h>

#include "core/failure/failure.h"

namespace foz::run {

namespace {

using failure::Class;
using slurm::State;

constexpr std::string_view k_never_satisfied = "DependencyNeverSatisfied";
constexpr std::string_view k_launch_hold = "launch_failed_requeued_held";

std::string name_of(Class cls) {
  return std::string(failure::class_name(cls));
}

bool has_started(const Sight& sight) {
  return sight.task != nullptr && sight.task->has_start;
}

Word word_of_end(const Sight& sight) {
  const TaskFacts& task = *sight.task;
  Word word{TaskState::unknown, task.cls, task.sentence, "journal"};
  if (task.outcome == "succeeded") word.state = TaskState::succeeded;
  if (task.outcome == "failed") word.state = TaskState::failed;
  if (task.outcome == "cancelled") word.state = TaskState::cancelled;
  if (task.outcome == "dependency_failed") word.state = TaskState::dependency_failed;
  if (word.state == TaskState::unknown) {
    word.sentence =
        fmt::format("its keeper recorded the end '{}', which this foz does not know", task.outcome);
  }
  if (sight.row != nullptr && sight.row->state == State::pending) {
    word.source = "journal and queue disagree";
  }
  return word;
}

Word dependency_failed(std::string sentence, std::string source) {
  Word word{TaskState::dependency_failed, name_of(Class::dependency_failed), std::move(sentence),
            std::move(source)};
  word.never_starts = true;
  return word;
}

/// Held by foz itself until something releases it.
Word word_of_foz_hold(const Sight& sight, std::string source) {
  if (has_held_partner(*sight.stage->plan)) return {TaskState::waiting, "", "", std::move(source)};
  return {TaskState::held, "",
          fmt::format("held until {} is sent", sight.is_in_waves ? "its wave" : "every stage"),
          std::move(source)};
}

Word word_of_hold(const Sight& sight) {
  const slurm::JobRow& row = *sight.row;
  if (row.reason == k_launch_hold) {
    return {TaskState::held, name_of(Class::launch_failed),
            fmt::format("Slurm could not launch it{} and holds it; 'scontrol release' lets it try "
                        "again",
                        row.nodes.empty() ? "" : " on " + row.nodes),
            "queue"};
  }
  const bool is_ours = has_held_partner(*sight.stage->plan) || !sight.part->released;
  if (is_ours && is_user_hold(row) && !has_started(sight)) return word_of_foz_hold(sight, "queue");
  return {TaskState::held, "",
          fmt::format("held ({}); 'scontrol release' lets it go",
                      row.reason.empty() ? row.state_text : row.reason),
          "queue"};
}

Word word_of_pending(const Sight& sight) {
  const slurm::JobRow& row = *sight.row;
  if (!has_started(sight) && sight.forbidden != nullptr) {
    return dependency_failed(*sight.forbidden, "journal");
  }
  if (row.reason == k_never_satisfied) {
    return dependency_failed("Slurm says that its dependency can never be satisfied", "queue");
  }
  if (is_held(row)) return word_of_hold(sight);
  if (has_started(sight)) {
    return {TaskState::queued, "", fmt::format("waits to start again ({})", row.reason), "queue"};
  }
  if (row.reason == "Dependency") return {TaskState::waiting, "", "", "queue"};
  return {TaskState::queued, "", "", "queue"};
}

Word word_of_living(const Sight& sight) {
  switch (sight.row->state) {
    case State::pending:
    case State::requeued:
      return word_of_pending(sight);
    case State::requeue_hold:
    case State::special_exit:
    case State::resv_del_hold:
      return word_of_hold(sight);  // as is_held() says of them
    case State::revoked:
      return {TaskState::unknown, "", "Slurm says REVOKED: another cluster took it", "queue"};
    case State::unknown:
      return {TaskState::unknown, "", fmt::format("Slurm says {}", sight.row->state_text), "queue"};
    default:
      return {TaskState::running, "", "", "queue"};
  }
}

Class class_of_end(State state, std::string_view reason, bool started) {
  switch (state) {
    case State::cancelled:
      return reason == k_never_satisfied ? Class::dependency_failed : Class::cancelled;
    case State::timeout:
    case State::deadline:
      return Class::timeout;
    case State::node_fail:
    case State::boot_fail:
      return Class::node_fail;
    case State::preempted:
      return Class::preempted;
    case State::out_of_memory:
      return Class::oom;
    case State::launch_failed:
      return Class::launch_failed;
    default:  // COMPLETED too: without a record of its end, an exit status proves nothing
      return started ? Class::lost : Class::launch_failed;
  }
}

TaskState state_of_class(Class cls) {
  if (cls == Class::cancelled) return TaskState::cancelled;
  if (cls == Class::dependency_failed) return TaskState::dependency_failed;
  return TaskState::failed;
}

/// What a row of the queue or of accounting says of an end.
struct SlurmsEnd {
  State state;
  std::string_view state_text;
  std::string_view reason;
  UnixMillis time = 0;
  std::string source;
};

bool may_be_on_its_way(const SlurmsEnd& end, UnixMillis now) {
  const UnixMillis age = now - end.time;
  return end.time != 0 && age >= 0 && age < k_record_grace;
}

Word word_of_slurms_end(const Sight& sight, const SlurmsEnd& end) {
  const bool started = has_started(sight);
  const Class cls = class_of_end(end.state, end.reason, started);
  const bool never_ran = !started && state_of_class(cls) != TaskState::failed;
  if (!never_ran && may_be_on_its_way(end, sight.now)) {
    return {TaskState::unknown, "",
            fmt::format("Slurm says {}, and its keeper's record may still be on its way",
                        end.state_text),
            end.source};
  }
  Word word{state_of_class(cls), name_of(cls),
            fmt::format("Slurm says {}, and its keeper recorded no {}", end.state_text,
                        started ? "end" : "start"),
            end.source};
  if (cls == Class::dependency_failed) {
    word.sentence = "Slurm cancelled it: its dependency could never be satisfied";
  } else if (never_ran) {
    word.sentence = fmt::format("Slurm says {}, before it had started", end.state_text);
  }
  word.is_slurms_end = true;
  return word;
}

Word word_of_unsent(const Sight& sight) {
  if (!sight.stage->refusal.empty()) {
    return {TaskState::failed, name_of(Class::launch_failed), sight.stage->refusal, "journal"};
  }
  if (sight.facts->cancel_intended || !sight.facts->refusal.empty()) {
    const std::string& why =
        sight.facts->cancel_intended ? sight.facts->cancel_reason : sight.facts->refusal;
    return {TaskState::cancelled, name_of(Class::cancelled), "never sent: " + why, "journal"};
  }
  return {TaskState::waiting, "", "not sent yet", "journal"};
}

/// What was refused says so, and what was never sent says why.
Word word_of_cancelled(const Sight& sight) {
  const bool is_unsent = sight.facts->is_cancelled && sight.part->sent() == nullptr;
  if (Word word = word_of_unsent(sight); is_unsent && is_over(word.state)) return word;
  return {TaskState::cancelled, name_of(Class::cancelled), "cancelled by foz", "journal"};
}

/// The queue was not asked, or did not answer: what was done last.
Word word_of_silence(const Sight& sight) {
  if (sight.task != nullptr && sight.task->outcome == "interrupted" &&
      sight.task->ended_attempt >= sight.task->started_attempt) {
    return {TaskState::queued, "", "waits to start again", "journal"};
  }
  if (has_started(sight)) return {TaskState::running, "", "", "journal"};
  if (has_held_partner(*sight.stage->plan)) return {TaskState::waiting, "", "", "journal"};
  if (sight.is_let_go_by_foz && !sight.part->release_intended) {
    return word_of_foz_hold(sight, "journal");
  }
  if (!sight.stage->plan->dependencies.empty()) return {TaskState::waiting, "", "", "journal"};
  return {TaskState::queued, "", "", "journal"};
}

std::string accounting_says(const Sight& sight) {
  if (sight.past != nullptr) return fmt::format("accounting says {}", sight.past->state_text);
  if (sight.history_answered) return "accounting has no record of it";
  if (!sight.history_error.empty()) {
    return fmt::format("accounting did not answer ({})", sight.history_error);
  }
  return "there is no accounting to ask";
}

Word word_of_nobody(const Sight& sight) {
  return {TaskState::unknown, "",
          fmt::format("Slurm no longer knows {}, its keeper recorded no {}, and {}", sight.job,
                      has_started(sight) ? "end" : "start", accounting_says(sight)),
          ""};
}

/// Accounting may know more, now or later.
bool has_vanished(const Sight& sight) {
  return sight.queue_answered && sight.is_array_known && sight.past == nullptr &&
         sight.history_error.empty();
}

Word word_of_vanished(const Sight& sight) {
  Word word{TaskState::failed, name_of(Class::lost),
            fmt::format("Slurm knows others of its array and no longer this one, and its keeper "
                        "recorded no {}",
                        has_started(sight)
                            ? "end"
                            : "start: it was cancelled while it waited, or it ended unseen"),
            "queue"};
  word.is_slurms_end = word.is_vanished = true;
  return word;
}

/// A row from before the newest start: the journal has grown since the queue was asked.
bool is_stale(const Sight& sight) {
  if (sight.row == nullptr || !has_started(sight)) return false;
  const auto restarts = static_cast<std::uint32_t>(sight.row->restarts);
  const bool is_before_its_start =
      sight.row->state == State::pending && restarts <= sight.task->restart;
  return is_before_its_start || restarts < sight.task->restart;
}

bool is_living(const slurm::JobRow* row) {
  return row != nullptr && !slurm::is_final(row->state);
}

bool is_recorded_loss(const Sight& sight) {
  return sight.lost != nullptr &&
         (!has_started(sight) || sight.lost->attempt >= sight.task->started_attempt);
}

Word word_of_loss(const Lost& lost) {
  const Class cls = failure::find_class(lost.cls).value_or(Class::lost);
  Word word{state_of_class(cls), lost.cls, lost.sentence, "journal"};
  word.never_starts = word.state == TaskState::dependency_failed;
  return word;
}

Word word_of_row_end(const Sight& sight, const slurm::JobRow& row) {
  return word_of_slurms_end(sight, {row.state, row.state_text, row.reason, row.end_time, "queue"});
}

Word word_of_past(const Sight& sight) {
  const slurm::AccountingRow& past = *sight.past;
  return word_of_slurms_end(
      sight, {past.state, past.state_text, past.reason, past.end_time, "accounting"});
}

/// Its stage was cancelled, and a parent's keeper, which knows nothing of that, said later that it
/// can never start.
bool ends_behind_a_cancellation(const Sight& sight) {
  return sight.stage->is_cancelled_alone && !has_started(sight) &&
         sight.task->outcome == "dependency_failed";
}

/// Whether nobody has to be asked about this task any more.
bool is_recorded(const Sight& sight) {
  const bool has_end = sight.task != nullptr && sight.task->is_final();
  return has_end || sight.stage->is_cancelled || is_recorded_loss(sight) ||
         sight.part->sent() == nullptr;
}

Word choose(const Sight& given) {
  Sight sight = given;
  const bool started = has_started(sight);
  if (is_stale(sight)) {
    sight.row = nullptr;
    sight.queue_answered = false;
  }
  if (sight.task != nullptr && sight.task->is_final()) {
    if (!ends_behind_a_cancellation(sight)) return word_of_end(sight);
    return is_recorded_loss(sight) ? word_of_loss(*sight.lost) : word_of_cancelled(sight);
  }
  if (is_living(sight.row)) return word_of_living(sight);
  if (is_recorded_loss(sight)) return word_of_loss(*sight.lost);
  if (sight.stage->is_cancelled) return word_of_cancelled(sight);
  if (!started && sight.forbidden != nullptr) {
    return dependency_failed(*sight.forbidden, "journal");
  }
  if (sight.row != nullptr) return word_of_row_end(sight, *sight.row);
  if (sight.past != nullptr && slurm::is_final(sight.past->state)) return word_of_past(sight);
  if (sight.part->sent() == nullptr) return word_of_unsent(sight);
  if (!started && sight.rest_end != nullptr) return word_of_row_end(sight, *sight.rest_end);
  if (has_vanished(sight)) return word_of_vanished(sight);
  return sight.queue_answered ? word_of_nobody(sight) : word_of_silence(sight);
}

}  // namespace

bool is_user_hold(const slurm::JobRow& row) {
  return row.state == State::pending && row.reason == "JobHeldUser";
}

bool is_held(const slurm::JobRow& row) {
  const bool is_hold_of_a_requeue = row.state == State::requeue_hold ||
                                    row.state == State::special_exit ||
                                    row.state == State::resv_del_hold;
  const bool is_other_hold = row.reason == "JobHeldAdmin" || row.reason == k_launch_hold ||
                             row.reason == "JobHoldMaxRequeue";
  return is_hold_of_a_requeue || is_user_hold(row) ||
         (row.state == State::pending && is_other_hold);
}

Word judge_task(const Sight& sight) {
  Word word = choose(sight);
  word.is_recorded = is_recorded(sight);
  return word;
}

}  // namespace foz::run
