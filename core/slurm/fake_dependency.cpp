#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/slurm/delimited.h"
#include "core/slurm/fake_cluster.h"

// The dependencies of the fake cluster: "afterok:12:13,afterany:14", all of them to be met, or
// "afterany:12?afterany:13", one of them.

namespace foz::slurm {

namespace {

constexpr std::array<std::string_view, 4> k_kinds = {"afterok", "afterany", "afternotok",
                                                     "aftercorr"};

bool is_kind(std::string_view word) {
  return std::find(k_kinds.begin(), k_kinds.end(), word) != k_kinds.end();
}

/// "afterok:12:13" -> {"afterok", {12, 13}}; nullopt where it is not of this form.
struct Term {
  std::string_view kind;
  std::vector<JobId> parents;
};
std::optional<Term> parse_term(std::string_view text) {
  const auto words = split(text, ':');
  if (words.size() < 2 || !is_kind(words.front())) return std::nullopt;
  Term term{words.front(), {}};
  for (std::size_t i = 1; i < words.size(); ++i) {
    const auto id = parse_job_id(words[i]);
    if (!id) return std::nullopt;
    term.parents.push_back(*id);
  }
  return term;
}

bool is_any_enough(std::string_view dependency) {
  return dependency.find('?') != std::string_view::npos;
}

std::vector<std::string_view> terms_of(std::string_view dependency) {
  return split(dependency, is_any_enough(dependency) ? '?' : ',');
}

}  // namespace

Result<void> FakeCluster::check_dependency(const std::string& dependency) const {
  if (dependency.empty()) return {};
  for (const std::string_view text : terms_of(dependency)) {
    const auto term = parse_term(text);
    if (!term) return fail(Code::invalid, "a dependency that the fake does not know");
    if (limits.unknown_parent == FakeLimits::UnknownParent::met) continue;
    for (const JobId parent : term->parents) {
      if (!knows(parent)) return fail(Code::not_found, "an unknown parent");
    }
  }
  return {};
}

/// Of one parent. A parent that is forgotten holds nothing up.
FakeCluster::Wait FakeCluster::wait_for(std::string_view kind, JobId parent,
                                        const Element& element) const {
  const auto job = jobs_.find(parent);
  if (job == jobs_.end()) return Wait::met;
  bool open = false;
  bool failed = false;
  for (const Element& of_parent : job->second.elements) {
    if (kind == "aftercorr" && element.index && of_parent.index != element.index) continue;
    open = open || !is_final(of_parent.state);
    failed = failed || (is_final(of_parent.state) && of_parent.state != State::completed);
  }
  if (kind == "afterany") return open ? Wait::open : Wait::met;
  if (kind == "afternotok") {
    if (open) return Wait::open;
    return failed ? Wait::met : Wait::never;
  }
  if (failed) return Wait::never;
  return open ? Wait::open : Wait::met;
}

FakeCluster::Wait FakeCluster::wait_of(const Job& job, const Element& element) const {
  if (job.request.dependency.empty() || element.state != State::pending) return Wait::met;
  Wait best = Wait::never, worst = Wait::met;
  for (const std::string_view text : terms_of(job.request.dependency)) {
    const auto term = parse_term(text);
    FOZ_ASSERT(term.has_value());
    for (const JobId parent : term->parents) {
      const Wait one = wait_for(term->kind, parent, element);
      best = std::min(best, one);
      worst = std::max(worst, one);
    }
  }
  return is_any_enough(job.request.dependency) ? best : worst;
}

std::string FakeCluster::reason_of(const Job& job, const Element& element) const {
  if (element.state != State::pending) return element.reason;
  if (element.held) return "JobHeldUser";
  if (wait_of(job, element) == Wait::open) return "Dependency";
  return element.reason.empty() ? "Priority" : element.reason;
}

/// Only "aftercorr" makes a difference between the elements of an array.
std::vector<FakeCluster::Element*> FakeCluster::hopeless(Job& job) {
  const bool one_for_all = job.request.dependency.find("aftercorr") == std::string::npos;
  std::vector<Element*> found;
  std::optional<Wait> known;
  for (Element& element : job.elements) {
    if (element.state != State::pending) continue;
    if (!known || !one_for_all) known = wait_of(job, element);
    if (*known == Wait::never) found.push_back(&element);
  }
  return found;
}

void FakeCluster::settle() {
  for (bool changed = true; changed;) {
    changed = false;
    for (auto& [id, job] : jobs_) {
      if (job.request.dependency.empty()) continue;
      const auto elements = hopeless(job);
      if (elements.empty()) continue;
      cancel_elements(job, elements, "DependencyNeverSatisfied");
      changed = true;
    }
  }
}

}  // namespace foz::slurm
