#include "tests/golden/spec/dump.h"

#include <fmt/format.h>

#include <array>

#include "core/base/text.h"

namespace foz::spec {

namespace {

constexpr std::array<std::string_view, 4> k_types = {"text", "int", "number", "bool"};
constexpr std::array<std::string_view, 4> k_edges = {"success", "each", "finished", "percent"};
constexpr std::array<std::string_view, 3> k_places = {"ranks", "first_node", "every_node"};
constexpr std::array<std::string_view, 4> k_memory = {"per_node", "per_cpu", "per_gpu", "all"};

class Dumper {
 public:
  void line(int depth, const std::string& text) {
    out_ += std::string(depth * 2, ' ') + text + "\n";
  }

  void param(const Param& param) {
    std::string text = fmt::format("param {}: {} = {}", param.name.value,
                                   k_types.at(static_cast<std::size_t>(param.type)),
                                   param.value ? quoted(*param.value) : "nothing");
    if (param.min) text += ", min " + *param.min;
    if (param.max) text += ", max " + *param.max;
    if (!param.choices.empty()) text += ", one of " + join(param.choices, " ");
    if (!param.help.empty()) text += ", help " + quoted(param.help);
    line(0, text);
  }

  void value(int depth, const std::string& name, const plugin::Value& value) {
    if (const auto* text = value.as_text()) return line(depth, name + ": " + quoted(*text));
    line(depth, name + (value.as_list() != nullptr ? ": list" : ": map"));
    if (const auto* list = value.as_list()) {
      for (const auto& item : *list) this->value(depth + 1, "-", item);
    }
    if (const auto* map = value.as_map()) {
      for (const auto& [key, member] : *map) this->value(depth + 1, key, member);
    }
  }

  void step(const StepSpec& step) {
    const std::string tail =
        fmt::format(" on {}{}", k_places.at(static_cast<std::size_t>(step.place)),
                    step.may_fail ? ", may fail" : "");
    if (step.argv) {
      std::vector<std::string> words;
      for (const auto& word : *step.argv) words.push_back(quoted(word.value));
      line(1, "argv " + join(words, " ") + tail);
    }
    if (step.shell) line(1, "script " + quoted(step.shell->value) + tail);
    if (step.uses) {
      line(1, "plugin " + step.uses->value + tail);
      value(2, "with", step.with);
    }
  }

  void axis(const task::Axis& axis) {
    if (const auto* list = std::get_if<task::ListAxis>(&axis.values)) {
      line(1, fmt::format("axis {}: {}", axis.name, quoted_all(list->values)));
    } else if (const auto* range = std::get_if<task::RangeAxis>(&axis.values)) {
      line(1, fmt::format("axis {}: from {} to {} by {}, width {}", axis.name, range->first,
                          range->last, range->step, range->width));
    } else {
      const auto& rows = std::get<task::RowsAxis>(axis.values);
      line(1, fmt::format("axis {}: rows of [{}]", axis.name, join(rows.columns, ", ")));
      for (const auto& row : rows.rows) line(2, quoted_all(row));
    }
  }

  void matrix(const Stage& stage) {
    if (!stage.matrix) return;
    for (const task::Axis& one : stage.matrix->value.axes) axis(one);
    for (const auto& entry : stage.matrix->value.except) {
      std::string text = "except";
      for (const auto& [name, value] : entry) text += " " + name + "=" + quoted(value);
      line(1, text);
    }
    line(1, count_of(task::Matrix::make(stage.matrix->value)->size(), "task"));
  }

  void resources(const Resources& resources) {
    if (resources.nodes)
      line(1, fmt::format("nodes {}..{}", resources.nodes->value.first,
                          resources.nodes->value.second));
    const auto number = [this](const char* name, const auto& field) {
      if (field) line(1, fmt::format("{} {}", name, field->value));
    };
    number("ranks_per_node", resources.ranks_per_node);
    number("cpus_per_rank", resources.cpus_per_rank);
    number("cpus_per_node", resources.cpus_per_node);
    number("gpus_per_node", resources.gpus_per_node);
    number("switches", resources.switches);
    number("exclusive", resources.exclusive);
    number("hyperthreads", resources.hyperthreads);
    if (resources.memory) {
      line(1, fmt::format("memory {} {}",
                          k_memory.at(static_cast<std::size_t>(resources.memory->value.kind)),
                          format_bytes(resources.memory->value.bytes)));
    }
    if (!resources.gpu.empty()) line(1, "gpu " + values_of(resources.gpu));
    if (resources.fabric) line(1, "fabric " + resources.fabric->value);
    if (resources.local_disk) line(1, "local_disk " + format_bytes(resources.local_disk->value));
    if (resources.time) line(1, "time " + format_duration(resources.time->value));
  }

  void slurm(const SlurmBlock& block) {
    for (const auto& [name, value] : block.options)
      line(1, fmt::format("slurm {} {}", name, quoted(value.value)));
    if (!block.sbatch_args.empty()) line(1, "sbatch_args " + values_of(block.sbatch_args));
    if (!block.srun_args.empty()) line(1, "srun_args " + values_of(block.srun_args));
  }

  void world(const Stage& stage) {
    for (const auto& [name, value] : stage.env)
      line(1, fmt::format("env {}={}", name.value, quoted(value.value)));
    for (const auto& text : stage.setup) line(1, "setup " + quoted(text.value));
    if (stage.workdir) line(1, "workdir " + quoted(stage.workdir->value));
    for (const auto& [name, value] : stage.limits)
      line(1, fmt::format("limit {} {}", name, value.value));
    if (stage.umask) line(1, fmt::format("umask {:04o}", stage.umask->value));
    for (const OutputSpec& output : stage.outputs)
      line(1, fmt::format("output {} {}", output.name.value, quoted(output.path.value)));
  }

  void stage(const Stage& stage) {
    line(0, fmt::format("stage {}", stage.name.value));
    for (const StepSpec& one : stage.steps) step(one);
    for (const Need& need : stage.needs) {
      const bool is_percent = need.kind == task::EdgeKind::percent;
      line(1, fmt::format("needs {}: {}", need.stage.value,
                          is_percent ? fmt::format("{}%", need.percent)
                                     : k_edges.at(static_cast<std::size_t>(need.kind))));
    }
    matrix(stage);
    if (stage.at_most) line(1, fmt::format("at_most {}", stage.at_most->value));
    resources(stage.resources);
    slurm(stage.slurm);
    world(stage);
  }

  std::string take() { return std::move(out_); }

 private:
  static std::string quoted_all(const std::vector<std::string>& texts) {
    std::vector<std::string> out;
    for (const std::string& text : texts) out.push_back(quoted(text));
    return join(out, " ");
  }

  static std::string values_of(const std::vector<Located<std::string>>& texts) {
    std::vector<std::string> out;
    for (const auto& text : texts) out.push_back(text.value);
    return quoted_all(out);
  }

  std::string out_;
};

}  // namespace

std::string dump(const Workflow& workflow) {
  Dumper dumper;
  dumper.line(0, "workflow " + workflow.name.value);
  for (const Param& param : workflow.params) dumper.param(param);
  for (const Stage& stage : workflow.stages) dumper.stage(stage);
  std::string order = "order:";
  for (const std::size_t i : topological_order(workflow))
    order += " " + workflow.stages[i].name.value;
  dumper.line(0, order);
  return dumper.take();
}

}  // namespace foz::spec
