/// The steps of make_plan(), each a pure function over one stage. Private to the room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/plan/plan.h"

namespace foz::plan {

/// What the plan-time references are worth: params.*, run.*, site.*.
class PlanValues {
 public:
  PlanValues(const spec::Workflow& workflow, const Context& context);
  [[nodiscard]] std::optional<std::string> find(std::string_view path) const;
  /// `text` with params, run and site filled; other references stay.
  [[nodiscard]] std::string fill(std::string_view text) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

/// Stage -> StageTasks, parts and each_children aside. `parents` are the plans of the stages above,
/// in any order.
[[nodiscard]] task::StageTasks make_stage_tasks(const spec::Workflow& workflow,
                                                const spec::Stage& stage,
                                                const std::vector<StagePlan>& parents,
                                                const Context& context, const PlanValues& values,
                                                Diagnostics& diagnostics);

/// Only what the plugins of a stage have against their parameters.
void check_parameters(const spec::Stage& stage, const Context& context, const PlanValues& values,
                      Diagnostics& diagnostics);

/// Stage + Site -> what Slurm is asked for; every translation that the site made is a note.
[[nodiscard]] slurm::SubmitRequest make_request(const spec::Stage& stage,
                                                const task::StageTasks& tasks,
                                                const Context& context,
                                                std::vector<std::string>& notes,
                                                Diagnostics& diagnostics);

/// A path as --output reads it: "%%" is a percent sign.
[[nodiscard]] std::string as_pattern(std::string_view path);

/// Refuses, at the line that asks for it, what the cluster's facts say can never run; warns of a
/// partition that is closed.
void check_against_cluster(const spec::Stage& stage, const slurm::SubmitRequest& request,
                           const slurm::ClusterFacts& facts, Diagnostics& diagnostics);

/// Refuses references of `text` to ports (`endpoints.ROLE.PORT`) that the plugin's world has not.
void check_endpoints(const plugin::Value& text, const plugin::Shape& shape,
                     const SourceRange& where, Diagnostics& diagnostics);

/// Warns of folders and files that the stage needs from its start, that are not there, and that no
/// stage of `above` declares as its output.
void warn_of_missing(const spec::Stage& stage, const task::StageTasks& tasks,
                     const std::vector<StagePlan>& above, const Context& context,
                     Diagnostics& diagnostics);

/// Fills StageTasks::cut_off of every stage, once all are there.
void find_cut_off(Plan& plan);

/// nullopt where all of the plan's tasks fit into the queue, or its size is not known; a queue that
/// has no place beside the advance jobs is an error at `where`.
[[nodiscard]] std::optional<Waves> make_waves(const Plan& plan, const Context& context,
                                              const SourceRange& where, Diagnostics& diagnostics);
/// How many tasks a part of an array may have.
[[nodiscard]] std::uint32_t wave_part_size(const Waves& waves);

}  // namespace foz::plan
