/// Run = advance: observe, decide, act. Nothing keeps running on the login node; any login node moves a run on from whatever state it is found in.
///
///   observe  (effects: reads)   journal, jobs.json, one query of the queue, accounting for what is gone   -> Observation
///   decide   (pure)             Plan + Observation                                                        -> actions, in order
///   act      (effects)          each action journalled before and after, so that it can be repeated
///
/// Marks: a submission's job name is "<stage>@<run-id>.<part>.<nonce>". A crash between the RPC and our record leaves a job whose name says whose it is: an intent
/// without a result is settled by looking for that name before anything is sent again.
///
/// Order of a run's life: run folder made whole and durable -> every part submitted (roots held) -> jobs.json -> roots released. A crash anywhere is finished by advance.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/plan/plan.h"
#include "core/slurm/scheduler.h"

namespace foz::run {

enum class TaskState { waiting, held, queued, running, succeeded, failed, cancelled, dependency_failed, unknown };
[[nodiscard]] std::string_view state_name(TaskState state);
[[nodiscard]] bool is_over(TaskState state);

/// What is known of one task that is not merely waiting with its siblings.
struct TaskStatus {
  TaskIndex index;
  TaskState state = TaskState::waiting;
  std::uint32_t attempt = 0;
  JobId job;
  std::string nodes;
  std::string cls;        ///< failure class
  std::string sentence;
  std::string log;        ///< path to look at, relative to the run folder
  std::string source;     ///< "journal", "queue", "accounting", "journal and queue disagree"
  UnixMillis started = 0, ended = 0;
};

struct StageStatus {
  std::string name;
  std::uint64_t tasks = 0;
  std::map<TaskState, std::uint64_t> counts;  ///< adds up to tasks
  std::map<std::uint64_t, TaskStatus> known;  ///< by index: every task that has started, ended or is odd
  std::vector<std::string> waits_for;         ///< Slurm's reason in its words
};

struct RunStatus {
  std::string run_id;
  std::string workflow;
  std::string state;            ///< "submitting", "waiting", "running", "succeeded", "failed", "cancelled", "unknown"
  std::vector<StageStatus> stages;
  std::vector<std::string> remarks;  ///< "the controller did not answer: the queue is not known", damage in the journal ...
  bool queue_asked = false, queue_answered = false;
};

/// Everything that is known about a run at this moment.
struct Observation {
  std::vector<journal::Record> records;
  std::vector<journal::Damage> damage;
  std::vector<journal::SubmittedPart> parts;
  std::optional<std::vector<slurm::JobRow>> queue;           ///< nullopt: not asked or no answer
  std::optional<std::vector<slurm::AccountingRow>> history;  ///< nullopt: not asked, none, or no answer
  std::string queue_error;
  std::vector<std::pair<std::string, std::uint64_t>> pending_releases;  ///< files in release/: child stage, index
};

enum class AskQueue { never, if_needed, always };
/// Reads the folder, asks the queue once (only when something is not over, under if_needed). A silent controller is no error: it is in the observation.
[[nodiscard]] Result<Observation> observe(const journal::RunFolder& folder, slurm::Scheduler* scheduler, AskQueue ask);

/// Pure: the state of every stage and task, each with its source. The journal's word on an end is final; the queue says running or waiting; accounting says how a job without
/// an end record ended; where nothing speaks: unknown, with the reason.
[[nodiscard]] RunStatus judge(const plan::Plan& plan, const Observation& seen);

/// One thing to do. Fields by kind.
struct Action {
  enum class Kind { adopt, submit, record_jobs, release_stage, release_partner, cancel_partner, mark_lost, cancel_orphan } kind;
  std::string stage;
  std::uint32_t part = 0;
  std::uint64_t index = 0;
  JobId job;
  std::string nonce;
  std::string cls, sentence;
  bool operator==(const Action&) const = default;
};
/// Pure: what is to be done now, in order. Empty: nothing (the run is over, or Slurm and the keepers go on alone).
[[nodiscard]] std::vector<Action> decide(const plan::Plan& plan, const Observation& seen);

/// Makes the run folder whole and durable: plan, stages, scripts, agent, plugins, first journal record. Nothing is sent.
struct PinnedFile {
  std::string from;     ///< absolute; copied with its mode. Empty: `content` is written instead
  std::string to;       ///< relative to the run folder
  std::string content;
};
[[nodiscard]] Result<journal::RunFolder> create_run(const plan::Plan& plan, std::string_view workflow_text, const std::vector<PinnedFile>& pinned, const Clock& clock);

struct Advanced {
  std::uint32_t submitted = 0, released = 0, cancelled = 0, adopted = 0;
  bool over = false;  ///< every task is over
};
/// Observe, decide, act, until there is nothing to do. On Code::unavailable or unknown_outcome it stops with what was doing; calling it again goes on.
[[nodiscard]] Result<Advanced> advance(const journal::RunFolder& folder, slurm::Scheduler& scheduler, const Clock& clock);

/// Cancels the whole run (or one stage), waits until Slurm knows no living job of it (bounded), and records it.
[[nodiscard]] Result<void> cancel(const journal::RunFolder& folder, const std::string& stage, slurm::Scheduler& scheduler, const Clock& clock);

}  // namespace foz::run
