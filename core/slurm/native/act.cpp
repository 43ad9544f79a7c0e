#include <fmt/format.h>
#include <signal.h>

#include "core/slurm/act_answer.h"
#include "core/slurm/communication.h"
#include "core/slurm/indices.h"
#include "core/slurm/native/calls.h"
#include "core/slurm/native/compat.h"

// What goes wrong is written in the words of scontrol and scancel, and judged by the same rules.

namespace foz::slurm::native {

namespace {

/// An answer of one of the commands that would have had these lines to say.
Finished as_command(std::string lines) {
  const int status = lines.empty() ? 0 : 1;
  return Finished{status << 8, {}, std::move(lines)};
}

/// slurmctld wants a list without brackets here: "13_0-9,12".
std::string update_target(const JobSelector& job) {
  if (job.elements.empty()) return fmt::format("{}", job.id.value);
  return fmt::format("{}_{}", job.id.value, job.elements);
}

std::string release_one(const JobSelector& job) {
  std::string target = update_target(job);
  job_desc_msg_t message;
  slurm_init_job_desc_msg(&message);
  message.job_id_str = target.data();
  message.priority = INFINITE;
  job_array_resp_msg_t* response = nullptr;
  const int result = slurm_update_job2(&message, &response);
  std::string lines;
  if (result != 0) {
    lines = fmt::format("{} for job {}\n", slurm_strerror(error_of(result)), target);
  }
  for (uint32_t i = 0; response != nullptr && i < response->job_array_count; ++i) {
    const int error = static_cast<int>(response->error_code[i]);
    if (error == 0) continue;
    lines += fmt::format("{}: {}\n", response->job_array_id[i], slurm_strerror(error));
  }
  if (response != nullptr) slurm_free_job_array_resp(response);
  return lines;
}

std::string cancel_one(const JobSelector& job) {
  const std::string target = selector_text(job);
  const int result = slurm_kill_job2(target.c_str(), SIGKILL, 0, nullptr);
  if (result == 0) return {};
  return fmt::format("scancel: error: Kill job error on job id {}: {}\n", target,
                     slurm_strerror(error_of(result)));
}

/// All of them, but none after one that got no answer: the rest would only wait as long.
std::string for_each(const std::vector<JobSelector>& jobs, std::string (*act)(const JobSelector&)) {
  std::string lines;
  for (const JobSelector& job : jobs) {
    const std::string line = act(job);
    lines += line;
    if (is_silent_controller(line)) break;
  }
  return lines;
}

}  // namespace

Result<void> release(const std::vector<JobSelector>& jobs) {
  return read_release_answer(as_command(for_each(jobs, release_one)));
}

Result<void> cancel(const std::vector<JobSelector>& jobs) {
  return read_cancel_answer(as_command(for_each(jobs, cancel_one)));
}

}  // namespace foz::slurm::native
