#include <fmt/format.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/slurm/communication.h"
#include "core/slurm/native/calls.h"
#include "core/slurm/native/compat.h"
#include "core/slurm/squeue.h"

namespace foz::slurm::native {

namespace {

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

UnixMillis millis_of(time_t time) {
  const bool known = time > 0 && time < static_cast<time_t>(NO_VAL);
  return known ? static_cast<UnixMillis>(time) * 1'000 : 0;
}

std::string reason_of(const slurm_job_info_t& job) {
  return job.state_desc != nullptr ? std::string(job.state_desc)
                                   : reason_text(static_cast<int>(job.state_reason));
}

void add_indices(JobRow& row, const slurm_job_info_t& job) {
  if (job.array_task_str != nullptr) {
    row.pending_indices = job.array_task_str;
  } else if (job.array_task_id != NO_VAL) {
    row.index = ArrayIndex{job.array_task_id};
  }
  if (row.index || !row.pending_indices.empty()) row.array_id = JobId{job.array_job_id};
}

JobRow row_of(const slurm_job_info_t& job) {
  JobRow row;
  row.id = JobId{job.job_id};
  add_indices(row, job);
  row.state_text = state_text(job.job_state);
  row.reason = reason_of(job);
  row.name = text_of(job.name);
  row.comment = text_of(job.comment);
  row.nodes = text_of(job.nodes);
  row.partition = text_of(job.partition);
  row.submit_time = millis_of(job.submit_time);
  row.start_time = millis_of(job.start_time);
  row.end_time = millis_of(job.end_time);
  row.restarts = job.restart_cnt;
  row.dependency = text_of(job.dependency);
  return row;
}

}  // namespace

Error question_error(std::string_view what, int error_number) {
  const std::string words = slurm_strerror(error_number);
  if (is_silent_controller(words)) {
    return Error{Code::unavailable,
                 fmt::format("{}: no answer from Slurm; ask again later: {}", what, words)};
  }
  const Code code = is_permission_denied(words) ? Code::refused : Code::failed;
  return Error{code, fmt::format("{}: {}", what, words)};
}

Result<std::string> jobs() {
  job_info_msg_t* message = nullptr;
  const int result = slurm_load_job_user(&message, ::getuid(), SHOW_ALL | SHOW_LOCAL);
  if (result != 0) return fail(question_error("cannot read the queue", error_of(result)));
  std::string rows;
  for (uint32_t i = 0; i < message->record_count; ++i)
    rows += squeue_row(row_of(message->job_array[i]));
  slurm_free_job_info_msg(message);
  return rows;
}

}  // namespace foz::slurm::native
