#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/run/decide.h"
#include "core/run/mark.h"
#include "core/run/picture.h"
#include "core/run/selectors.h"
#include "core/run/waves.h"

namespace foz::run {

namespace {

using Kind = Action::Kind;

Action action(Kind kind, std::string stage = {}) {
  Action action{kind};
  action.stage = std::move(stage);
  return action;
}

/// Collects what is to be done, group by group.
class Decision {
 public:
  Decision(const plan::Plan& plan, const Observation& seen, const Picture& picture)
      : plan_(plan),
        seen_(seen),
        picture_(picture),
        pending_releases_(seen.pending_releases.begin(), seen.pending_releases.end()),
        places_(plan, picture) {}

  [[nodiscard]] std::vector<Action> all() && {
    if (cancels_run()) return std::move(actions_);
    if (picture_.facts.is_cancelled) {
      cancel_orphans();
      return std::move(actions_);
    }
    for (const StagePicture& stage : picture_.stages) send(stage);
    go_on_later();
    record_jobs();
    cancel_orphans();
    for (const StagePicture& stage : picture_.stages) mark_lost(stage);
    for (const StagePicture& stage : picture_.stages) release(stage);
    for (const StagePicture& stage : picture_.stages) see_to_partners(stage);
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
      Action cancel = action(Kind::cancel_run, is_undone ? "" : facts.cancel_open.front());
      cancel.sentence = is_undone ? facts.refusal : facts.cancel_reason;
      actions_.push_back(std::move(cancel));
    }
    return is_undone || is_open;
  }

  [[nodiscard]] bool is_over(const StagePicture& stage, const PartFacts& part) const {
    for (std::uint64_t i = 0; i < part.tasks.count; ++i) {
      if (!run::is_over(picture_.word(stage, part.tasks.offset + i).state)) return false;
    }
    return true;
  }

  void send(const StagePicture& stage) {
    if (stage.facts->is_cancelled) return;
    const bool are_parents_sent = are_joined_parents_settled(stage);
    for (std::size_t number = 0; number < stage.facts->parts.size(); ++number) {
      const PartFacts& part = stage.facts->parts[number];
      if (part.sent() != nullptr || is_over(stage, part)) continue;
      const bool is_next = are_parents_sent && are_partners_settled(stage, number);
      has_more_ = true;
      if (!is_next || !places_.take(part.tasks.count)) return;
      Action send = action(Kind::submit, stage.facts->plan->name);
      send.part = static_cast<std::uint32_t>(number);
      if (const Request* open = part.find(Request::Outcome::open)) {
        send.nonce = open->nonce;
        send.job = find_job(stage, number, open->nonce);
        send.kind = send.job.value == 0 ? Kind::settle : Kind::adopt;
      }
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
      actions_.insert(actions_.begin() + (waits_for_new ? 1 : 0), action(Kind::submit_advance_job));
      if (waits_for_new) --uncovered;
      ++waiting, ++living;
    }
    const bool has_place = waiting < k_waiting_advance_jobs && living < plan::k_advance_jobs;
    if (uncovered > 0 && has_place) actions_.push_back(action(Kind::submit_advance_job));
  }

  /// The job of a request whose answer we do not have: by its name in the queue, or by what a
  /// keeper of it recorded.
  [[nodiscard]] JobId find_job(const StagePicture& stage, std::size_t part,
                               const std::string& nonce) const {
    const Mark mark{stage.facts->plan->name, plan_.run_id, static_cast<std::uint32_t>(part), nonce};
    const std::string name = job_name(mark);
    for (const slurm::JobRow* row : picture_.strangers) {
      if (row->name == name) return row->array_id.value != 0 ? row->array_id : row->id;
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
      actions_.push_back(action(Kind::record_jobs));
    }
  }

  /// A job with this run's mark that is not the job of its part, and is not about to become it.
  void cancel_orphans() {
    std::vector<JobId> seen;
    for (const slurm::JobRow* row : picture_.strangers) {
      const JobId job = row->array_id.value != 0 ? row->array_id : row->id;
      const bool is_known = std::find(seen.begin(), seen.end(), job) != seen.end();
      if (is_known || !is_alive(row) || is_adopted(job)) continue;
      seen.push_back(job);
      Action cancel = action(Kind::cancel_orphan);
      cancel.job = job;
      cancel.sentence = row->name;
      actions_.push_back(std::move(cancel));
    }
  }

  [[nodiscard]] bool is_adopted(JobId job) const {
    return std::any_of(actions_.begin(), actions_.end(), [job](const Action& one) {
      return one.kind == Kind::adopt && one.job == job;
    });
  }

  void mark_lost(const StagePicture& stage) {
    for (std::uint64_t index = 0; index < stage.words.size(); ++index) {
      const Word& word = picture_.word(stage, index);
      if (!is_to_be_marked(stage, index, word)) continue;
      const auto task = stage.facts->tasks.find(index);
      const std::uint32_t attempt =
          task == stage.facts->tasks.end() ? 0 : task->second.started_attempt;
      if (!actions_.empty() && continues(actions_.back(), stage, index, attempt, word)) {
        actions_.back().last = index;
        continue;
      }
      Action lost = action(Kind::mark_lost, stage.facts->plan->name);
      lost.index = lost.last = index;
      lost.attempt = attempt;
      lost.cls = word.cls;
      lost.sentence = word.sentence;
      actions_.push_back(std::move(lost));
    }
  }

  /// What Slurm said of an end is forgotten in minutes; and what can never start and is gone from
  /// Slurm need not be asked for again.
  [[nodiscard]] bool is_to_be_marked(const StagePicture& stage, std::uint64_t index,
                                     const Word& word) const {
    if (word.is_slurms_end) return true;
    return word.never_starts && !word.is_recorded && picture_.queue_answered &&
           !is_alive(stage.rows[index]);
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
      actions_.push_back(action(Kind::release_stage, plan.name));
      return;
    }
  }

  /// The sweep: partners that their parents' keepers did not get to.
  void see_to_partners(const StagePicture& stage) {
    if (stage.facts->is_cancelled) return;
    forget_releases(stage);
    if (!picture_.queue_answered) return;
    for (const PartFacts& part : stage.facts->parts) {
      if (part.sent() == nullptr) continue;
      std::vector<ArrayIndex> release, cancel;
      std::uint32_t alive = 0;
      for (std::uint32_t i = 0; i < part.tasks.count; ++i) {
        const std::uint64_t index = part.tasks.offset + i;
        if (is_alive(stage.rows[index])) ++alive;
        if (is_to_be_released(stage, index)) release.push_back(ArrayIndex{i});
        if (is_to_be_cancelled(stage, index)) cancel.push_back(ArrayIndex{i});
      }
      add_partners(Kind::release_partner, stage, part, std::move(release), 0);
      add_partners(Kind::cancel_partner, stage, part, std::move(cancel), alive);
    }
    actions_.insert(actions_.end(), forgets_.begin(), forgets_.end());
    forgets_.clear();
  }

  /// `whole`: so many elements are the whole job.
  void add_partners(Kind kind, const StagePicture& stage, const PartFacts& part,
                    std::vector<ArrayIndex> elements, std::uint32_t whole) {
    if (elements.empty()) return;
    std::vector<std::string> lists;
    if (elements.size() == whole || !stage.facts->plan->tasks.is_array) {
      lists.emplace_back();
    } else {
      lists = split_indices(std::move(elements));
    }
    for (std::string& list : lists) {
      Action partner = action(kind, stage.facts->plan->name);
      partner.job = part.sent()->job;
      partner.elements = std::move(list);
      actions_.push_back(std::move(partner));
    }
  }

  template <class Check>
  [[nodiscard]] bool all_partners(const StagePicture& stage, std::uint64_t index,
                                  const Check& check) const {
    for (const task::Parent& edge : stage.facts->plan->tasks.parents) {
      if (edge.kind != task::EdgeKind::each) continue;
      const StagePicture* parent = picture_.find_stage(edge.stage);
      if (parent == nullptr || index >= parent->words.size() || !check(*parent)) return false;
    }
    return true;
  }

  /// A parent's keeper that may still live sees to the partner itself.
  [[nodiscard]] bool is_left_by_keepers(const StagePicture& stage, std::uint64_t index) const {
    return all_partners(stage, index, [&](const StagePicture& parent) {
      const slurm::JobRow* row = parent.rows[index];
      const bool has_no_keeper = picture_.word(parent, index).never_starts;
      return has_no_keeper || !is_alive(row) || row->state == slurm::State::completing;
    });
  }

  [[nodiscard]] bool is_to_be_released(const StagePicture& stage, std::uint64_t index) const {
    const slurm::JobRow* row = stage.rows[index];
    if (!has_held_partner(*stage.facts->plan) || row == nullptr || !is_user_hold(*row))
      return false;
    if (stage.facts->tasks.count(index) != 0) return false;  // it ran: this hold is somebody else's
    const bool may_start = all_partners(stage, index, [&](const StagePicture& parent) {
      return picture_.word(parent, index).state == TaskState::succeeded;
    });
    return may_start && (is_pending_release(stage, index) || is_left_by_keepers(stage, index));
  }

  [[nodiscard]] bool is_to_be_cancelled(const StagePicture& stage, std::uint64_t index) {
    const slurm::JobRow* row = stage.rows[index];
    const Word& word = picture_.word(stage, index);
    if (!word.never_starts || !is_alive(row)) return false;
    if (row->reason == "DependencyNeverSatisfied") return true;
    return are_parents_over(stage, index) && is_left_by_keepers(stage, index);
  }

  /// What a task of a `success` parent may still bring about is waited for: its siblings decide
  /// nothing, but a stage that is being repaired must keep its dependants.
  [[nodiscard]] bool are_parents_over(const StagePicture& stage, std::uint64_t index) {
    for (const task::Parent& edge : stage.facts->plan->tasks.parents) {
      const StagePicture* parent = picture_.find_stage(edge.stage);
      if (parent == nullptr) continue;
      if (edge.kind == task::EdgeKind::each) {
        const bool is_failed = is_bad(picture_.word(*parent, index).state);
        if (is_failed) return true;
      } else if (is_wholly_over(*parent)) {
        return true;
      }
    }
    return false;
  }

  static bool is_bad(TaskState state) {
    return run::is_over(state) && state != TaskState::succeeded;
  }

  /// Asked for each task of each child: answered once.
  [[nodiscard]] bool is_wholly_over(const StagePicture& stage) {
    const auto [known, is_new] = wholly_over_.try_emplace(&stage, false);
    if (is_new) {
      known->second = std::all_of(
          stage.words.begin(), stage.words.end(),
          [this](std::uint32_t word) { return run::is_over(picture_.words[word].state); });
    }
    return known->second;
  }

  [[nodiscard]] bool is_pending_release(const StagePicture& stage, std::uint64_t index) const {
    return pending_releases_.count({stage.facts->plan->name, index}) != 0;
  }

  /// A release that was left to others is over when its task has started, ended or can never start,
  /// or is held no more.
  void forget_releases(const StagePicture& stage) {
    for (const auto& [name, index] : seen_.pending_releases) {
      if (name != stage.facts->plan->name || index >= stage.words.size()) continue;
      const slurm::JobRow* row = stage.rows[index];
      const bool is_over = run::is_over(picture_.word(stage, index).state);
      const bool has_started = stage.facts->tasks.count(index) != 0;
      const bool is_free = picture_.queue_answered && row != nullptr && !is_user_hold(*row);
      const bool is_released = picture_.queue_answered && is_to_be_released(stage, index);
      if (!is_over && !has_started && !is_free && !is_released) continue;
      Action forget = action(Kind::forget_release, name);
      forget.index = forget.last = index;
      (is_released ? forgets_ : actions_).push_back(std::move(forget));
    }
  }

  const plan::Plan& plan_;
  const Observation& seen_;
  const Picture& picture_;
  const std::set<std::pair<std::string, std::uint64_t>> pending_releases_;
  std::map<const StagePicture*, bool> wholly_over_;
  std::vector<Action> actions_;
  std::vector<Action> forgets_;
  Places places_;
  std::set<std::pair<const StagePicture*, std::size_t>> sends_;  ///< what is about to be sent
  bool has_more_ = false;  ///< of the run than was sent until now
};

}  // namespace

std::vector<Action> decide(const plan::Plan& plan, const Observation& seen,
                           const Picture& picture) {
  return Decision(plan, seen, picture).all();
}

std::vector<Action> decide(const plan::Plan& plan, const Observation& seen) {
  return decide(plan, seen, look(plan, seen));
}

}  // namespace foz::run
