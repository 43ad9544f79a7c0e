/// What the journal and jobs.json say, by stage, part and task: records folded into facts, whatever
/// file they came from and in whatever order the files were read. Pure. Private to this room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/plan/plan.h"
#include "core/run/run.h"

namespace foz::run {

/// One submit_intended and what came of it.
struct Request {
  enum class Outcome {
    open,  ///< the intent stands alone: nobody knows
    submitted,
    nothing,  ///< Slurm was not reached: nothing happened
    unseen,   ///< outcome unknown, and an answering queue did not show it: it may turn up
    refused,
  } outcome = Outcome::open;
  std::string nonce;
  JobId job;
  std::string cluster;
  UnixMillis asked = 0;  ///< when it was about to be sent
  UnixMillis time = 0;   ///< of the `submitted` record
};

struct PartFacts {
  task::Part tasks;
  std::vector<Request> requests;
  bool release_intended = false, released = false;

  /// The request whose job is the part's; null: not sent.
  [[nodiscard]] const Request* sent() const;
  [[nodiscard]] const Request* find(Request::Outcome outcome) const;
};

/// The newest attempt of a task, as its keeper recorded it.
struct TaskFacts {
  std::uint32_t started_attempt = 0, ended_attempt = 0;
  std::uint32_t restart = 0;  ///< how often Slurm had restarted the job at the newest start
  bool has_start = false, has_end = false;
  JobId job;        ///< of the newest start
  JobId array_job;  ///< 0: none
  std::string nodes;
  UnixMillis started = 0, ended = 0;
  std::string outcome, cls, sentence, log;  ///< of the newest end

  /// Whether the newest attempt has ended for good.
  [[nodiscard]] bool is_final() const;
};

/// Tasks of which advance recorded, on Slurm's own word, that they will say nothing more.
struct Lost {
  std::uint64_t first = 0, last = 0;
  std::uint32_t attempt = 0;
  std::string cls, sentence;
  UnixMillis ended = 0;  ///< of the last of them, as Slurm said; 0: not known
};

struct StageFacts {
  const plan::StagePlan* plan = nullptr;
  std::vector<PartFacts> parts;
  std::unordered_map<std::uint64_t, TaskFacts> tasks;
  std::vector<Lost> lost;
  bool is_cancelled = false;        ///< foz cancelled it, and saw that no job was left
  bool is_cancelled_alone = false;  ///< so, and by its name
  /// Why Slurm took a part of it not: what is not sent of it never will be. Empty: it took them.
  std::string refusal;

  /// The part of a task.
  [[nodiscard]] const PartFacts& part_of(std::uint64_t index) const;
};

struct Facts {
  std::vector<StageFacts> stages;  ///< as in the plan
  bool cancel_intended = false;    ///< of the whole run
  bool is_cancelled = false;
  bool cancelled_by_user = false;
  std::string cancel_reason;
  std::vector<std::string> cancel_open;  ///< stages whose cancellation was begun and not finished
  UnixMillis cancel_asked = 0;           ///< when the last cancellation was begun
  std::uint64_t logs_lost = 0;           ///< logs of which a part could not be written
  std::string first_log_lost;
  bool has_begun = false;  ///< something was let go, or was about to be
  /// Why the run is undone: a submission was refused before it had begun. Empty: it is not.
  std::string refusal;
};

/// Records that name stages, parts or tasks that the plan does not have are left aside.
[[nodiscard]] Facts gather(const plan::Plan& plan, const Observation& seen);

/// Whether a record can change a fact.
[[nodiscard]] bool is_fact(const journal::Record& record);

/// Whether a request was made so lately that whoever made it may be about to make another one.
[[nodiscard]] bool is_being_sent(const Facts& facts, UnixMillis now);

/// jobs.json as the facts have it.
[[nodiscard]] std::vector<journal::SubmittedPart> submitted_parts(const Facts& facts);

}  // namespace foz::run
