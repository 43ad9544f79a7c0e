/// Which job has a task, by jobs.json; and so, whose task this is. A submission whose answer was
/// lost and that no queue showed is given up and sent again; should the first job start after all,
/// it finds another one in jobs.json. A job that Slurm starts again may find its task done.
#pragma once

#include "core/agent/job.h"
#include "core/journal/run_folder.h"
#include "core/slurm/types.h"
#include "core/task/stage.h"

namespace foz::agent {

/// The part that an element of a stage was sent with. Code::not_found where jobs.json does not know
/// of it (yet).
[[nodiscard]] Result<journal::SubmittedPart> find_part(const journal::RunFolder& folder,
                                                       const std::string& stage, TaskIndex index);

/// All jobs of a stage, whole.
[[nodiscard]] Result<std::vector<slurm::JobSelector>> find_jobs(const journal::RunFolder& folder,
                                                                const std::string& stage);

/// The job that jobs.json names for a task, where it is not this one; 0: it is, or jobs.json does
/// not know of the task (yet).
[[nodiscard]] JobId find_other_owner(const journal::RunFolder& folder,
                                     const task::StageTasks& stage, TaskIndex index,
                                     const JobFacts& job);

/// Whether the newest record of the task's end is a success; not where the journal cannot be read.
[[nodiscard]] bool has_succeeded(const journal::RunFolder& folder, const task::StageTasks& stage,
                                 TaskIndex index);

}  // namespace foz::agent
