#include "tests/fuzz/workflow_target.h"

#include <fmt/format.h>

#include "core/base/utf8.h"
#include "core/spec/workflow.h"
#include "core/task/template.h"

namespace foz::spec {

namespace {

/// What a plan will do with it must not fail.
void look_at(const Stage& stage) {
  FOZ_ASSERT(!stage.steps.empty());
  if (stage.matrix) {
    const auto matrix = task::Matrix::make(stage.matrix->value);
    FOZ_ASSERT(matrix.has_value() && matrix->size() > 0);
    FOZ_ASSERT(matrix->values({0}).size() == matrix->values({matrix->size() - 1}).size());
  }
  for (const auto& [name, value] : stage.env)
    FOZ_ASSERT(task::find_references(value.value).has_value());
  for (const OutputSpec& output : stage.outputs)
    FOZ_ASSERT(task::find_references(output.path.value).has_value());
  for (const auto& [name, value] : stage.slurm.options) {
    FOZ_ASSERT(value.value.find_first_of(std::string_view("\n\r\0", 3)) == std::string::npos);
  }
}

}  // namespace

void try_workflow(std::string_view bytes) {
  Diagnostics diagnostics;
  const ReadOptions options{"/nonexistent", {{"n", "1"}}};
  const auto workflow = read_workflow(bytes, "fuzz.yaml", options, diagnostics);
  FOZ_ASSERT(workflow.has_value() != diagnostics.has_errors());
  FOZ_ASSERT(!find_invalid_utf8(diagnostics.render()));
  if (!workflow) return;
  FOZ_ASSERT(topological_order(*workflow).size() == workflow->stages.size());
  for (const Stage& stage : workflow->stages) look_at(stage);
}

}  // namespace foz::spec
