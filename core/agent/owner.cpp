#include "core/agent/owner.h"

#include <fmt/format.h>

#include "core/agent/gate.h"

namespace foz::agent {

namespace {

Result<std::vector<journal::SubmittedPart>> read_parts(const journal::RunFolder& folder) {
  FOZ_TRY(const std::string text, read_file(folder.jobs()));
  return journal::jobs_from_json(text);
}

}  // namespace

Result<journal::SubmittedPart> find_part(const journal::RunFolder& folder, const std::string& stage,
                                         TaskIndex index) {
  FOZ_TRY(const auto parts, read_parts(folder));
  for (const journal::SubmittedPart& part : parts) {
    const bool is_of_part = index.value >= part.offset && index.value - part.offset < part.count;
    if (part.stage == stage && is_of_part) return part;
  }
  return fail(Code::not_found,
              fmt::format("jobs.json has no job for element {} of '{}'", index.value, stage));
}

Result<std::vector<slurm::JobSelector>> find_jobs(const journal::RunFolder& folder,
                                                  const std::string& stage) {
  FOZ_TRY(const auto parts, read_parts(folder));
  std::vector<slurm::JobSelector> jobs;
  for (const journal::SubmittedPart& part : parts)
    if (part.stage == stage) jobs.push_back({part.job, ""});
  return jobs;
}

JobId find_other_owner(const journal::RunFolder& folder, const task::StageTasks& stage,
                       TaskIndex index, const JobFacts& job) {
  const JobId own = job.array_job.value != 0 ? job.array_job : job.job;
  if (own.value == 0) return {};
  const auto part = find_part(folder, stage.stage, index);
  return !part || part->job == own ? JobId{} : part->job;
}

bool has_succeeded(const journal::RunFolder& folder, const task::StageTasks& stage,
                   TaskIndex index) {
  task::Parent self;
  self.stage = stage.stage;
  self.tasks = stage.tasks;
  const auto contents = journal::read(
      folder.journal(), [&](const auto& record) { return record.text("stage") == self.stage; });
  if (!contents) return false;
  const auto ends = collect_ends(contents->records, {self});
  const auto found = ends.find(self.stage);
  if (found == ends.end()) return false;
  const auto end = found->second.find(index.value);
  return end != found->second.end() && end->second.state == "succeeded";
}

}  // namespace foz::agent
