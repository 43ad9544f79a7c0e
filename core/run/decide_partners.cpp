#include "core/run/decide_partners.h"

#include <map>
#include <set>

#include "core/run/selectors.h"

namespace foz::run {

namespace {

using Kind = Action::Kind;

/// Stage by stage.
class Sweep {
 public:
  Sweep(const Observation& seen, const Picture& picture)
      : seen_(seen),
        picture_(picture),
        pending_releases_(seen.pending_releases.begin(), seen.pending_releases.end()) {}

  [[nodiscard]] std::vector<Action> all() && {
    for (const StagePicture& stage : picture_.stages) see_to_partners(stage);
    return std::move(actions_);
  }

  [[nodiscard]] std::uint64_t count_releases() {
    return count([this](const StagePicture& stage, std::uint64_t index) {
      return is_to_be_released(stage, index);
    });
  }
  [[nodiscard]] std::uint64_t count_all() {
    return count([this](const StagePicture& stage, std::uint64_t index) {
      return is_to_be_released(stage, index) || is_to_be_cancelled(stage, index);
    });
  }

 private:
  template <class Check>
  [[nodiscard]] std::uint64_t count(const Check& check) const {
    std::uint64_t count = 0;
    for (const StagePicture& stage : picture_.stages) {
      if (stage.facts->is_cancelled) continue;
      for (std::uint64_t index = 0; index < stage.rows.size(); ++index) {
        if (check(stage, index)) ++count;
      }
    }
    return count;
  }

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
      Action partner{kind, stage.facts->plan->name};
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
      Action forget{Kind::forget_release, name};
      forget.index = forget.last = index;
      (is_released ? forgets_ : actions_).push_back(std::move(forget));
    }
  }

  const Observation& seen_;
  const Picture& picture_;
  const std::set<std::pair<std::string, std::uint64_t>> pending_releases_;
  std::map<const StagePicture*, bool> wholly_over_;
  std::vector<Action> actions_;
  std::vector<Action> forgets_;
};

}  // namespace

std::vector<Action> decide_partners(const Observation& seen, const Picture& picture) {
  return Sweep(seen, picture).all();
}

std::uint64_t count_partners_to_release(const Observation& seen, const Picture& picture) {
  return picture.queue_answered ? Sweep(seen, picture).count_releases() : 0;
}

std::uint64_t count_partners_left(const Observation& seen, const Picture& picture) {
  return picture.queue_answered ? Sweep(seen, picture).count_all() : 0;
}

}  // namespace foz::run
