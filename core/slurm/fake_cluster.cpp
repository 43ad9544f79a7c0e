#include "core/slurm/fake_cluster.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/slurm/indices.h"
#include "core/slurm/refusal.h"

namespace foz::slurm {

namespace {

std::size_t throttle_of(const std::string& array) {
  const auto parts = split(array, '%', 2);
  const auto limit = parts.size() == 2 ? parse_integer(parts.back()) : std::nullopt;
  return limit && *limit > 0 ? static_cast<std::size_t>(*limit) : SIZE_MAX;
}

/// Indices mostly are 0, 1, 2 ..: then the place is known.
template <class Elements>
auto& find_element(Elements& elements, std::optional<ArrayIndex> index) {
  if (index && index->value < elements.size() && elements[index->value].index == index) {
    return elements[index->value];
  }
  const auto found = std::find_if(elements.begin(), elements.end(),
                                  [index](const auto& element) { return element.index == index; });
  FOZ_ASSERT(found != elements.end());
  return *found;
}

Error refusal(const SubmitRequest& request, std::string_view words) {
  return refusal_error(request.name,
                       fmt::format("\n  sbatch: error: Batch job submission failed: {}", words));
}

}  // namespace

// ---- what a scheduler asks for ------------------------------------------------------------------

Result<void> FakeCluster::check(const SubmitRequest& request) const {
  std::size_t count = 1;
  if (!request.array.empty()) {
    const auto indices = expand_indices(request.array);
    if (!indices) return fail(refusal(request, "Invalid job array specification"));
    const auto largest = std::max_element(indices->begin(), indices->end());
    if (largest->value >= limits.max_array_size) {
      return fail(refusal(request, "Invalid job array specification"));
    }
    count = indices->size();
  }
  if (count > limits.max_submit || tasks_in_queue() > limits.max_submit - count) {
    return fail(refusal(request, "AssocMaxSubmitJobLimit"));
  }
  const auto& known = limits.partitions;
  if (!request.partition.empty() &&
      std::find(known.begin(), known.end(), request.partition) == known.end()) {
    return fail(refusal(request, "Invalid partition name specified"));
  }
  if (!check_dependency(request.dependency)) {
    return fail(refusal(request, "Job dependency problem"));
  }
  return {};
}

Result<Submission> FakeCluster::submit(const SubmitRequest& request) {
  FOZ_CHECK(check(request));
  Job job;
  job.id = JobId{next_id_++};
  job.request = request;
  job.at_most = throttle_of(request.array);
  Element element;
  element.held = request.hold == Hold::yes;
  element.submitted = now;
  if (request.array.empty()) {
    element.id = job.id;
    job.elements.push_back(element);
  } else {
    FOZ_TRY(const auto indices, expand_indices(request.array));
    for (const ArrayIndex index : indices) {
      element.index = index;
      job.elements.push_back(element);
    }
  }
  const JobId id = job.id;
  jobs_.emplace(id, std::move(job));
  settle();
  return Submission{id, {}, {}};
}

Result<void> FakeCluster::release(const std::vector<JobSelector>& jobs) {
  std::vector<std::string> gone;
  for (const JobSelector& selector : jobs) {
    if (!knows(selector.id)) {
      gone.push_back(fmt::format("Invalid job id specified for job {}", selector_text(selector)));
      continue;
    }
    Job& job = jobs_.at(selector.id);
    for (Element* element : select(selector)) {
      element->held = false;
      if (!selector.elements.empty()) give_id(job, *element);
    }
  }
  if (gone.empty()) return {};
  return fail(Code::not_found, "jobs to release are gone:\n  " + join(gone, "\n  "));
}

void FakeCluster::cancel(const std::vector<JobSelector>& jobs) {
  for (const JobSelector& selector : jobs) {
    if (knows(selector.id)) cancel_elements(jobs_.at(selector.id), select(selector), {});
  }
  settle();
}

void FakeCluster::cancel_elements(Job& job, const std::vector<Element*>& elements,
                                  const std::string& reason) {
  std::vector<Element*> without_id;
  for (Element* element : elements) {
    if (is_final(element->state)) continue;
    if (element->id.value == 0) {
      without_id.push_back(element);
      continue;
    }
    const int signal = element->state == State::running ? 15 : 0;
    end_element(job, *element, {State::cancelled, 0, signal}, reason);
  }
  if (!without_id.empty()) cancel_unsplit(job, without_id, reason);
}

/// Some vanish; all that are left leave one record behind.
void FakeCluster::cancel_unsplit(Job& job, const std::vector<Element*>& elements,
                                 const std::string& reason) {
  job.rest_cancelled = elements.size() == unsplit(job).size();
  std::vector<ArrayIndex> indices;
  for (Element* element : elements) {
    element->state = State::cancelled;
    element->reason = reason.empty() ? (element->held ? "JobHeldUser" : "None") : reason;
    element->started = element->ended = now;
    indices.push_back(*element->index);
  }
  if (!job.rest_cancelled) return;
  records_.push_back(accounting_of(job, *elements.front()));
  records_.back().index.reset();
  records_.back().pending_indices = format_indices(indices);
}

// ---- what a test makes happen -------------------------------------------------------------------

std::vector<FakeTask> FakeCluster::startable() const {
  std::vector<FakeTask> tasks;
  for (const auto& [id, job] : jobs_) {
    auto active = static_cast<std::size_t>(
        std::count_if(job.elements.begin(), job.elements.end(),
                      [](const Element& element) { return element.state == State::running; }));
    for (const Element& element : job.elements) {
      if (element.state != State::pending || element.held || active >= job.at_most) continue;
      if (wait_of(job, element) != Wait::met) continue;
      tasks.push_back({id, element.index});
      ++active;
    }
  }
  return tasks;
}

void FakeCluster::start(const FakeTask& task, const std::string& node) {
  Element& element = get(task);
  FOZ_ASSERT(element.state == State::pending);
  give_id(jobs_.at(task.job), element);
  element.state = State::running;
  element.node = node;
  element.reason.clear();
  element.started = now;
  element.ended = 0;
}

void FakeCluster::finish(const FakeTask& task, const FakeEnd& end) {
  Element& element = get(task);
  FOZ_ASSERT(element.state == State::running);
  end_element(jobs_.at(task.job), element, end, {});
  settle();
}

void FakeCluster::requeue(const FakeTask& task) {
  Element& element = get(task);
  FOZ_ASSERT(element.state != State::pending);
  Job& job = jobs_.at(task.job);
  if (element.state == State::running) {
    end_element(job, element, {State::node_fail, 0, 0}, {});
  }
  element.state = State::pending;
  element.reason = "BeginTime";
  element.node.clear();
  element.submitted = now;
  element.started = element.ended = 0;
  ++element.restarts;
}

bool FakeCluster::can_purge(JobId job) const {
  const auto found = jobs_.find(job);
  if (found == jobs_.end()) return false;
  const auto& elements = found->second.elements;
  return std::all_of(elements.begin(), elements.end(),
                     [](const Element& element) { return is_final(element.state); });
}

void FakeCluster::purge(JobId job) {
  FOZ_ASSERT(can_purge(job));
  jobs_.erase(job);
  settle();
}

void FakeCluster::purge_ended() {
  std::erase_if(jobs_, [this](const auto& entry) { return can_purge(entry.first); });
  settle();
}

std::size_t FakeCluster::run(
    const std::function<FakeEnd(const FakeTask&, const SubmitRequest&)>& work) {
  std::size_t count = 0;
  for (auto tasks = startable(); !tasks.empty(); tasks = startable()) {
    for (const FakeTask& task : tasks) {
      if (state(task) != State::pending) continue;  // another task's work cancelled it
      start(task);
      const FakeEnd end = work(task, request(task.job));
      ++count;
      if (state(task) == State::running) finish(task, end);
    }
  }
  return count;
}

const SubmitRequest& FakeCluster::request(JobId job) const {
  return jobs_.at(job).request;
}

State FakeCluster::state(const FakeTask& task) const {
  return get(task).state;
}

std::optional<State> FakeCluster::find_state(const FakeTask& task) const {
  const auto job = jobs_.find(task.job);
  if (job == jobs_.end()) return std::nullopt;
  for (const Element& element : job->second.elements) {
    if (element.index == task.index) return element.state;
  }
  return std::nullopt;
}

std::vector<JobId> FakeCluster::jobs() const {
  std::vector<JobId> ids;
  for (const auto& [id, job] : jobs_) ids.push_back(id);
  return ids;
}

// ---- records ------------------------------------------------------------------------------------

std::size_t FakeCluster::tasks_in_queue() const {
  std::size_t count = 0;
  for (const auto& [id, job] : jobs_) {
    for (const Element& element : job.elements) count += is_final(element.state) ? 0U : 1U;
  }
  return count;
}

const FakeCluster::Element& FakeCluster::get(const FakeTask& task) const {
  return find_element(jobs_.at(task.job).elements, task.index);
}

FakeCluster::Element& FakeCluster::get(const FakeTask& task) {
  return find_element(jobs_.at(task.job).elements, task.index);
}

/// The elements that `selector` names, of a job that is known; indices that are not in the array
/// are left aside.
std::vector<FakeCluster::Element*> FakeCluster::select(const JobSelector& selector) {
  std::vector<Element*> chosen;
  Job& job = jobs_.at(selector.id);
  if (selector.elements.empty()) {
    for (Element& element : job.elements) chosen.push_back(&element);
    return chosen;
  }
  const auto indices = expand_indices(selector.elements);
  FOZ_ASSERT(indices.has_value());
  for (Element& element : job.elements) {
    const bool named = element.index && std::find(indices->begin(), indices->end(),
                                                  *element.index) != indices->end();
    if (named) chosen.push_back(&element);
  }
  return chosen;
}

/// Elements that are still part of their array's one record.
std::vector<FakeCluster::Element*> FakeCluster::unsplit(Job& job) {
  std::vector<Element*> found;
  for (Element& element : job.elements) {
    if (element.id.value == 0 && element.state == State::pending) found.push_back(&element);
  }
  return found;
}

/// Splits an element off its array's record. The last one takes over the record itself.
void FakeCluster::give_id(Job& job, Element& element) {
  if (element.id.value != 0) return;
  element.id = unsplit(job).size() == 1 ? job.id : JobId{next_id_++};
}

void FakeCluster::end_element(const Job& job, Element& element, const FakeEnd& end,
                              std::string reason) {
  element.state = end.state;
  element.end = end;
  element.reason = std::move(reason);
  element.ended = now;
  records_.push_back(accounting_of(job, element));
}

AccountingRow FakeCluster::accounting_of(const Job& job, const Element& element) {
  AccountingRow row;
  row.id = element.id.value == 0 ? job.id : element.id;
  if (element.index) row.array_id = job.id;
  row.index = element.index;
  row.state = element.state;
  row.state_text = std::string(state_name(element.state));
  row.name = job.request.name;
  row.exit_code = element.end.exit_code;
  row.exit_signal = element.end.exit_signal;
  row.submit_time = element.submitted;
  row.start_time = element.started;
  row.end_time = element.ended;
  row.nodes = element.node;
  row.reason = element.reason;
  return row;
}

JobRow FakeCluster::row_of(const Job& job, const Element& element) const {
  JobRow row;
  row.id = element.id.value == 0 ? job.id : element.id;
  if (element.index) row.array_id = job.id;
  if (element.id.value != 0) row.index = element.index;
  row.state = element.state;
  row.state_text = std::string(state_name(element.state));
  row.reason = reason_of(job, element);
  row.name = job.request.name;
  row.comment = job.request.comment;
  row.nodes = element.node;
  row.partition = job.request.partition.empty() ? limits.partitions.front() : job.request.partition;
  row.submit_time = element.submitted;
  row.start_time = element.started;
  row.end_time = element.ended;
  row.restarts = element.restarts;
  if (wait_of(job, element) == Wait::open) row.dependency = job.request.dependency;
  return row;
}

/// The one row of an array for its elements without an id, if it has such a row.
std::optional<JobRow> FakeCluster::rest_row(const Job& job) const {
  std::vector<ArrayIndex> pending;
  const Element* any = nullptr;
  for (const Element& element : job.elements) {
    if (element.id.value != 0) continue;
    if (element.state == State::pending) pending.push_back(*element.index);
    if (element.state == State::pending || job.rest_cancelled) any = &element;
  }
  if (any == nullptr) return std::nullopt;
  JobRow row = row_of(job, pending.empty() ? *any : get({job.id, pending.front()}));
  row.pending_indices = format_indices(pending);
  if (pending.empty()) row.array_id = JobId{0};
  return row;
}

std::vector<JobRow> FakeCluster::rows() const {
  std::vector<JobRow> rows;
  for (const auto& [id, job] : jobs_) {
    if (auto rest = rest_row(job)) rows.push_back(std::move(*rest));
    for (const Element& element : job.elements) {
      if (element.id.value != 0) rows.push_back(row_of(job, element));
    }
  }
  return rows;
}

}  // namespace foz::slurm
