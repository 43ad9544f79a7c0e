#include "core/agent/partners.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "core/agent/owner.h"
#include "core/failure/failure.h"
#include "core/journal/pending_release.h"

namespace foz::agent {

using task::ReleasedBy;

namespace {

constexpr int k_deepest_chain = 100;
constexpr std::size_t k_most_swept = 50;
/// A sibling at work needs far less between its record and the release.
constexpr time_t k_left_behind_s = 10;

std::int64_t number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

/// The file's time by the clock of its server, to be compared with others of that server; 0 when it
/// is gone.
time_t time_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mtim.tv_sec : 0;
}

}  // namespace

void Partners::intend() {
  if (const auto made = make_directories(folder_.pending_releases()); !made)
    return note(made.error().message);
  for (const task::EachChild& child : stage_.each_children) {
    if (child.released_by == ReleasedBy::slurm) continue;
    const auto written =
        write_file(folder_.pending_release(child.stage, index_), "", Durability::cached);
    if (!written) note(written.error().message);
    intended_at_ = time_of(folder_.pending_release(child.stage, index_));
  }
}

void Partners::release() {
  for (const task::EachChild& child : stage_.each_children)
    if (child.released_by == ReleasedBy::keeper) release_one(child);
  sweep();
}

/// Of keepers that end at once each may see the other's record, and both release: never none, as
/// each has written its own before it looks.
void Partners::release_one(const task::EachChild& each) {
  if (!have_succeeded(each.other_parents, index_)) return;
  const std::string& child = each.stage;
  const auto partner = find_partner(child, index_);
  if (!partner)
    return note(fmt::format("{} is left to be released by 'foz advance': {}", child,
                            partner.error().message));
  const auto port = scheduler();
  const auto released = port ? (*port)->release({*partner}) : Result<void>(fail(port.error()));
  const bool is_gone = !released && released.error().code == Code::not_found;
  if (!released && !is_gone)
    return note(fmt::format("{} is left to be released by 'foz advance': {}", child,
                            released.error().message));
  ::unlink(folder_.pending_release(child, index_).c_str());
  record_done(child, is_gone ? "gone" : "released");
}

bool Partners::have_succeeded(const std::vector<std::string>& stages, TaskIndex index) const {
  return std::all_of(stages.begin(), stages.end(), [&](const std::string& stage) {
    const auto text = read_file(folder_.outcome(stage, index), 1U << 20U);
    const auto outcome =
        text ? journal::outcome_from_json(*text) : Result<journal::TaskOutcome>(fail(text.error()));
    return outcome && outcome->state == "succeeded";
  });
}

/// Of siblings that recorded their success and died before the release.
void Partners::sweep() {
  std::error_code error;
  std::size_t looked_at = 0;
  for (const auto& entry : fs::directory_iterator(folder_.pending_releases(), error)) {
    const auto task = journal::parse_pending_release(entry.path().filename().native());
    const auto child = std::find_if(stage_.each_children.begin(), stage_.each_children.end(),
                                    [&](auto& one) { return task && one.stage == task->stage; });
    if (child == stage_.each_children.end() || task->index == index_ ||
        intended_at_ - time_of(entry.path()) < k_left_behind_s)
      continue;
    if (++looked_at > k_most_swept) return;  // the next one to end goes on
    std::vector<std::string> parents = child->other_parents;
    parents.push_back(stage_.stage);
    const auto partner = find_partner(task->stage, task->index);
    if (!partner || !have_succeeded(parents, task->index)) continue;
    const auto port = scheduler();
    const auto released = port ? (*port)->release({*partner}) : Result<void>(fail(port.error()));
    if (!released && released.error().code != Code::not_found) return;
    ::unlink(entry.path().c_str());  // released, or gone
  }
}

void Partners::fail_all(const std::string& sentence) {
  fail_chain(stage_, sentence, 0);
  for (const std::string& stage : stage_.cut_off) cancel_whole(stage);
}

/// By the first task that fails; the others find its mark.
void Partners::cancel_whole(const std::string& stage) {
  const fs::path mark = folder_.cut_off(stage);
  std::error_code error;
  if (fs::exists(mark, error)) return;
  const auto jobs = find_jobs(folder_, stage);
  const auto port = jobs ? scheduler() : Result<slurm::Scheduler*>(fail(jobs.error()));
  const auto cancelled = port ? (*port)->cancel(*jobs) : Result<void>(fail(port.error()));
  if (!cancelled)
    return note(fmt::format("the held jobs of '{}' are left to be cancelled by 'foz advance': {}",
                            stage, cancelled.error().message));
  record_done(stage, "cancelled");
  if (const auto written = write_file(mark, "", Durability::cached); !written)
    note(written.error().message);
}

void Partners::fail_chain(const task::StageTasks& parent, const std::string& sentence, int depth) {
  if (depth > k_deepest_chain) return;
  for (const task::EachChild& each : parent.each_children) {
    if (!failed_.insert(each.stage).second) continue;  // by another way down
    const auto text = read_file(folder_.stage(each.stage));
    const auto child =
        text ? task::stage_from_json(*text) : Result<task::StageTasks>(fail(text.error()));
    if (!child) {
      note(child.error().message);
      continue;
    }
    record_dependency_failed(*child, sentence);
    if (each.released_by == ReleasedBy::keeper) cancel_one(each.stage);
    fail_chain(*child, sentence, depth + 1);
  }
}

void Partners::cancel_one(const std::string& child) {
  const auto partner = find_partner(child, index_);
  const auto port = partner ? scheduler() : Result<slurm::Scheduler*>(fail(partner.error()));
  const auto cancelled = port ? (*port)->cancel({*partner}) : Result<void>(fail(port.error()));
  if (cancelled) return record_done(child, "cancelled");
  note(fmt::format("{} is left to be cancelled by 'foz advance': {}", child,
                   cancelled.error().message));
}

void Partners::record_dependency_failed(const task::StageTasks& child,
                                        const std::string& sentence) {
  const std::string cls(failure::class_name(failure::Class::dependency_failed));
  journal::Record record{std::string(journal::kind::task_ended), {}, 0, 0, {}};
  record.fields = {{"stage", child.stage},
                   {"index", number(index_.value)},
                   {"attempt", std::int64_t{1}},
                   {"outcome", std::string("dependency_failed")},
                   {"class", cls},
                   {"sentence", sentence},
                   {"exit", std::int64_t{1}},
                   {"log", std::string()}};
  if (const auto written = journal_.append(std::move(record)); !written)
    note(written.error().message);
}

Result<slurm::JobSelector> Partners::find_partner(const std::string& child, TaskIndex index) const {
  FOZ_TRY(const journal::SubmittedPart part, find_part(folder_, child, index));
  return slurm::JobSelector{part.job,
                            part.is_array ? std::to_string(index.value - part.offset) : ""};
}

Result<slurm::Scheduler*> Partners::scheduler() {
  if (!scheduler_) {
    FOZ_TRY(scheduler_, open_scheduler_());
  }
  return scheduler_.get();
}

void Partners::note(const std::string& text) {
  journal::Record record{std::string(journal::kind::note), {}, 0, 0, {}};
  record.fields = {{"stage", stage_.stage}, {"index", number(index_.value)}, {"text", text}};
  [[maybe_unused]] const auto written = journal_.append(std::move(record), Durability::cached);
}

void Partners::record_done(const std::string& child, const std::string& what) {
  journal::Record record{std::string(journal::kind::partner_done), {}, 0, 0, {}};
  record.fields = {
      {"stage", stage_.stage}, {"index", number(index_.value)}, {"child", child}, {"what", what}};
  [[maybe_unused]] const auto written = journal_.append(std::move(record), Durability::cached);
}

}  // namespace foz::agent
