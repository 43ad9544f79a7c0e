#include "core/agent/reason.h"

#include <fmt/format.h>

#include <algorithm>

namespace foz::agent {

namespace {

using failure::Class;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

event::Reason told(const std::string& why) {
  return {Outcome::cancelled, Class::cancelled,
          "it was told to end by a signal" + (why.empty() ? "" : " (" + why + ")")};
}

}  // namespace

event::Reason judge_reason(slurm::State state, std::string_view reason) {
  switch (state) {
    case slurm::State::cancelled:
      return {Outcome::cancelled, Class::cancelled, "it was cancelled"};
    case slurm::State::timeout:
    case slurm::State::deadline:
      return {Outcome::failed, Class::timeout, "it reached its time limit"};
    case slurm::State::preempted:
      return {Outcome::failed, Class::preempted, "it was preempted"};
    case slurm::State::node_fail:
      return {Outcome::failed, Class::node_fail, "a node of it failed"};
    case slurm::State::pending:
    case slurm::State::requeued:
    case slurm::State::requeue_hold:
    case slurm::State::special_exit:
      return {Outcome::interrupted, Class::preempted, "Slurm put it back into the queue"};
    default:
      break;
  }
  if (reason == "TimeLimit") return {Outcome::failed, Class::timeout, "it reached its time limit"};
  if (reason == "Preempted") return {Outcome::failed, Class::preempted, "it was preempted"};
  return told(
      state == slurm::State::unknown ? "" : fmt::format("Slurm says {}", slurm::state_name(state)));
}

event::Reason find_reason(const JobFacts& job, const Partners::OpenScheduler& open_scheduler) {
  if (job.job.value == 0) return told("");
  auto scheduler = open_scheduler();
  if (!scheduler) return told("Slurm was not asked: " + first_line(scheduler.error().message));
  const auto rows = (*scheduler)->jobs({{job.job}, false});
  if (!rows) return told("Slurm did not say why: " + first_line(rows.error().message));
  const auto row =
      std::find_if(rows->begin(), rows->end(), [&](auto& one) { return one.id == job.job; });
  if (row == rows->end()) return told("Slurm does not know the job any more");
  return judge_reason(row->state, row->reason);
}

}  // namespace foz::agent
