/// From a workflow file on disk to a plan: reading, site, plugins and the cluster's facts put
/// together once for validate, plan and run.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/installation.h"
#include "cli/watched_scheduler.h"
#include "core/plan/plan.h"
#include "core/plugin/host.h"
#include "core/slurm/facts_memory.h"
#include "core/slurm/scheduler.h"

namespace foz::cli {

/// Whether the controller is asked for partitions and limits: not at all; if it answers; or they
/// must be known, and what it said some minutes ago will do as long as nothing is refused for it.
enum class Facts { none, if_there, required };

struct LoadOptions {
  std::string file;
  std::vector<std::string> params;  ///< "K=V"
  std::string run_id = "RUN";
  Facts facts = Facts::if_there;
};

struct Loaded {
  std::string text;  ///< the file's bytes
  plan::Plan plan;
  /// Plugins that the plan names can be pinned from here.
  std::unique_ptr<plugin::Registry> registry;
  Installation installation;
  std::optional<slurm::Opening> opening;        ///< absent under Facts::none, or once opened
  std::unique_ptr<WatchedScheduler> scheduler;  ///< once opened
  std::optional<slurm::FactsMemory> memory;     ///< of the cluster; absent under Facts::none
  std::optional<slurm::ClusterFacts> asked;  ///< what the controller said just now, if it was asked
  std::string warnings;                      ///< rendered, ready to print
};

/// A failure that was already printed carries an empty message and its exit code.
struct LoadFailure {
  int status = k_bad_usage;
};

/// Prints diagnostics (all of them) or the one error on stderr. Warnings are left to the caller.
[[nodiscard]] tl::expected<Loaded, LoadFailure> load(const LoadOptions& options,
                                                     const Global& global);

/// Waits for the scheduler of a loaded workflow that asked for facts. Says on stderr why the
/// commands are used where nobody asked for them.
[[nodiscard]] Result<WatchedScheduler*> ready_scheduler(Loaded& loaded, const Global& global);

/// The scheduler that --scheduler names.
[[nodiscard]] Result<std::unique_ptr<WatchedScheduler>> open_scheduler(
    const Global& global, const Installation& installation);

}  // namespace foz::cli
