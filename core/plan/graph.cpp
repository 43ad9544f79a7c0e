#include <fmt/format.h>

#include <map>

#include "core/base/text.h"
#include "core/plan/plan.h"

namespace foz::plan {

namespace {

std::string rule_of(const task::Parent& parent) {
  switch (parent.kind) {
    case task::EdgeKind::success:
      return "";
    case task::EdgeKind::each:
      return "each";
    case task::EdgeKind::finished:
      return "finished";
    case task::EdgeKind::percent:
      return fmt::format("{}%", parent.percent);
  }
  return "";
}

std::string label_of(const StagePlan& stage) {
  return stage.tasks.tasks == 1 ? stage.name : fmt::format("{} x{}", stage.name, stage.tasks.tasks);
}

std::string dot(const Plan& plan) {
  std::string out = "digraph " + quoted(plan.workflow) + " {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const StagePlan& stage : plan.stages)
    out += fmt::format("  \"{}\" [label=\"{}\"];\n", stage.name, label_of(stage));
  for (const StagePlan& stage : plan.stages)
    for (const auto& parent : stage.tasks.parents)
      out += fmt::format("  \"{}\" -> \"{}\" [label=\"{}\"];\n", parent.stage, stage.name,
                         rule_of(parent));
  return out + "}\n";
}

std::string mermaid(const Plan& plan) {
  std::string out = "flowchart LR\n";
  std::map<std::string, std::size_t> number;  // Mermaid's own ids take no '-'
  for (const StagePlan& stage : plan.stages) {
    number.emplace(stage.name, number.size());
    out += fmt::format("  s{}[\"{}\"]\n", number[stage.name], label_of(stage));
  }
  for (const StagePlan& stage : plan.stages)
    for (const auto& parent : stage.tasks.parents) {
      const std::string rule = rule_of(parent);
      out += fmt::format("  s{} -->{} s{}\n", number[parent.stage],
                         rule.empty() ? "" : "|" + rule + "|", number[stage.name]);
    }
  return out;
}

/// One line a stage, indented by its depth, with the rules of its edges.
std::string text(const Plan& plan) {
  std::map<std::string, std::size_t> depth;
  std::string out;
  for (const StagePlan& stage : plan.stages) {
    std::size_t level = 0;
    std::vector<std::string> edges;
    for (const auto& parent : stage.tasks.parents) {
      level = std::max(level, depth[parent.stage] + 1);
      const std::string rule = rule_of(parent);
      edges.push_back(rule.empty() ? parent.stage : parent.stage + " (" + rule + ")");
    }
    depth[stage.name] = level;
    out += std::string(level * 3, ' ') + label_of(stage);
    out += edges.empty() ? "\n" : "  <- " + join(edges, ", ") + "\n";
  }
  return out;
}

}  // namespace

std::string render_graph(const Plan& plan, GraphForm form) {
  switch (form) {
    case GraphForm::dot:
      return dot(plan);
    case GraphForm::mermaid:
      return mermaid(plan);
    case GraphForm::text:
      return text(plan);
  }
  return "";
}

}  // namespace foz::plan
