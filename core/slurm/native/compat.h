/// libslurm from 22.05 to 26.05 as one: every guard on its release stands here and nowhere else. Of
/// its interface foz uses what has kept its form (calls that take job ids as text, fields that are
/// in all releases); what has not is below.
#pragma once

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include <cerrno>
#include <string>

#include "core/base/ids.h"

extern "C" {
// Exported by libslurm, in no public header; the second took the first's place.
const char* slurm_job_reason_string(int reason) __attribute__((weak));
const char* slurm_job_state_reason_string(int reason) __attribute__((weak));
char* slurm_job_state_string(uint32_t state) __attribute__((weak));
time_t slurm_parse_time(const char* text, int past) __attribute__((weak));
}

namespace foz::slurm::native {

/// "22.05.8".
inline std::string compiled_release() {
  const auto two_digits = [](unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return std::to_string(SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER)) + "." +
         two_digits(SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER)) + "." +
         std::to_string(SLURM_VERSION_MICRO(SLURM_VERSION_NUMBER));
}

/// Calls return 0, -1 with errno, or the error itself.
inline int error_of(int result) {
  return result == -1 ? errno : result;
}

inline JobId submitted_id(const submit_response_msg_t& response) {
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(25, 11, 0)
  return JobId{response.step_id.job_id};
#else
  return JobId{response.job_id};
#endif
}

inline void free_config(slurm_conf_t* config) {
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(26, 5, 0)
  slurm_free_conf(config);
#else
  slurm_free_ctl_conf(config);
#endif
}

/// "gres:gpu:4" before 23.11, "gres/gpu:4" since.
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
constexpr const char* k_gres_prefix = "gres/";
#else
constexpr const char* k_gres_prefix = "gres:";
#endif

/// Until 22.05 sbatch itself raises the nodes to the hosts named, and works out the number of
/// tasks.
constexpr bool k_counts_tasks = SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(23, 2, 0);

/// Since 23.11 --cpus-per-task is a TRES of each task as well; its form changed in 24.05.
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(24, 5, 0)
constexpr const char* k_cpus_per_task_tres = "cpu=";
#elif SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0)
constexpr const char* k_cpus_per_task_tres = "cpu:";
#else
constexpr const char* k_cpus_per_task_tres = "";
#endif

/// Since 23.11 sbatch tells launchers of other makers that they are outside a step.
constexpr bool k_tells_launchers = SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 11, 0);
/// Until 24.05 sbatch puts the job's name and the mode of its output into its environment.
constexpr bool k_tells_name = SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(24, 11, 0);

/// slurm_init_job_desc_msg() leaves some fields at 0 that mean something then.
inline void set_unset(job_desc_msg_t& message) {
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(24, 11, 0)
  message.oom_kill_step = NO_VAL16;
#else
  (void)message;
#endif
}

inline std::string reason_text(int reason) {
  if (slurm_job_state_reason_string != nullptr) return slurm_job_state_reason_string(reason);
  if (slurm_job_reason_string != nullptr) return slurm_job_reason_string(reason);
  return "Reason_" + std::to_string(reason);
}

inline std::string state_text(uint32_t state) {
  if (slurm_job_state_string != nullptr) return slurm_job_state_string(state);
  return "STATE_" + std::to_string(state);
}

}  // namespace foz::slurm::native
