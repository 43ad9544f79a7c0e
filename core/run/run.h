/// Run = advance: observe, decide, act. Nothing keeps running on the login node; any login node
/// moves a run on from whatever state it is found in.
///
///   observe  (effects: reads)  journal, jobs.json, one query of the queue, accounting for what is
///                              gone                                        -> Observation
///   decide   (pure)            Plan + Observation                          -> actions, in order
///   act      (effects)         each action journalled before and after, so that it can be repeated
///
/// Order of a run's life: run folder made whole and durable -> every part submitted (roots held,
/// partners of `each` edges held) -> jobs.json -> roots released. A crash anywhere is finished by
/// advance.
///
/// Marks. A submission's job name is "<stage>@<run-id>.<part>.<nonce>", the nonce new for every
/// request. An intent without a result is settled by looking for that name before anything is sent
/// again. Where an answering queue did not show the name, the nonce is given up ("unseen") and the
/// part is sent under a new one; should the old job turn up after all, it is cancelled before
/// anything is released, and at every later advance. A job whose id is not the one in jobs.json for
/// its part is an orphan: a keeper that finds itself to be one must end without doing anything.
///
/// A refused submission undoes a run that has not begun: what was sent is cancelled, nothing has
/// been released, so nothing runs half; the run is `failed` with Slurm's words, and advance does
/// not send it again.
///
/// A run that is larger than the queue (plan.waves) is sent as far as it fits, with an advance job
/// that Slurm starts at the first end of a part: it calls advance, which sends on and leaves the
/// next one behind. What a full queue refuses goes with a later wave. Where a later wave's part is
/// refused for another reason, what is not sent of its stage has failed with Slurm's words; what
/// needs it cannot start, and the rest of the run goes on. All parts are held until jobs.json knows
/// them. Advance jobs that still wait when the run is over are cancelled by the advance that sees
/// it; where none does, they start once more and find nothing to do.
///
/// One advance at a time (lock.h), whatever the login node.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/plan/plan.h"
#include "core/run/tolerated.h"
#include "core/slurm/scheduler.h"

namespace foz::run {

enum class TaskState {
  waiting,  ///< for parents, or for being submitted
  held,     ///< by a person, by foz until everything is sent, or by Slurm after a failed launch
  queued,
  running,  ///< also while Slurm says COMPLETING
  succeeded,
  failed,
  cancelled,
  dependency_failed,
  unknown,  ///< no source speaks, or in a word that foz does not know; the sentence says why
};
[[nodiscard]] std::string_view state_name(TaskState state);
/// succeeded, failed, cancelled, dependency_failed.
[[nodiscard]] bool is_over(TaskState state);

/// What is known of one task that is not merely waiting with its siblings.
struct TaskStatus {
  TaskIndex index;
  TaskState state = TaskState::waiting;
  std::uint32_t attempt = 0;
  JobId job;
  std::string nodes;
  std::string cls;  ///< failure class
  std::string sentence;
  std::string log;     ///< path to look at, relative to the run folder
  std::string source;  ///< "journal", "queue", "accounting", "journal and queue disagree"
  UnixMillis started = 0, ended = 0;
};

/// Tasks [first, last] that share a state, with nothing to say of a single one.
struct TaskGroup {
  std::uint64_t first = 0, last = 0;
  TaskState state = TaskState::waiting;
  std::string cls;
  std::string sentence;
  std::string source;

  bool operator==(const TaskGroup&) const = default;
};

struct StageStatus {
  std::string name;
  std::uint64_t tasks = 0;
  std::map<TaskState, std::uint64_t> counts;  ///< adds up to tasks
  std::map<std::uint64_t, TaskStatus>
      known;                           ///< by index: every task that has started, ended or is odd
  std::vector<TaskGroup> groups;       ///< all others, by index
  std::vector<std::string> waits_for;  ///< Slurm's reasons in its words, each once
  UnixMillis started = 0;              ///< of the first task that has
  UnixMillis ended = 0;                ///< of the last task; 0 while one is not over
};

struct RunStatus {
  std::string run_id;
  std::string workflow;
  /// "submitting", "waiting", "running", "succeeded", "failed", "cancelled"; "unknown" where all
  /// that is not over is unknown.
  std::string state;
  std::vector<StageStatus> stages;
  std::vector<ToleratedFailure> tolerated;  ///< of present attempts
  /// "the controller did not answer: ...", damage in the journal, why a submission was refused ...
  std::vector<std::string> remarks;
  bool queue_asked = false, queue_answered = false;
  bool is_over = false;  ///< every task is
  UnixMillis began = 0;  ///< when it was sent; 0 before
  UnixMillis ended = 0;  ///< the last end that is on record; 0 while it is not over
};

/// Everything that is known about a run at this moment.
struct Observation {
  std::vector<journal::Record> records;  ///< those that can change what is reported
  std::vector<journal::Damage> damage;
  std::vector<journal::SubmittedPart> parts;
  std::optional<std::vector<slurm::JobRow>> queue;  ///< nullopt: not asked or no answer
  std::optional<std::vector<slurm::AccountingRow>>
      history;                ///< nullopt: not asked, none, or no answer
  std::string queue_error;    ///< why there was no answer
  std::string history_error;  ///< the same; empty where the cluster keeps no accounting
  /// Files in release/: child stage, index.
  std::vector<std::pair<std::string, std::uint64_t>> pending_releases;
  UnixMillis now = 0;  ///< when this was seen
};

enum class AskQueue { never, if_needed, always };
/// Reads the folder, asks the queue once whatever the run's size (only when something that was sent
/// is not over, under if_needed), and reads the journal again behind its answer. `scheduler` may be
/// null under never. A silent controller is no error: it is in the observation.
[[nodiscard]] Result<Observation> observe(const journal::RunFolder& folder, const plan::Plan& plan,
                                          slurm::Scheduler* scheduler, AskQueue ask,
                                          const Clock& clock);
/// The same with the plan from the folder and the machine's clock.
[[nodiscard]] Result<Observation> observe(const journal::RunFolder& folder,
                                          slurm::Scheduler* scheduler, AskQueue ask);
[[nodiscard]] Result<plan::Plan> load_plan(const journal::RunFolder& folder);

/// Pure: the state of every stage and task, each with its source. The journal's word on an end is
/// final; the queue says running or waiting; accounting says how a job without an end record ended;
/// where nothing speaks: unknown, with the reason. A task that can never start because of its
/// parents' records is dependency_failed at once.
[[nodiscard]] RunStatus judge(const plan::Plan& plan, const Observation& seen);

/// One thing to do. Fields by kind.
struct Action {
  enum class Kind {
    cancel_run,   ///< sentence: why. Finishes a cancellation, or undoes a refused submission
    adopt,        ///< stage, part, nonce, job: an intent whose job was found
    settle,       ///< stage, part, nonce: an intent of which nothing is known; look, then adopt or
                  ///< submit
    submit,       ///< stage, part
    record_jobs,  ///< write jobs.json
    submit_advance_job,  ///< for what did not fit into the queue
    cancel_advance_job,  ///< job: it waits, and the run is over
    cancel_orphan,       ///< job, sentence
    mark_lost,           ///< stage, index, last, attempt, cls, sentence, ended
    release_stage,       ///< stage: every part
    release_partner,     ///< stage (the child), job, elements
    cancel_partner,      ///< the same: elements that can never start
    forget_release,      ///< stage (the child), index: a file in release/ that has been seen to
  } kind;
  std::string stage;
  std::uint32_t part = 0;
  std::uint64_t index = 0, last = 0;  ///< tasks
  std::uint32_t attempt = 0;
  JobId job;
  std::string elements;  ///< array indices, "0-9,12"; empty: the whole job
  std::string nonce;
  std::string cls, sentence;
  UnixMillis ended = 0;

  bool operator==(const Action&) const = default;
};
/// Pure: what is to be done now, in order. Empty: nothing (the run is over, or Slurm and the
/// keepers go on alone).
[[nodiscard]] std::vector<Action> decide(const plan::Plan& plan, const Observation& seen);

/// shared: one copy for all runs that lie side by side, in the folder `pinned` beside `runs`, and a
/// hard link in each (a copy where the filesystem takes none). For programs: megabytes that are the
/// same from run to run.
enum class Pin { own, shared };

/// A file that the run folder keeps: copied `from` an absolute path, or written from `content` when
/// `from` is empty; `to` is relative to the run folder.
struct PinnedFile {
  std::string from;
  std::string to;
  std::string content;
  Pin pin = Pin::own;
};
/// Makes the run folder whole and durable: plan, stages, scripts, agent, plugins, first journal
/// record. Nothing is sent. Code::refused when there is a run of that id.
[[nodiscard]] Result<journal::RunFolder> create_run(const plan::Plan& plan,
                                                    std::string_view workflow_text,
                                                    const std::vector<PinnedFile>& pinned,
                                                    const Clock& clock);

/// Seams of the acting functions; the defaults are what programs use.
struct Effects {
  /// Sleeps. Bounded waits (for an answer, for the lock, for jobs to end) go through it.
  std::function<void(std::chrono::milliseconds)> pause;
  /// Called before and after every effect with its name ("before submit", "after record
  /// submitted"): tests stop the world there.
  std::function<void(std::string_view)> probe;
  /// Of the submissions; nullopt: this process's own, cleaned of an outer job.
  std::optional<Environment> environment;
};

struct Advanced {
  std::uint32_t submitted = 0, released = 0, cancelled = 0, adopted = 0;
  std::uint32_t refused = 0;  ///< parts that will never be sent
  bool over = false;          ///< every task is over
  /// As it was judged before the actions, or after the last cancellation or refusal.
  RunStatus status;
};
/// Observe, decide, act. On Code::unavailable or unknown_outcome it stops with what was doing;
/// calling it again goes on. Code::refused: Slurm took a submission of a run not that had not
/// begun; what was sent is cancelled.
[[nodiscard]] Result<Advanced> advance(const journal::RunFolder& folder,
                                       slurm::Scheduler& scheduler, const Clock& clock,
                                       const Effects& effects = {});

struct Cancelled {
  std::string was;  ///< the state of a run that was over before; else empty
  /// Where a request was cut off and the queue, asked repeatedly, does not show what came of it: a
  /// job may still do. Or: which jobs have an id of this run and are others'. Empty: nothing is
  /// left.
  std::string remark;
};
/// Cancels the whole run (or one stage), waits until Slurm knows no living job of it (bounded), and
/// records it. Only jobs that the queue shows under this run's mark are ended: an id may be another
/// job's by now. Where the queue does not answer nothing is touched, and the error is
/// Code::unavailable. What has ended stays what it is, and is on record first; of a run that is
/// over only jobs that are left are ended.
[[nodiscard]] Result<Cancelled> cancel(const journal::RunFolder& folder, const std::string& stage,
                                       slurm::Scheduler& scheduler, const Clock& clock,
                                       const Effects& effects = {});

struct WaitOptions {
  /// Called with the first picture and with every changed one (at most some ten a second).
  std::function<void(const RunStatus&)> on_change;
  /// Between two questions to the controller: the site's polling floor.
  std::chrono::milliseconds queue_interval{30'000};
  /// Between two looks at the journal where the filesystem does not tell of changes (NFS, Lustre).
  std::chrono::milliseconds journal_interval{1'000};
  /// How long nothing but unknown tasks, absent from an answering queue, may last.
  std::chrono::milliseconds give_up_after{60'000};
  Effects effects;
};
/// Follows a run until every task is over, advancing it where something needs it. inotify on the
/// journal: no interval stands between the last record and the answer. The state is "unknown" where
/// tasks were given up. A silent controller is a remark, not an error.
[[nodiscard]] Result<RunStatus> wait_until_over(const journal::RunFolder& folder,
                                                slurm::Scheduler& scheduler, const Clock& clock,
                                                const WaitOptions& options = {});

}  // namespace foz::run
