#include <fmt/format.h>

#include "core/spec/companions.h"
#include "core/spec/draft.h"
#include "core/spec/matrix_reader.h"
#include "core/spec/needs.h"
#include "core/spec/resources.h"
#include "core/spec/slurm_block.h"
#include "core/spec/steps.h"
#include "core/spec/world.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::int64_t k_most_at_once = 10'000'000;

void read_array(const Entry& entry, Draft& draft, Diagnostics& diagnostics) {
  draft.array_where = entry.key.where;
  const BlockReader block(entry.value, Block::array, "'array'", diagnostics);
  const Node* at_most = block.find("at_most");
  if (at_most == nullptr) return;
  const auto value = yaml::as_integer_between(*at_most, "at_most", 1, k_most_at_once, diagnostics);
  if (!value) return;
  draft.stage.at_most = Located<std::uint32_t>{static_cast<std::uint32_t>(*value), at_most->where};
}

void read_when(const BlockReader& block, Draft& draft, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  if (const Node* node = block.find("needs")) draft.stage.needs = read_needs(*node, diagnostics);
  if (const Entry* entry = block.find_entry("array")) read_array(*entry, draft, diagnostics);
  const Entry* matrix = block.find_entry("matrix");
  auto spec = matrix == nullptr ? std::nullopt : read_matrix(*matrix, reading);
  draft.is_matrix_known = spec.has_value() || !draft.matrix_where;
  if (!spec) return;
  draft.stage.matrix = std::move(spec->rule);
  draft.tasks = spec->size;
}

void read_world(const BlockReader& block, Stage& stage, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  if (const Node* node = block.find("env")) stage.env = read_env(*node, diagnostics);
  if (const Node* node = block.find("setup")) stage.setup = read_setup(*node, diagnostics);
  if (const Node* node = block.find("workdir")) stage.workdir = read_workdir(*node, diagnostics);
  if (const Node* node = block.find("limits")) stage.limits = read_limits(*node, diagnostics);
  if (const Node* node = block.find("umask")) {
    stage.umask = read_umask(*node, diagnostics);
  }
  if (const Node* node = block.find("outputs")) stage.outputs = read_outputs(*node, diagnostics);
}

}  // namespace

Draft read_stage(Entry entry, Reading& reading) {
  Draft draft;
  Stage& stage = draft.stage;
  stage.name = entry.key;
  if (const Entry* matrix = entry.value.find_entry("matrix"))
    draft.matrix_where = matrix->key.where;
  fill_stage_params(entry.value, reading);
  const BlockReader block(entry.value, Block::stage, "a stage", reading.diagnostics);
  if (!block.is_map() && !entry.value.is_null()) return draft;
  const std::size_t errors = reading.diagnostics.error_count();
  refuse_idle_keys(entry.value, Block::stage, reading.diagnostics);
  stage.steps = read_steps(block, stage.name, reading.diagnostics);
  draft.has_sound_steps = errors == reading.diagnostics.error_count();
  read_when(block, draft, reading);
  if (const Node* node = block.find("resources")) {
    stage.resources = read_resources(*node, Layer::stage, reading.diagnostics);
  }
  if (const Node* node = block.find("slurm")) stage.slurm = read_slurm(*node, reading);
  read_world(block, stage, reading);
  draft.texts = collect_texts(entry.value);
  return draft;
}

}  // namespace foz::spec
