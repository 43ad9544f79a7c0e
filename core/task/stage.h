/// StageTasks: everything that the agent needs to run any task of a stage; written once per stage
/// into the run folder by the login node (stages/<name>.json), read by every keeper. A rule, never
/// a list of tasks.
///
/// Strings marked *template* have plan-time references (params, run, site) already filled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/task/matrix.h"
#include "plugins/api/api.h"

namespace foz::task {

enum class StepPlace { ranks, first_node, every_node };

/// An argv that no shell sees.
struct ArgvCommand {
  std::vector<std::string> argv;  ///< *templates*
};
/// A bash script, run with -eo pipefail; holds no references.
struct ShellCommand {
  std::string script;
};
/// A plugin and its checked `with:` block.
struct PluginCommand {
  std::string plugin;
  plugin::Value with;  ///< *templates*, defaults filled in
};

struct Step {
  std::string name;  ///< "" for the only step of a `run:`/`uses:` stage, else "0", "1", ...
  std::variant<ArgvCommand, ShellCommand, PluginCommand> command;
  StepPlace place = StepPlace::ranks;
  bool may_fail = false;
};

enum class EdgeKind { success, each, finished, percent };

struct Output {
  std::string name;
  std::string path;  ///< *template*, relative to the workdir
  bool operator==(const Output&) const = default;
};

/// What a task needs to know of a parent stage.
struct Parent {
  std::string stage;
  EdgeKind kind = EdgeKind::success;
  int percent = 100;
  std::uint64_t tasks = 1;      ///< of the parent
  MatrixRule matrix;            ///< of the parent
  std::string workdir;          ///< *template*
  std::vector<Output> outputs;  ///< of the parent
};

/// Who lets an element go when its partners have succeeded: the last of their keepers, or Slurm by
/// a dependency (where jobs may not call scontrol).
enum class ReleasedBy { keeper, slurm };

/// A stage whose element i waits for this stage's element i.
struct EachChild {
  std::string stage;
  std::vector<std::string> other_parents;  ///< whose element i it waits for as well
  ReleasedBy released_by = ReleasedBy::keeper;
};

struct Limits {
  std::map<std::string, std::string> values;  ///< "nofile" -> "16384" or "unlimited"
};

/// Geometry of every task of the stage.
struct Geometry {
  std::uint32_t nodes_min = 1, nodes_max = 1;
  std::uint32_t ranks_per_node = 0;  ///< 0: not said (1 for run:, the plugin's answer for uses:)
  std::uint32_t cpus_per_rank = 0;
  std::uint32_t cpus_per_node = 0;
  std::uint32_t gpus_per_node = 0;
  std::uint64_t memory_per_node_mib = 0;  ///< 0: not said
  Seconds time_limit{0};                  ///< 0: the partition's
};

/// One array part of the stage: tasks [offset, offset + count) as array indices 0..count-1 of one
/// Slurm job.
struct Part {
  std::uint64_t offset = 0;
  std::uint32_t count = 1;
  bool operator==(const Part&) const = default;
};

struct StageTasks {
  static constexpr int k_version = 1;
  std::string workflow;  ///< its name
  std::string run_id;
  std::string stage;
  MatrixRule matrix;
  std::uint64_t tasks = 1;
  bool is_array = false;  ///< submitted as an array (even one of a single element)
  std::vector<Part> parts;
  std::vector<Step> steps;
  std::vector<Parent> parents;
  std::vector<EachChild> each_children;
  /// Stages held for partners that can never start once a task of this one has failed, as a stage
  /// between them never starts: its keepers, which would cancel them, are never there.
  std::vector<std::string> cut_off;
  std::vector<std::pair<std::string, std::string>> env;  ///< name -> *template*
  std::vector<std::string> setup;  ///< shell lines, once per node, environment captured
  std::string workdir;             ///< *template*, absolute
  std::optional<unsigned> umask;
  Limits limits;
  std::vector<Output> outputs;
  Seconds outputs_wait{5};  ///< how long a missing output is looked for
  Seconds kill_wait{30};    ///< Slurm's, between its SIGTERM and its SIGKILL
  Geometry geometry;
  /// *template* of the node-local folder the site gives; "" = $TMPDIR or /tmp.
  std::string scratch;
  std::string address_form;  ///< how to name a node to others: "" = its NodeAddr/host name;
                             ///< "suffix:-ib0", "interface:ib0"
  std::vector<std::string> srun_args;  ///< verbatim, for the agent's own step
  std::string mpi_kind = "none";
};

/// Values of a task's own references (task.name, task.index, task.stage, matrix.*, task.outputs.*),
/// for template lookups.
[[nodiscard]] std::optional<std::string> find_task_value(const StageTasks& stage,
                                                         const MatrixValues& values,
                                                         TaskIndex index, std::string_view path);

/// FOZ_TASK_NAME: "train.3", or "train" where the stage has no matrix.
[[nodiscard]] std::string task_name(const StageTasks& stage, TaskIndex index);

/// The variable in which a task finds a value of its matrix: "lr" in FOZ_MATRIX_LR, "sample.read-1"
/// in FOZ_MATRIX_SAMPLE_READ_1.
[[nodiscard]] std::string matrix_variable(std::string_view name);

/// JSON of stages/<name>.json and back (stage_json.cpp). A newer version is Code::invalid naming
/// both numbers.
[[nodiscard]] std::string to_json(const StageTasks& stage);
[[nodiscard]] Result<StageTasks> stage_from_json(std::string_view text);

}  // namespace foz::task
