#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/run/decide.h"
#include "core/run/decide_partners.h"
#include "core/run/mark.h"
#include "core/run/picture.h"
#include "core/run/waves.h"

namespace foz::run {

namespace {

using Kind = Action::Kind;

/// Collects what is to be done, group by group.
class Decision {
 public:
  Decision(const plan::Plan& plan, const Observation& seen, const Picture& picture)
      : plan_(plan), seen_(seen), picture_(picture), places_(plan, picture) {}

  [[nodiscard]] std::vector<Action> all() && {
    if (cancels_run()) return std::move(actions_);
    if (picture_.facts.is_cancelled) {
      cancel_orphans();
      adopt_latecomers();
      cancel_advance_jobs();
      return std::move(actions_);
    }
    for (const StagePicture& stage : picture_.stages) send(stage);
    go_on_later();
    record_jobs();
    cancel_orphans();
    adopt_latecomers();
    for (const StagePicture& stage : picture_.stages) {
      mark_lost(stage, [&](std::uint64_t index, const Word& word) {
        return is_to_be_marked(stage, index, word);
      });
    }
    for (const StagePicture& stage : picture_.stages) release(stage);
    const std::vector<Action> partners = decide_partners(seen_, picture_);
    actions_.insert(actions_.end(), partners.begin(), partners.end());
    cancel_advance_jobs();
    return std::move(actions_);
  }

  /// Of stages that are about to be cancelled ("": all).
  [[nodiscard]] std::vector<Action> ends(const std::string& name) && {
    for (const StagePicture& stage : picture_.stages) {
      if (!name.empty() && stage.facts->plan->name != name) continue;
      mark_lost(stage, [&](std::uint64_t index, const Word& word) {
        return changes_by_cancelling(stage, index, word);
      });
    }
    return std::move(actions_);
  }

 private:
  /// A cancellation that was cut off is finished, a refused submission undone; nothing else is
  /// done.
  bool cancels_run() {
    const Facts& facts = picture_.facts;
    const bool is_open = !facts.cancel_open.empty();
    const bool is_undone = !facts.refusal.empty() && !facts.is_cancelled;
    if (is_undone || is_open) {
      Action cancel{Kind::cancel_run, is_undone ? "" : facts.cancel_open.front()};
      cancel.sentence = is_undone ? facts.refusal : facts.cancel_reason;
      actions_.push_back(std::move(cancel));
    }
    return is_undone || is_open;
  }

  [[nodiscard]] bool is_over(const StagePicture& stage, const PartFacts& part) const {
    return picture_.is_over(stage, part.tasks);
  }

  void send(const StagePicture& stage) {
    if (stage.facts->is_cancelled) return;
    const bool are_parents_sent = are_joined_parents_settled(stage);
    for (std::size_t number = 0; number < stage.facts->parts.size(); ++number) {
      const PartFacts& part = stage.facts->parts[number];
      if (part.sent() != nullptr || is_over(stage, part)) continue;
      const bool is_next = are_parents_sent && are_partners_settled(stage, number);
      has_more_ = true;
      if (!is_next) return;
      Action send{Kind::submit, stage.facts->plan->name};
      send.part = static_cast<std::uint32_t>(number);
      if (const Request* open = part.find(Request::Outcome::open)) {
        send.nonce = open->nonce;
        send.job = find_job(stage, number, open->nonce);
        send.kind = send.job.value == 0 ? Kind::settle : Kind::adopt;
      }
      // what is adopted has its places already
      if (send.kind != Kind::adopt && !places_.take(part.tasks.count)) return;
      actions_.push_back(std::move(send));
      sends_.insert({&stage, number});
    }
  }

  /// Whether a part waits in the queue from now on.
  [[nodiscard]] bool is_sent(const StagePicture& stage, std::size_t number) const {
    return stage.facts->parts[number].sent() != nullptr || sends_.count({&stage, number}) != 0;
  }

  /// Sent, or about to be, or over without it.
  [[nodiscard]] bool is_settled(const StagePicture& stage, std::size_t number) const {
    return is_sent(stage, number) || is_over(stage, stage.facts->parts[number]);
  }

  /// All of every parent that is waited for as a whole.
  [[nodiscard]] bool are_joined_parents_settled(const StagePicture& stage) const {
    for (const task::Parent& edge : stage.facts->plan->tasks.parents) {
      const StagePicture* parent = picture_.find_stage(edge.stage);
      if (parent == nullptr || edge.kind == task::EdgeKind::each) continue;
      for (std::size_t number = 0; number < parent->facts->parts.size(); ++number) {
        if (!is_settled(*parent, number)) return false;
      }
    }
    return true;
  }

  /// The same part of every parent that is waited for element by element.
  [[nodiscard]] bool are_partners_settled(const StagePicture& stage, std::size_t number) const {
    for (const task::Parent& edge : stage.facts->plan->tasks.parents) {
      const StagePicture* parent = picture_.find_stage(edge.stage);
      if (parent == nullptr || edge.kind != task::EdgeKind::each) continue;
      if (number < parent->facts->parts.size() && !is_settled(*parent, number)) return false;
    }
    return true;
  }

  /// One advance job for what is alive goes first, as soon as there is a part that it can wait for:
  /// the queue may turn out to be fuller than it was thought to be. One that waits for what is sent
  /// now, too, goes last. The last of a run finds nothing left to send.
  void go_on_later() {
    if (!plan_.waves || !has_more_) return;
    std::size_t waiting = count_waiting_advance_jobs(picture_);
    std::size_t living = count_living_advance_jobs(picture_);
    std::size_t uncovered = sends_.size();
    if (waiting == 0) {
      const bool waits_for_new = !has_living_part(picture_) && !actions_.empty();
      actions_.insert(actions_.begin() + (waits_for_new ? 1 : 0), Action{Kind::submit_advance_job});
      if (waits_for_new) --uncovered;
      ++waiting, ++living;
    }
    const bool has_place = waiting < k_waiting_advance_jobs && living < plan::k_advance_jobs;
    if (uncovered > 0 && has_place) actions_.push_back(Action{Kind::submit_advance_job});
  }

  /// Of a run that is over: each would start once more, and find nothing to do.
  void cancel_advance_jobs() {
    if (!picture_.is_over()) return;
    for (const JobId job : pending_advance_jobs(picture_)) {
      Action cancel{Kind::cancel_advance_job};
      cancel.job = job;
      actions_.push_back(std::move(cancel));
    }
  }

  /// The job of a request whose answer we do not have: by its name in the queue, or by what a
  /// keeper of it recorded.
  [[nodiscard]] JobId find_job(const StagePicture& stage, std::size_t part,
                               const std::string& nonce) const {
    const Mark mark{stage.facts->plan->name, plan_.run_id, static_cast<std::uint32_t>(part), nonce};
    const std::string name = job_name(mark);
    for (const slurm::JobRow* row : picture_.strangers) {
      if (row->name == name) return job_of(*row);
    }
    const task::Part& tasks = stage.facts->parts[part].tasks;
    for (const auto& [index, facts] : stage.facts->tasks) {
      const bool is_of_part = index >= tasks.offset && index - tasks.offset < tasks.count;
      if (is_of_part && facts.has_start)
        return facts.array_job.value != 0 ? facts.array_job : facts.job;
    }
    return {};
  }

  void record_jobs() {
    if (!sends_.empty() || submitted_parts(picture_.facts) != seen_.parts) {
      actions_.push_back(Action{Kind::record_jobs});
    }
  }

  /// A job with this run's mark that is not the job of its part, and is not about to become it.
  void cancel_orphans() {
    std::vector<JobId> seen;
    for (const slurm::JobRow* row : picture_.strangers) {
      const JobId job = job_of(*row);
      const bool is_known = std::find(seen.begin(), seen.end(), job) != seen.end();
      if (is_known || !is_alive(row) || is_adopted(job)) continue;
      seen.push_back(job);
      Action cancel{Kind::cancel_orphan};
      cancel.job = job;
      cancel.sentence = row->name;
      actions_.push_back(std::move(cancel));
    }
  }

  /// Of stages that are cancelled, behind the end of their jobs: what has come of a request is
  /// known.
  void adopt_latecomers() {
    for (const StagePicture& stage : picture_.stages) {
      if (!stage.facts->is_cancelled) continue;
      for (std::size_t number = 0; number < stage.facts->parts.size(); ++number) {
        const PartFacts& part = stage.facts->parts[number];
        const Request* open = part.find(Request::Outcome::open);
        if (open == nullptr || part.sent() != nullptr) continue;
        Action adopt{Kind::adopt, stage.facts->plan->name};
        adopt.part = static_cast<std::uint32_t>(number);
        adopt.nonce = open->nonce;
        adopt.job = find_job(stage, number, open->nonce);
        if (adopt.job.value != 0) actions_.push_back(std::move(adopt));
      }
    }
  }

  [[nodiscard]] bool is_adopted(JobId job) const {
    return std::any_of(actions_.begin(), actions_.end(), [job](const Action& one) {
      return one.kind == Kind::adopt && one.job == job;
    });
  }

  template <class Check>
  void mark_lost(const StagePicture& stage, const Check& is_to_be_marked) {
    for (std::uint64_t index = 0; index < stage.words.size(); ++index) {
      const Word& word = picture_.word(stage, index);
      if (!is_to_be_marked(index, word)) continue;
      const auto task = stage.facts->tasks.find(index);
      const std::uint32_t attempt =
          task == stage.facts->tasks.end() ? 0 : task->second.started_attempt;
      if (!actions_.empty() && continues(actions_.back(), stage, index, attempt, word)) {
        actions_.back().last = index;
        actions_.back().ended = std::max(actions_.back().ended, end_time(stage, index));
        continue;
      }
      Action lost{Kind::mark_lost, stage.facts->plan->name};
      lost.index = lost.last = index;
      lost.attempt = attempt;
      lost.cls = word.cls;
      lost.sentence = word.sentence;
      lost.ended = end_time(stage, index);
      actions_.push_back(std::move(lost));
    }
  }

  /// As Slurm says; 0: it does not.
  static UnixMillis end_time(const StagePicture& stage, std::uint64_t index) {
    if (!stage.past.empty() && stage.past[index] != nullptr) return stage.past[index]->end_time;
    const slurm::JobRow* row = stage.rows[index];
    return row != nullptr && slurm::is_final(row->state) ? row->end_time : 0;
  }

  /// What Slurm said of an end is forgotten in minutes; and what can never start and is gone from
  /// Slurm need not be asked for again.
  [[nodiscard]] bool is_to_be_marked(const StagePicture& stage, std::uint64_t index,
                                     const Word& word) const {
    if (word.is_slurms_end) return true;
    return word.never_starts && !word.is_recorded && picture_.queue_answered &&
           !is_alive(stage.rows[index]);
  }

  /// Over, on nobody's record of its own: by Slurm's word, by the parents' ends, or as what was
  /// never sent.
  [[nodiscard]] static bool changes_by_cancelling(const StagePicture& stage, std::uint64_t index,
                                                  const Word& word) {
    if (!run::is_over(word.state) || stage.facts->is_cancelled) return false;
    const auto task = stage.facts->tasks.find(index);
    if (task == stage.facts->tasks.end() || !task->second.is_final()) return true;
    return !task->second.has_start && word.state == TaskState::dependency_failed;
  }

  static bool continues(const Action& last, const StagePicture& stage, std::uint64_t index,
                        std::uint32_t attempt, const Word& word) {
    return last.kind == Kind::mark_lost && last.stage == stage.facts->plan->name &&
           last.last + 1 == index && last.attempt == attempt && last.cls == word.cls &&
           last.sentence == word.sentence;
  }

  /// When everything is sent: a plan's order says that it is by now.
  void release(const StagePicture& stage) {
    const plan::StagePlan& plan = *stage.facts->plan;
    if (!is_released_by_foz(plan_, plan) || stage.facts->is_cancelled) return;
    for (std::size_t number = 0; number < stage.facts->parts.size(); ++number) {
      const PartFacts& part = stage.facts->parts[number];
      if (part.released || !is_sent(stage, number) || is_over(stage, part)) continue;
      actions_.push_back(Action{Kind::release_stage, plan.name});
      return;
    }
  }

  const plan::Plan& plan_;
  const Observation& seen_;
  const Picture& picture_;
  std::vector<Action> actions_;
  Places places_;
  std::set<std::pair<const StagePicture*, std::size_t>> sends_;  ///< what is about to be sent
  bool has_more_ = false;  ///< of the run than was sent until now
};

}  // namespace

std::vector<Action> decide(const plan::Plan& plan, const Observation& seen,
                           const Picture& picture) {
  return Decision(plan, seen, picture).all();
}

std::vector<Action> ends_to_keep(const plan::Plan& plan, const Observation& seen,
                                 const Picture& picture, const std::string& stage) {
  return Decision(plan, seen, picture).ends(stage);
}

std::vector<Action> decide(const plan::Plan& plan, const Observation& seen) {
  return decide(plan, seen, look(plan, seen));
}

}  // namespace foz::run
