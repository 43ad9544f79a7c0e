#include "core/agent/owner.h"

#include <algorithm>

namespace foz::agent {

JobId find_other_owner(const journal::RunFolder& folder, const task::StageTasks& stage,
                       TaskIndex index, const JobFacts& job) {
  const JobId own = job.array_job.value != 0 ? job.array_job : job.job;
  const auto text = read_file(folder.jobs());
  if (own.value == 0 || !text) return {};
  const auto parts = journal::jobs_from_json(*text);
  if (!parts) return {};
  const auto part = std::find_if(parts->begin(), parts->end(), [&](const auto& one) {
    return one.stage == stage.stage && index.value >= one.offset &&
           index.value - one.offset < one.count;
  });
  return part == parts->end() || part->job == own ? JobId{} : part->job;
}

}  // namespace foz::agent
