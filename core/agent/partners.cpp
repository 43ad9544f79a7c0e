#include "core/agent/partners.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "core/agent/owner.h"
#include "core/failure/failure.h"
#include "core/journal/pending_release.h"
#include "core/slurm/communication.h"

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

void Partners::finish() {
  std::error_code error;
  for (const task::EachChild& child : stage_.each_children)
    if (fs::exists(folder_.pending_release(child.stage, index_), error)) release_one(child);
  give_up();
}

/// Of keepers that end at once each may see the other's record, and both release: never none, as
/// each has written its own before it looks.
void Partners::release_one(const task::EachChild& each) {
  if (have_succeeded(each.other_parents, index_)) attempt({Deed::Kind::release, each.stage});
}

void Partners::attempt(Deed deed) {
  const auto done = carry_out(deed);
  if (done) return;
  deed.failure = done.error().message;
  slurm::is_no_answer(done.error()) ? left_.push_back(std::move(deed)) : note_left(deed);
}

void Partners::try_again() {
  auto left = std::exchange(left_, {});
  for (Deed& deed : left) {
    if (left_.empty())
      attempt(std::move(deed));
    else
      left_.push_back(std::move(deed));  // Slurm is silent still
  }
}

void Partners::give_up() {
  for (const Deed& deed : std::exchange(left_, {})) note_left(deed);
}

Result<void> Partners::carry_out(const Deed& deed) {
  FOZ_TRY(const auto jobs, jobs_of(deed));
  FOZ_TRY(slurm::Scheduler* const port, scheduler());
  if (deed.kind == Deed::Kind::release) {
    const auto released = port->release(jobs);
    const bool is_gone = !released && released.error().code == Code::not_found;
    if (!released && !is_gone) return released;
    ::unlink(folder_.pending_release(deed.stage, index_).c_str());
    record_done(deed.stage, is_gone ? "gone" : "released");
    return {};
  }
  FOZ_CHECK(port->cancel(jobs));
  record_done(deed.stage, "cancelled");
  if (deed.kind == Deed::Kind::cancel) return {};
  if (const auto written = write_file(folder_.cut_off(deed.stage), "", Durability::cached);
      !written)
    note(written.error().message);
  return {};
}

Result<std::vector<slurm::JobSelector>> Partners::jobs_of(const Deed& deed) const {
  if (deed.kind == Deed::Kind::cancel_whole) return find_jobs(folder_, deed.stage);
  FOZ_TRY(slurm::JobSelector partner, find_partner(deed.stage, index_));
  return std::vector<slurm::JobSelector>{std::move(partner)};
}

void Partners::note_left(const Deed& deed) {
  const std::string what = deed.kind == Deed::Kind::release ? deed.stage + " is left to be released"
                           : deed.kind == Deed::Kind::cancel
                               ? deed.stage + " is left to be cancelled"
                               : "the held jobs of '" + deed.stage + "' are left to be cancelled";
  note(fmt::format("{} by 'foz advance': {}", what, deed.failure));
}

bool Partners::have_succeeded(const std::vector<std::string>& stages, TaskIndex index) const {
  return std::all_of(stages.begin(), stages.end(), [&](const std::string& stage) {
    const auto text = read_file(folder_.outcome(stage, index), 1U << 20U);
    const auto outcome =
        text ? journal::outcome_from_json(*text) : Result<journal::TaskOutcome>(fail(text.error()));
    return outcome && outcome->state == "succeeded";
  });
}

/// Of siblings that recorded their success and died before the release. Each of those that come by
/// begins at its own place, so that together they see all of them.
void Partners::sweep() {
  std::vector<TaskId> behind = left_behind();
  if (behind.empty()) return;
  const auto own = static_cast<std::ptrdiff_t>(index_.value % behind.size());
  std::rotate(behind.begin(), behind.begin() + own, behind.end());
  behind.resize(std::min(behind.size(), k_most_swept));
  for (const TaskId& one : behind)
    if (!release_for(one)) return;
}

/// The files of siblings that are older than a keeper at work would leave them.
std::vector<TaskId> Partners::left_behind() const {
  std::vector<TaskId> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_.pending_releases(), error)) {
    const auto task = journal::parse_pending_release(entry.path().filename().native());
    if (task && find_child(task->stage) != nullptr && task->index != index_ &&
        intended_at_ - time_of(entry.path()) >= k_left_behind_s)
      found.push_back(*task);
  }
  return found;
}

const task::EachChild* Partners::find_child(const std::string& stage) const {
  const auto found = std::find_if(stage_.each_children.begin(), stage_.each_children.end(),
                                  [&](auto& one) { return one.stage == stage; });
  return found == stage_.each_children.end() ? nullptr : &*found;
}

/// False: Slurm would not do it.
bool Partners::release_for(const TaskId& sibling) {
  std::vector<std::string> parents = find_child(sibling.stage)->other_parents;
  parents.push_back(stage_.stage);
  const auto partner = find_partner(sibling.stage, sibling.index);
  if (!partner || !have_succeeded(parents, sibling.index)) return true;
  const auto port = scheduler();
  const auto released = port ? (*port)->release({*partner}) : Result<void>(fail(port.error()));
  if (!released && released.error().code != Code::not_found) return false;
  ::unlink(folder_.pending_release(sibling.stage, sibling.index).c_str());  // released, or gone
  return true;
}

void Partners::fail_all(const std::string& sentence) {
  fail_chain(stage_, sentence, 0);
  for (const std::string& stage : stage_.cut_off) cancel_whole(stage);
}

/// By the first task that fails; the others find its mark.
void Partners::cancel_whole(const std::string& stage) {
  std::error_code error;
  if (!fs::exists(folder_.cut_off(stage), error)) attempt({Deed::Kind::cancel_whole, stage});
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
    if (each.released_by == ReleasedBy::keeper) attempt({Deed::Kind::cancel, each.stage});
    fail_chain(*child, sentence, depth + 1);
  }
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
