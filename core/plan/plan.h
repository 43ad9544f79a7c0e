/// Plan: what will be sent to Slurm, made from Workflow + Site + ClusterFacts + plugins' shapes.
/// Pure and deterministic: same input, same bytes; size in proportion to stages and array parts,
/// never to tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/site/site.h"
#include "core/slurm/types.h"
#include "core/spec/workflow.h"
#include "core/task/stage.h"
#include "plugins/api/api.h"

namespace foz::plan {

/// How Slurm is told to wait for a parent.
enum class DependencyKind { afterok, afterany, held_partner, aftercorr };

struct Dependency {
  std::string stage;
  DependencyKind kind = DependencyKind::afterok;
};

struct StagePlan {
  std::string name;
  task::StageTasks tasks;        ///< goes to stages/<name>.json
  slurm::SubmitRequest request;  ///< name, array, dependency, hold and script_args are filled for
                                 ///< each part when it is sent
  std::vector<Dependency> dependencies;
  std::uint32_t at_most = 0;       ///< array throttle; 0: none
  std::string script;              ///< text of scripts/<name>.sh
  bool is_root = false;            ///< held until everything is sent
  std::vector<std::string> notes;  ///< what the site made of the request, in words
};

/// Requests to the controller that change something, by who sends them.
struct Rpcs {
  std::uint32_t submit = 0;     ///< by `foz run`: one for each part of an array
  std::uint32_t release = 0;    ///< by `foz run`, at its end: one for each part of a root
  std::uint64_t from_jobs = 0;  ///< later, by keepers: one for each element that waits for its own
                                ///< partner, which is released, or cancelled after a failure
};

/// How a run that is larger than the queue is sent: what fits at once, and with it an advance job
/// of one core, which Slurm starts when something of what was sent has ended, and which sends on.
/// Nothing waits on the login node.
struct Waves {
  std::uint32_t jobs_at_once = 0;  ///< jobs and array tasks, advance jobs among them
  slurm::SubmitRequest request;  ///< of the advance job; name and dependency filled when it is sent
  std::string script;            ///< text of scripts/+advance.sh
};
/// Stands where a stage's name does, in names of jobs, scripts and logs; no stage can be called so.
inline constexpr std::string_view k_advance_job = "+advance";
/// Places kept for them: two that wait, and two that were started by one end.
inline constexpr std::uint32_t k_advance_jobs = 4;

struct Plan {
  std::string workflow;
  std::string run_id;         ///< "" while planning only
  std::string workdir;        ///< absolute folder of the workflow file
  std::string run_folder;     ///< absolute
  Seconds polling_floor{30};  ///< the site's: least time between two questions to the controller
  std::vector<std::pair<std::string, std::string>> params;  ///< with the values that count
  std::vector<StagePlan> stages;                            ///< topological order
  std::optional<Waves> waves;                               ///< absent: all is sent at once
  std::uint64_t tasks = 0;
  Rpcs rpcs;
  std::uint32_t files = 0;                       ///< written at submission
  std::vector<std::string> plugins;              ///< used, sorted
  std::vector<std::string> dropped_environment;  ///< variables of an outer job that were left out
};

/// What planning needs beside the workflow.
struct Context {
  site::Site site;
  std::optional<slurm::ClusterFacts> facts;  ///< absent: the controller was not asked
  std::string run_id = "RUN";
  std::string workdir;
  std::string run_folder;
  Environment environment;  ///< cleaned
  /// The plugin of a name, or why there is none (becomes an error at the `uses:` line).
  std::function<Result<const plugin::Plugin*>(const std::string& name)> find_plugin;
  /// How many files the run folder keeps of a plugin; empty: they are not counted.
  std::function<std::uint32_t(const std::string& name)> count_plugin_files;
  /// Whether something is there; empty: files are not looked for.
  std::function<bool(const std::string& path)> exists;
};

/// nullopt when `diagnostics` got errors.
[[nodiscard]] std::optional<Plan> make_plan(const spec::Workflow& workflow, const Context& context,
                                            Diagnostics& diagnostics);

/// Of a file with errors: what plugins have against their parameters and, of stages that are whole,
/// what they and the site have against the rest. Stages are looked at one by one, so that nothing
/// is said of what stands between them.
void check_part(const spec::SoundPart& part, const Context& context, Diagnostics& diagnostics);

/// Splits `tasks` elements at the array limit: indices of each part 0 .. count-1 (max_array_size
/// itself bounds the index; 0: arrays off, single jobs).
[[nodiscard]] std::vector<task::Part> split_parts(std::uint64_t tasks,
                                                  std::uint32_t max_array_size);

/// How many parts of a stage may be in the queue together, the last tasks of one among them.
[[nodiscard]] std::size_t parts_together(const Plan& plan, const StagePlan& stage);

/// Whether its elements are held until those of another stage let them go, one by one.
[[nodiscard]] bool has_held_partner(const StagePlan& stage);

/// Whether foz releases a stage's parts when they are on record. Of a run that goes in waves all
/// are held, as a parent may have ended by then: what started at once could run beside a second job
/// of the same part.
[[nodiscard]] bool is_released_by_foz(const Plan& plan, const StagePlan& stage);

/// The batch script of a stage: #SBATCH lines for the reader, then the agent. Takes the part's
/// offset as its argument.
[[nodiscard]] std::string batch_script(const Plan& plan, const StagePlan& stage);

/// That of the advance job.
[[nodiscard]] std::string advance_script(const Plan& plan, const Waves& waves);

/// plan.json and back (plan_json.cpp). Bytes that are not UTF-8 come back as they were; a kind of
/// dependency that this foz does not know is an error, never a dependency less.
[[nodiscard]] std::string to_json(const Plan& plan);
[[nodiscard]] Result<Plan> plan_from_json(std::string_view text);

/// `foz plan` for people: stages, arrays, edges, resources, notes, counts.
[[nodiscard]] std::string render_text(const Plan& plan);
enum class GraphForm { text, dot, mermaid };
[[nodiscard]] std::string render_graph(const Plan& plan, GraphForm form);

}  // namespace foz::plan
