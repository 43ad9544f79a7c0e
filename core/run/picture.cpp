#include "core/run/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "core/run/mark.h"
#include "core/run/remarks.h"
#include "core/slurm/indices.h"
#include "core/task/stage.h"

namespace foz::run {

namespace {

/// Puts the rows of the queue and of accounting beside the tasks they speak of.
class Rows {
 public:
  Rows(const plan::Plan& plan, Picture& picture) : plan_(plan), picture_(picture) {
    for (std::size_t stage = 0; stage < picture.stages.size(); ++stage) {
      const StageFacts& facts = *picture.stages[stage].facts;
      for (std::size_t part = 0; part < facts.parts.size(); ++part) {
        if (const Request* sent = facts.parts[part].sent())
          by_job_[sent->job.value] = {stage, part};
      }
    }
  }

  void place(const slurm::JobRow& row) {
    const auto place = find(row);
    if (!place) return keep_stranger(row);
    StagePicture& stage = picture_.stages[place->stage];
    if (is_rest_end(stage, row)) {
      stage.rest_ends[place->part] = &row;
      return;
    }
    Shown& shown = stage.shown[place->part];
    if (!is_readable(row)) shown = Shown::unreadable;
    for_each_task(*place, row, [&](std::uint64_t index) {
      stage.rows[index] = &row;
      if (shown == Shown::nothing) shown = Shown::tasks;
    });
  }

  /// Requeues give several rows for one id: the newest submission is the present one.
  void place(const slurm::AccountingRow& row) {
    const auto place = find(row);
    if (!place) return;
    StagePicture& stage = picture_.stages[place->stage];
    for_each_task(*place, row, [&](std::uint64_t index) {
      const slurm::AccountingRow*& past = stage.past[index];
      if (past == nullptr || past->submit_time <= row.submit_time) past = &row;
    });
  }

 private:
  struct Place {
    std::size_t stage = 0, part = 0;
  };

  /// An id lives twice: it is believed only with the mark in the name (a source may leave it out).
  template <class Row>
  std::optional<Place> find(const Row& row) const {
    const JobId job = job_of(row);
    const auto found = by_job_.find(job.value);
    if (found == by_job_.end()) return std::nullopt;
    const Place place = found->second;
    const StageFacts& stage = *picture_.stages[place.stage].facts;
    const Mark mark{stage.plan->name, plan_.run_id, static_cast<std::uint32_t>(place.part),
                    stage.parts[place.part].sent()->nonce};
    if (!row.name.empty() && row.name != job_name(mark)) return std::nullopt;
    return place;
  }

  template <class Row, class Take>
  void for_each_task(Place place, const Row& row, const Take& take) {
    const StageFacts& stage = *picture_.stages[place.stage].facts;
    const task::Part& part = stage.parts[place.part].tasks;
    if (row.index) {
      if (row.index->value < part.count) take(part.offset + row.index->value);
      return;
    }
    if (!row.pending_indices.empty()) return for_each_pending(part, row.pending_indices, take);
    if (!stage.plan->tasks.is_array) take(part.offset);  // an array's own row is no element's
  }

  template <class Take>
  void for_each_pending(const task::Part& part, const std::string& text, const Take& take) {
    const auto indices = slurm::expand_indices(text);
    if (!indices) {
      picture_.remarks.push_back(fmt::format("Slurm's list of pending elements is not readable: {}",
                                             indices.error().message));
      return;
    }
    for (const ArrayIndex index : *indices) {
      if (index.value < part.count) take(part.offset + index.value);
    }
  }

  static bool is_readable(const slurm::JobRow& row) {
    return row.pending_indices.empty() || slurm::expand_indices(row.pending_indices);
  }

  static bool is_rest_end(const StagePicture& stage, const slurm::JobRow& row) {
    return stage.facts->plan->tasks.is_array && !row.index && row.pending_indices.empty() &&
           row.state == slurm::State::cancelled;
  }

  void keep_stranger(const slurm::JobRow& row) {
    const auto mark = parse_job_name(row.name);
    if (!mark || mark->run_id != plan_.run_id) return;
    const bool is_advance_job = mark->stage == plan::k_advance_job;
    (is_advance_job ? picture_.advance_jobs : picture_.strangers).push_back(&row);
  }

  const plan::Plan& plan_;
  Picture& picture_;
  std::unordered_map<std::uint32_t, Place> by_job_;
};

/// What is the same for neighbours of which nothing single is known.
using Likeness = std::tuple<const PartFacts*, const slurm::JobRow*, const slurm::AccountingRow*,
                            const Lost*, const std::string*>;

/// Judges the tasks of one stage, those of its parents being judged.
class StageLook {
 public:
  StageLook(const plan::Plan& plan, Picture& picture, StagePicture& stage, const Observation& seen)
      : picture_(picture), stage_(stage) {
    sight_.stage = stage.facts;
    sight_.facts = &picture.facts;
    sight_.is_let_go_by_foz = is_released_by_foz(plan, *stage.facts->plan);
    sight_.is_in_waves = plan.waves.has_value();
    sight_.queue_answered = picture.queue_answered;
    sight_.history_answered = seen.history.has_value();
    sight_.history_error = seen.history_error;
    sight_.now = seen.now;
    find_forbidding_parent();
  }

  void judge_all() {
    const std::uint64_t tasks = stage_.facts->plan->tasks.tasks;
    stage_.words.resize(tasks);
    stage_.lost.resize(stage_.facts->lost.empty() ? 0 : tasks);
    for (const Lost& one : stage_.facts->lost) {
      std::fill(stage_.lost.begin() + static_cast<std::ptrdiff_t>(one.first),
                stage_.lost.begin() + static_cast<std::ptrdiff_t>(one.last) + 1, &one);
    }
    for (std::uint64_t index = 0; index < tasks; ++index) {
      sight_.lost = stage_.lost.empty() ? nullptr : stage_.lost[index];
      judge(index);
    }
  }

 private:
  void judge(std::uint64_t index) {
    const StageFacts& facts = *stage_.facts;
    if (part_end_ <= index) begin_part(index);
    const auto task = facts.tasks.find(index);
    sight_.task = task == facts.tasks.end() ? nullptr : &task->second;
    sight_.row = stage_.rows[index];
    sight_.past = stage_.past.empty() ? nullptr : stage_.past[index];
    sight_.forbidden = forbidden(index);
    const Likeness likeness{sight_.part, sight_.row, sight_.past, sight_.lost, sight_.forbidden};
    const bool is_like_the_last =
        sight_.task == nullptr && has_last_ && likeness == last_ && !needs_own_text();
    if (!is_like_the_last) {
      sight_.job = job_text(facts, *sight_.part, index);
      picture_.words.push_back(judge_task(sight_));
    }
    has_last_ = sight_.task == nullptr;
    last_ = likeness;
    stage_.words[index] = static_cast<std::uint32_t>(picture_.words.size() - 1);
  }

  /// The sentence names the element.
  [[nodiscard]] bool needs_own_text() const { return sight_.forbidden == &partner_sentence_; }

  void begin_part(std::uint64_t index) {
    sight_.part = &stage_.facts->part_of(index);
    part_end_ = sight_.part->tasks.offset + sight_.part->tasks.count;
    const auto number = static_cast<std::size_t>(sight_.part - stage_.facts->parts.data());
    sight_.rest_end = stage_.rest_ends[number];
    sight_.is_array_known =
        stage_.facts->plan->tasks.is_array && stage_.shown[number] == Shown::tasks;
    has_last_ = false;
  }

  static bool forbids(const Word& word) {
    return is_over(word.state) && word.state != TaskState::succeeded;
  }

  [[nodiscard]] std::string sentence(const StagePicture& parent, std::uint64_t index) const {
    const Word& word = picture_.word(parent, index);
    return fmt::format("it needs '{}', and {} {}", parent.facts->plan->name,
                       task::task_name(parent.facts->plan->tasks, TaskIndex{index}),
                       word.state == TaskState::dependency_failed
                           ? "could not start"
                           : fmt::format("{}{}", word.state == TaskState::failed ? "" : "was ",
                                         state_name(word.state)));
  }

  /// A `success` edge: one task of the parent forbids all.
  void find_forbidding_parent() {
    for (const task::Parent& edge : stage_.facts->plan->tasks.parents) {
      const StagePicture* parent = picture_.find_stage(edge.stage);
      if (parent == nullptr) continue;
      if (edge.kind == task::EdgeKind::each) partners_.push_back(parent);
      if (edge.kind != task::EdgeKind::success || !all_sentence_.empty()) continue;
      for (std::uint64_t index = 0; index < parent->words.size(); ++index) {
        if (!forbids(picture_.word(*parent, index))) continue;
        all_sentence_ = sentence(*parent, index);
        break;
      }
    }
  }

  const std::string* forbidden(std::uint64_t index) {
    if (!all_sentence_.empty()) return &all_sentence_;
    for (const StagePicture* parent : partners_) {
      if (index >= parent->words.size() || !forbids(picture_.word(*parent, index))) continue;
      partner_sentence_ = sentence(*parent, index);
      return &partner_sentence_;
    }
    return nullptr;
  }

  Picture& picture_;
  StagePicture& stage_;
  Sight sight_;
  std::uint64_t part_end_ = 0;
  std::vector<const StagePicture*> partners_;
  std::string all_sentence_, partner_sentence_;
  Likeness last_{};
  bool has_last_ = false;
};

}  // namespace

const StagePicture* Picture::find_stage(std::string_view name) const {
  const auto found = std::find_if(stages.begin(), stages.end(), [name](const StagePicture& stage) {
    return stage.facts->plan->name == name;
  });
  return found == stages.end() ? nullptr : &*found;
}

bool Picture::is_over() const {
  return !any([](const Word& word) { return !run::is_over(word.state); });
}

bool Picture::is_over(const StagePicture& stage, const task::Part& part) const {
  for (std::uint64_t i = 0; i < part.count; ++i) {
    if (!run::is_over(word(stage, part.offset + i).state)) return false;
  }
  return true;
}

bool Picture::is_recorded() const {
  return !any([](const Word& word) { return !run::is_over(word.state) || !word.is_recorded; });
}

bool is_alive(const slurm::JobRow* row) {
  return row != nullptr && !slurm::is_final(row->state) && row->state != slurm::State::revoked;
}

const slurm::JobRow* find_named(const std::vector<slurm::JobRow>& rows, std::string_view name) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [name](const slurm::JobRow& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

std::string job_text(const StageFacts& stage, const PartFacts& part, std::uint64_t index) {
  const Request* sent = part.sent();
  if (sent == nullptr) return "its job";
  if (!stage.plan->tasks.is_array) return fmt::format("job {}", sent->job.value);
  return fmt::format("job {}_{}", sent->job.value, index - part.tasks.offset);
}

Picture look(const plan::Plan& plan, const Observation& seen) {
  Picture picture;
  picture.facts = gather(plan, seen);
  picture.queue_answered = seen.queue.has_value();
  picture.stages.reserve(picture.facts.stages.size());
  for (const StageFacts& facts : picture.facts.stages) {
    StagePicture& stage = picture.stages.emplace_back();
    stage.facts = &facts;
    stage.rows.resize(facts.plan->tasks.tasks);
    if (seen.history) stage.past.resize(facts.plan->tasks.tasks);
    stage.rest_ends.resize(facts.parts.size());
    stage.shown.resize(facts.parts.size());
  }
  Rows rows(plan, picture);
  if (seen.queue) {
    for (const slurm::JobRow& row : *seen.queue) rows.place(row);
  }
  if (seen.history) {
    for (const slurm::AccountingRow& row : *seen.history) rows.place(row);
  }
  for (StagePicture& stage : picture.stages) StageLook(plan, picture, stage, seen).judge_all();
  add_remarks(plan, seen, picture);
  return picture;
}

}  // namespace foz::run
