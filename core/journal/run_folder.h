/// The run folder: where everything of a run lies, and who writes it. Made whole beside its place
/// and renamed into it, so that it is complete as soon as it is there (`.<run-id>.new` is one that
/// was never finished, and is no run). So a folder that is not empty and has no readable plan.json
/// is a run that was damaged later: it is listed and found as any other, and cannot be opened.
///
///   .foz/runs/<run-id>/       mode 0700
///     plan.json               the plan, once, before anything is sent; by `foz run`
///     workflow.yaml           the user's file as it was; by `foz run`
///     jobs.json               stage -> parts with job ids, replaced whole; by advance
///     stages/<stage>.json     task::StageTasks; by `foz run`
///     scripts/<stage>.sh      batch script; by `foz run`
///     bin/foz-agent           pinned copy (a link to ../../pinned/); by `foz run`
///     bin/foz                 the same, where advance jobs go on with the run
///     plugins/<name>/...      pinned plugins (JSON form) and their files; by `foz run`
///     journal/<host>.jsonl    by everybody
///     outcome/<stage>/<index>.json
///                             result of a task that an `each` child waits for; by its keeper
///     release/<child>.<index> a partner still to be released (normally none); by the keeper
///     gates/<stage>.json      the verdict over a join's parents; by the first child that asked
///     manifests/<stage>.<parent>.jsonl
///                             what needs.<parent>.manifest names; by the keeper
///     tasks/<name>/<attempt>/ files of an attempt: launch, rank folders; by keeper and node agents
///     logs/<stage>/<name>.<attempt>[.<step>][.<role>.<rank>].log
///                             by the node agents
///     logs/<stage>/slurm-<job>[_<index>].out
///                             what the batch script itself said; by Slurm
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace foz::journal {

class RunFolder {
 public:
  explicit RunFolder(fs::path root) : root_(std::move(root)) {}

  [[nodiscard]] const fs::path& root() const { return root_; }
  [[nodiscard]] std::string run_id() const { return root_.filename().string(); }
  [[nodiscard]] fs::path plan() const { return root_ / "plan.json"; }
  [[nodiscard]] fs::path workflow() const { return root_ / "workflow.yaml"; }
  [[nodiscard]] fs::path jobs() const { return root_ / "jobs.json"; }
  [[nodiscard]] fs::path journal() const { return root_ / "journal"; }
  [[nodiscard]] fs::path agent() const { return root_ / "bin" / "foz-agent"; }
  [[nodiscard]] fs::path plugin(std::string_view name) const { return root_ / "plugins" / name; }
  [[nodiscard]] fs::path stage(std::string_view stage) const;
  [[nodiscard]] fs::path script(std::string_view stage) const;
  [[nodiscard]] fs::path logs(std::string_view stage) const { return root_ / "logs" / stage; }
  [[nodiscard]] fs::path outcome(std::string_view stage, TaskIndex index) const;
  [[nodiscard]] fs::path pending_releases() const { return root_ / "release"; }
  [[nodiscard]] fs::path pending_release(std::string_view child, TaskIndex index) const;
  [[nodiscard]] fs::path gate(std::string_view stage) const;
  [[nodiscard]] fs::path manifest(std::string_view stage, std::string_view parent) const;
  /// There once the held jobs of that stage are cancelled, as it can never start.
  [[nodiscard]] fs::path cut_off(std::string_view stage) const;
  [[nodiscard]] fs::path attempt(std::string_view task_name, Attempt attempt) const;

 private:
  fs::path root_;
};

/// jobs.json: which Slurm job runs which part of which stage. Written by advance after each
/// submission, before any release.
struct SubmittedPart {
  std::string stage;
  std::uint32_t part = 0;
  std::uint64_t offset = 0;
  std::uint32_t count = 1;
  bool is_array = false;
  JobId job;
  std::string cluster;
  std::string nonce;

  bool operator==(const SubmittedPart&) const = default;
};
[[nodiscard]] std::string jobs_to_json(const std::vector<SubmittedPart>& parts);
[[nodiscard]] Result<std::vector<SubmittedPart>> jobs_from_json(std::string_view text);

/// outcome/<stage>/<index>.json and the lines of manifests.
struct TaskOutcome {
  std::string stage;
  TaskIndex index;
  std::string name;  ///< "train.3"
  std::uint32_t attempt = 1;
  std::string state;  ///< "succeeded", "failed", "cancelled", "dependency_failed", "unknown"
  std::string cls;    ///< failure class, empty on success
  std::string sentence;
  std::vector<std::pair<std::string, std::string>> values;   ///< matrix values
  std::vector<std::pair<std::string, std::string>> outputs;  ///< name -> path

  bool operator==(const TaskOutcome&) const = default;
};
[[nodiscard]] std::string outcome_to_json(const TaskOutcome& outcome);  ///< one line, no LF
[[nodiscard]] Result<TaskOutcome> outcome_from_json(std::string_view text);

/// Where runs of a workflow lie: `<folder>/.foz/runs`. A run is named by its id, an unambiguous
/// prefix of it, "latest" (which may be a damaged one), or a path. Searches `folder` and its
/// parents; above `folder`, a `.foz` that may not be read (somebody else's) has no runs.
[[nodiscard]] Result<RunFolder> find_run(const fs::path& folder, std::string_view name);
/// All runs below `folder`/.foz/runs, oldest first.
[[nodiscard]] Result<std::vector<RunFolder>> list_runs(const fs::path& folder);
/// The runs of `folder`, or of the nearest folder above it that has some, oldest first.
[[nodiscard]] Result<std::vector<RunFolder>> nearest_runs(const fs::path& folder);

}  // namespace foz::journal
