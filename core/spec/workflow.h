/// Workflow: what the user's file says, checked for form and held with positions. Nothing about a
/// site, a cluster or how foz runs it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/diagnostic.h"
#include "core/base/result.h"
#include "core/base/units.h"
#include "core/task/matrix.h"
#include "core/task/stage.h"
#include "plugins/api/value.h"

namespace foz::spec {

enum class ParamType { text, integer, number, boolean };

struct Param {
  Located<std::string> name;
  ParamType type = ParamType::text;
  /// The default, or what --param gave; as written. Absent: must be given.
  std::optional<std::string> value;
  std::optional<std::string> min, max;
  std::vector<std::string> choices;
  std::string help;
};

struct Need {
  Located<std::string> stage;
  task::EdgeKind kind = task::EdgeKind::success;
  int percent = 100;
};

/// A step as written. `with` keeps the user's texts; `with_where` the places of its members
/// ("script", "args") for late errors.
struct StepSpec {
  SourceRange where;
  std::optional<std::vector<Located<std::string>>> argv;
  std::optional<Located<std::string>> shell;
  std::optional<Located<std::string>> uses;
  plugin::Value with;
  std::map<std::string, SourceRange> with_where;
  task::StepPlace place = task::StepPlace::ranks;
  bool may_fail = false;
};

enum class MemoryKind { per_node, per_cpu, per_gpu, all };
struct MemorySpec {
  MemoryKind kind = MemoryKind::per_node;
  Bytes bytes;
};

struct Resources {
  SourceRange where;
  std::optional<Located<std::pair<std::uint32_t, std::uint32_t>>> nodes;  ///< n or a..b
  std::optional<Located<std::uint32_t>> ranks_per_node, cpus_per_rank, cpus_per_node, gpus_per_node,
      switches;
  std::optional<Located<MemorySpec>> memory;
  std::vector<Located<std::string>> gpu;  ///< acceptable kinds, best first
  std::optional<Located<std::string>> fabric;
  std::optional<Located<bool>> exclusive, hyperthreads;
  std::optional<Located<Bytes>> local_disk;
  std::optional<Located<Seconds>> time;
};

/// The `slurm:` block.
struct SlurmBlock {
  /// Partition, qos, account, reservation, constraint, nodelist, exclude, licenses, begin, nice,
  /// comment, mail.
  std::map<std::string, Located<std::string>> options;
  std::vector<Located<std::string>> sbatch_args, srun_args;
};

struct OutputSpec {
  Located<std::string> name;
  Located<std::string> path;
};

struct Stage {
  Located<std::string> name;
  std::vector<StepSpec> steps;  ///< one for run: and uses:
  std::vector<Need> needs;
  std::optional<Located<task::MatrixRule>> matrix;
  std::optional<Located<std::uint32_t>> at_most;
  Resources resources;
  SlurmBlock slurm;
  std::vector<std::pair<Located<std::string>, Located<std::string>>> env;
  std::vector<Located<std::string>> setup;
  std::optional<Located<std::string>> workdir;
  std::map<std::string, Located<std::string>> limits;
  std::optional<Located<unsigned>> umask;
  std::vector<OutputSpec> outputs;
};

struct Workflow {
  Located<std::string> name;
  std::vector<Param> params;
  /// As written, defaults merged; DAG checked (no cycles, no missing stage).
  std::vector<Stage> stages;
};

/// Where relative csv:, lines: and glob: paths of a matrix are looked up, and what --param says.
struct ReadOptions {
  std::string folder;
  std::vector<std::pair<std::string, std::string>> params;
  /// Names that can stand behind `site.`; nullopt: the site is not known, and any may.
  std::optional<std::set<std::string>> site_names;
};

/// Reads and checks a whole file; all of its errors at once. nullopt when there were errors. Pure
/// but for the files that a matrix names.
[[nodiscard]] std::optional<Workflow> read_workflow(std::string_view text,
                                                    const std::string& file_name,
                                                    const ReadOptions& options,
                                                    Diagnostics& diagnostics);

/// Of a file with errors, what later checks can be made of beside them.
struct SoundPart {
  Workflow workflow;  ///< stages whose steps could be read; params with errors have no value
  std::set<std::string> whole;  ///< names of those in which no error stands at all
};
/// The same, and of a file with errors what is sound in it: nothing where too much is wrong.
[[nodiscard]] tl::expected<Workflow, SoundPart> read_workflow_or_part(std::string_view text,
                                                                      const std::string& file_name,
                                                                      const ReadOptions& options,
                                                                      Diagnostics& diagnostics);

/// Indices of `workflow.stages` with parents before children; as written where there is a choice.
[[nodiscard]] std::vector<std::size_t> topological_order(const Workflow& workflow);

}  // namespace foz::spec
