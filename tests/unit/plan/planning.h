/// From the text of some stages to a plan, with a plugin made for tests: what the tests of planning
/// share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/plan/plan.h"

namespace foz::plan {

/// A plugin "pairs": two ranks on each node, one field; "refuses: yes" makes it refuse.
class PairsPlugin final : public plugin::Plugin {
 public:
  [[nodiscard]] plugin::Description describe() const override {
    plugin::Description description;
    description.name = "pairs";
    plugin::Field script, refuses;
    script.name = "script";
    script.type = plugin::FieldType::path;
    script.required = true;
    refuses.name = "refuses";
    description.fields = {script, refuses};
    return description;
  }
  [[nodiscard]] plugin::Answer<plugin::Shape> shape(
      const plugin::ShapeRequest& request) const override {
    if (request.with.find("refuses") != nullptr) return std::string("it was asked to");
    plugin::Role role;
    role.name = "worker";
    role.per_node = 2;
    role.ports = {"rpc"};
    return plugin::Shape{{role}, {}};
  }
  [[nodiscard]] plugin::Answer<plugin::Launch> launch(const plugin::LaunchRequest&) const override {
    return std::string("tests of planning launch nothing");
  }
};

struct Outcome {
  std::optional<Plan> plan;
  std::string said;  ///< all messages, without source lines

  [[nodiscard]] const StagePlan& stage(std::string_view name) const {
    for (const StagePlan& stage : plan->stages)
      if (stage.name == name) return stage;
    return plan->stages.at(plan->stages.size());  // throws
  }
  [[nodiscard]] const StagePlan& only() const { return plan->stages.at(0); }
};

/// Where plans of tests are made: folder /w, run RUN.
inline Context test_context() {
  Context context;
  context.site.name = "alps";
  context.workdir = "/w";
  context.run_folder = "/w/.foz/runs/RUN";
  context.find_plugin = [](const std::string& name) -> Result<const plugin::Plugin*> {
    static const PairsPlugin pairs;
    if (name == "pairs") return &pairs;
    return fail(Code::not_found, "there is no plugin '" + name + "'");
  };
  return context;
}

/// A cluster of one default partition "main" and a smaller one "gpu".
inline slurm::ClusterFacts test_facts() {
  slurm::ClusterFacts facts;
  facts.name = "blue";
  facts.version = "22.05.8";
  slurm::PartitionFacts main, gpu;
  main.name = "main";
  main.is_default = true;
  main.max_time = {slurm::TimeLimit::Kind::value, Seconds{86'400}};
  main.max_nodes = 4;
  main.total_nodes = 8;
  gpu.name = "gpu";
  gpu.max_time = {slurm::TimeLimit::Kind::unlimited, Seconds{0}};
  gpu.total_nodes = 3;
  facts.partitions = {main, gpu};
  facts.shapes = {{"main", 8, 32, 65'536, {}},
                  {"gpu", 2, 64, 131'072, {{"gpu", "a100", 4}}},
                  {"gpu", 1, 128, 65'536, {{"gpu", "l4", 8}}}};
  return facts;
}

/// Every message with its place, notes and hint, but no source lines.
inline std::string said_by(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& one : diagnostics.all()) {
    out += "w.yaml:" + std::to_string(one.where.line) + ":" + std::to_string(one.where.column) +
           (one.severity == Severity::error ? ": error: " : ": warning: ") + one.message + "\n";
    for (const std::string& note : one.notes) out += "note: " + note + "\n";
    if (!one.hint.empty()) out += "hint: " + one.hint + "\n";
  }
  return out;
}

/// Plans a whole file.
inline Outcome plan_file(const std::string& text, const Context& context = test_context()) {
  Diagnostics diagnostics;
  Outcome outcome;
  const auto workflow = spec::read_workflow(text, "w.yaml", {}, diagnostics);
  if (workflow) outcome.plan = make_plan(*workflow, context, diagnostics);
  outcome.said = said_by(diagnostics);
  return outcome;
}

/// Plans the stages of a file named w.yaml; their first line is line 4 of it.
inline Outcome plan_of(const std::string& stages, const Context& context = test_context()) {
  return plan_file("foz: 1\nname: test\nstages:\n" + stages, context);
}

inline Outcome plan_on(const std::string& stages, slurm::ClusterFacts facts = test_facts()) {
  Context context = test_context();
  context.facts = std::move(facts);
  return plan_of(stages, context);
}

}  // namespace foz::plan
