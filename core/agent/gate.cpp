#include "core/agent/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/agent/references.h"
#include "core/base/text.h"
#include "core/task/matrix.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds k_longest_interval{1'000};

bool is_parent(const std::vector<task::Parent>& parents, std::string_view stage) {
  return std::any_of(parents.begin(), parents.end(),
                     [stage](auto& parent) { return parent.stage == stage; });
}

std::string element_name(const task::Parent& parent, std::uint64_t index) {
  return parent.matrix.axes.empty() ? parent.stage : fmt::format("{}.{}", parent.stage, index);
}

std::string describe(const task::Parent& parent, std::uint64_t index, const ElementEnd& end) {
  std::string sentence = fmt::format("{} ended as {}", element_name(parent, index), end.state);
  if (!end.sentence.empty()) sentence += ": " + end.sentence;
  return sentence;
}

std::uint64_t count_succeeded(const StageEnds& ends) {
  return static_cast<std::uint64_t>(std::count_if(
      ends.begin(), ends.end(), [](auto& end) { return end.second.state == "succeeded"; }));
}

/// The first element, by index, that did not succeed.
const StageEnds::value_type* find_failed(const StageEnds& ends) {
  const auto found = std::find_if(ends.begin(), ends.end(),
                                  [](auto& end) { return end.second.state != "succeeded"; });
  return found == ends.end() ? nullptr : &*found;
}

std::optional<Closed> judge_success(const task::Parent& parent, const StageEnds& ends) {
  if (const auto* failed = find_failed(ends))
    return Closed{describe(parent, failed->first, failed->second), false};
  const std::uint64_t succeeded = count_succeeded(ends);
  if (succeeded == parent.tasks) return std::nullopt;
  return Closed{fmt::format("only {} of {} of '{}' have a record of success", succeeded,
                            count_of(parent.tasks, "task"), parent.stage),
                true};
}

std::optional<Closed> judge_percent(const task::Parent& parent, const StageEnds& ends) {
  const std::uint64_t succeeded = count_succeeded(ends);
  if (succeeded * 100 >= parent.tasks * static_cast<std::uint64_t>(parent.percent))
    return std::nullopt;
  return Closed{fmt::format("{} of {} of '{}' succeeded, {} % were asked for", succeeded,
                            count_of(parent.tasks, "task"), parent.stage, parent.percent),
                ends.size() < parent.tasks};
}

/// A record of lost tasks stands for [index, last], within the parent.
std::uint64_t last_lost(const journal::Record& record, const std::vector<task::Parent>& parents) {
  const auto first = static_cast<std::uint64_t>(record.integer("index"));
  const auto last = std::max(first, static_cast<std::uint64_t>(record.integer("last")));
  const auto parent = std::find_if(parents.begin(), parents.end(), [&](const auto& one) {
    return one.stage == record.text("stage");
  });
  FOZ_ASSERT(parent != parents.end());
  return parent->tasks == 0 ? first : std::max(first, std::min(last, parent->tasks - 1));
}

std::string state_of_lost(const std::string& cls) {
  const bool is_state = cls == "cancelled" || cls == "dependency_failed";
  return is_state ? cls : "failed";
}

/// Later attempts win; of one attempt, the keeper's word.
void take(ElementEnd& end, const journal::Record& record, bool is_end) {
  const auto attempt = static_cast<std::uint32_t>(record.integer("attempt"));
  if (attempt < end.attempt || (attempt == end.attempt && !is_end && !end.state.empty())) return;
  const std::string cls = record.text("class");
  end = {is_end ? record.text("outcome") : state_of_lost(cls), cls, record.text("sentence"),
         attempt};
}

}  // namespace

std::map<std::string, StageEnds> collect_ends(const std::vector<journal::Record>& records,
                                              const std::vector<task::Parent>& parents) {
  std::map<std::string, StageEnds> all;
  for (const journal::Record& record : records) {
    const bool is_end = record.kind == journal::kind::task_ended;
    if ((!is_end && record.kind != journal::kind::task_lost) ||
        !is_parent(parents, record.text("stage")))
      continue;
    const auto first = static_cast<std::uint64_t>(record.integer("index"));
    const std::uint64_t last = is_end ? first : last_lost(record, parents);
    StageEnds& ends = all[record.text("stage")];
    for (std::uint64_t index = first; index <= last; ++index) take(ends[index], record, is_end);
  }
  return all;
}

std::optional<Closed> judge_join(const task::Parent& parent, const StageEnds& ends) {
  switch (parent.kind) {
    case task::EdgeKind::success:
      return judge_success(parent, ends);
    case task::EdgeKind::percent:
      return judge_percent(parent, ends);
    case task::EdgeKind::finished:
    case task::EdgeKind::each:
      return std::nullopt;
  }
  FOZ_ASSERT(false);
  return std::nullopt;
}

std::optional<Closed> judge_element(const task::Parent& parent, TaskIndex index,
                                    const std::optional<ElementEnd>& end) {
  if (!end)
    return Closed{fmt::format("no record says how {} ended", element_name(parent, index.value)),
                  true};
  if (end->state == "succeeded") return std::nullopt;
  return Closed{describe(parent, index.value, *end), false};
}

void Gate::ask(Done done) {
  if (context_.stage.parents.empty()) return done(std::string());
  done_ = std::move(done);
  until_ = std::chrono::steady_clock::now() + context_.stage.outputs_wait;
  look();
}

void Gate::look() {
  ends_.reset();
  const auto verdict = judge();
  if (!verdict) return std::exchange(done_, nullptr)(fail(verdict.error()));
  const std::optional<Closed>& closed = *verdict;
  if (closed && closed->may_open && std::chrono::steady_clock::now() < until_) {
    next_ = loop_.after(interval_, [this] { look(); });
    interval_ = std::min(interval_ * 2, k_longest_interval);
    return;
  }
  std::exchange(done_, nullptr)(closed ? closed->sentence : std::string());
}

Result<std::optional<Closed>> Gate::judge() {
  FOZ_TRY(const auto each, judge_each());
  if (each) return each;
  return judge_joins();
}

Result<std::optional<Closed>> Gate::judge_each() {
  for (const task::Parent& parent : context_.stage.parents) {
    if (parent.kind != task::EdgeKind::each) continue;
    std::optional<ElementEnd> end = read_outcome(parent.stage);
    if (!end) {
      FOZ_TRY(const auto* ends, read_journal());
      const auto stage = ends->find(parent.stage);
      const auto element = stage == ends->end() ? StageEnds::const_iterator{}
                                                : stage->second.find(context_.index.value);
      if (stage != ends->end() && element != stage->second.end()) end = element->second;
    }
    if (auto closed = judge_element(parent, context_.index, end)) return closed;
  }
  return std::nullopt;
}

Result<std::optional<Closed>> Gate::judge_joins() {
  const auto& parents = context_.stage.parents;
  const bool has_joins = std::any_of(parents.begin(), parents.end(), [&](auto& parent) {
    return parent.kind != task::EdgeKind::each ||
           refers_to(context_.stage, "needs." + parent.stage + ".manifest");
  });
  if (!has_joins) return std::nullopt;
  if (const auto kept = read_kept())
    return kept->empty() ? std::nullopt : std::optional(Closed{*kept, false});
  FOZ_TRY(const auto* ends, read_journal());
  for (const task::Parent& parent : parents) {
    const auto stage = ends->find(parent.stage);
    auto closed = judge_join(parent, stage == ends->end() ? StageEnds{} : stage->second);
    if (!closed) continue;
    if (!closed->may_open) FOZ_CHECK(keep(closed->sentence));
    return closed;
  }
  if (std::chrono::steady_clock::now() < until_ && misses_ends(*ends)) return Closed{{}, true};
  FOZ_CHECK(write_manifests());
  FOZ_CHECK(keep({}));
  return std::nullopt;
}

/// Whether a record is still on its way that a manifest would tell of: Slurm has waited for the
/// ends.
bool Gate::misses_ends(const std::map<std::string, StageEnds>& ends) const {
  const auto& parents = context_.stage.parents;
  return std::any_of(parents.begin(), parents.end(), [&](const task::Parent& parent) {
    if (!refers_to(context_.stage, "needs." + parent.stage + ".manifest")) return false;
    const auto stage = ends.find(parent.stage);
    return stage == ends.end() || stage->second.size() < parent.tasks;
  });
}

/// An unreadable one counts as none: it is made again.
std::optional<std::string> Gate::read_kept() const {
  const auto text = read_file(context_.folder.gate(context_.stage.stage), 1U << 20U);
  auto sentence = text ? gate_from_json(*text) : Result<std::string>(fail(text.error()));
  return sentence ? std::optional(std::move(*sentence)) : std::nullopt;
}

std::optional<ElementEnd> Gate::read_outcome(const std::string& stage) const {
  const auto text = read_file(context_.folder.outcome(stage, context_.index), 1U << 20U);
  const auto outcome = text ? journal::outcome_from_json(*text)
                            : Result<journal::TaskOutcome>(fail(Code::not_found, ""));
  if (!outcome) return std::nullopt;
  return ElementEnd{outcome->state, outcome->cls, outcome->sentence, outcome->attempt};
}

Result<const std::map<std::string, StageEnds>*> Gate::read_journal() {
  if (!ends_) {
    FOZ_TRY(const journal::Contents contents, journal::read(context_.folder.journal()));
    ends_ = collect_ends(contents.records, context_.stage.parents);
  }
  return &*ends_;
}

Result<void> Gate::write_manifests() {
  for (const task::Parent& parent : context_.stage.parents) {
    if (!refers_to(context_.stage, "needs." + parent.stage + ".manifest")) continue;
    FOZ_TRY(const auto* ends, read_journal());
    FOZ_TRY(const task::Matrix matrix, task::Matrix::make(parent.matrix));
    const auto stage = ends->find(parent.stage);
    std::string lines;
    for (std::uint64_t i = 0; i < parent.tasks; ++i) {
      journal::TaskOutcome outcome{
          parent.stage, TaskIndex{i}, element_name(parent, i),     0, "unknown",
          {},           {},           matrix.values(TaskIndex{i}), {}};
      if (stage != ends->end())
        if (const auto end = stage->second.find(i); end != stage->second.end())
          std::tie(outcome.attempt, outcome.state, outcome.cls, outcome.sentence) = std::tie(
              end->second.attempt, end->second.state, end->second.cls, end->second.sentence);
      // what never started has made nothing; what failed may have
      if (outcome.state != "dependency_failed") {
        FOZ_TRY(outcome.outputs, parent_outputs(parent, TaskIndex{i}));
      }
      lines += journal::outcome_to_json(outcome) + "\n";
    }
    const fs::path path = context_.folder.manifest(context_.stage.stage, parent.stage);
    FOZ_CHECK(make_directories(path.parent_path()));
    FOZ_CHECK(write_file(path, lines, Durability::cached));
  }
  return {};
}

Result<void> Gate::keep(const std::string& sentence) const {
  const fs::path path = context_.folder.gate(context_.stage.stage);
  FOZ_CHECK(make_directories(path.parent_path()));
  return write_file(path, gate_to_json(sentence), Durability::cached);
}

}  // namespace foz::agent
