#include "core/spec/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/spec/companions.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::array<std::string_view, 3> k_places = {"ranks", "first_node", "every_node"};

void read_argv(const Node& node, StepSpec& step, Diagnostics& diagnostics) {
  step.argv.emplace();
  for (const Node& item : node.items) {
    auto word = yaml::as_string(item, "run", diagnostics);
    if (word) step.argv->push_back({std::move(*word), item.where});
  }
  const bool has_program =
      !node.items.empty() && !(node.items.front().is_scalar() && node.items.front().text.empty());
  if (!has_program) diagnostics.error(node.where, "'run' names no program");
}

void read_script(const Node& node, StepSpec& step, Diagnostics& diagnostics) {
  if (!node.is_scalar()) {
    diagnostics.error(node.where, fmt::format("'run' must be a script or a list of words, got {}",
                                              yaml::describe(node)));
    return;
  }
  if (trim(node.text).empty()) diagnostics.error(node.where, "'run' is empty");
  step.shell = Located<std::string>{node.text, node.where};
}

/// A null is an absent member: of a map it is left out, in a list it is an error.
plugin::Value value_of(const Node& node, Diagnostics& diagnostics) {
  if (node.is_sequence()) {
    plugin::Value::List list;
    for (const Node& item : node.items) {
      if (item.is_null()) diagnostics.error(item.where, "nothing stands at this place of the list");
      list.push_back(value_of(item, diagnostics));
    }
    return list;
  }
  if (!node.is_map()) return node.text;
  plugin::Value::Map map;
  for (const Entry& entry : node.entries) {
    if (!entry.value.is_null())
      map.emplace_back(entry.key.value, value_of(entry.value, diagnostics));
  }
  return map;
}

void read_with(const Node& node, StepSpec& step, Diagnostics& diagnostics) {
  if (!is_mapping(node, "'with'", diagnostics)) return;
  if (!node.is_null()) step.with = value_of(node, diagnostics);
  for (const Entry& entry : node.entries) {
    step.with_where.emplace(entry.key.value,
                            entry.value.is_scalar() ? entry.value.where : entry.key.where);
  }
}

void read_place(const Entry& entry, StepSpec& step, Diagnostics& diagnostics) {
  const auto word = yaml::as_string(entry.value, "on", diagnostics);
  if (!word) return;
  const auto found = std::find(k_places.begin(), k_places.end(), *word);
  if (found == k_places.end()) {
    diagnostics.error(
        entry.value.where,
        fmt::format("'on' must be ranks, first_node or every_node, got {}", quoted(*word)));
    return;
  }
  step.place = static_cast<task::StepPlace>(found - k_places.begin());
}

/// `run`, or `uses` and `with`, of a stage or of one of `steps`.
StepSpec read_command(const BlockReader& block, Diagnostics& diagnostics) {
  StepSpec step;
  step.with = plugin::Value::Map{};
  if (const Entry* run = block.find_entry("run")) {
    step.where = run->key.where;
    run->value.is_sequence() ? read_argv(run->value, step, diagnostics)
                             : read_script(run->value, step, diagnostics);
  }
  if (const Entry* uses = block.find_entry("uses")) {
    step.where = uses->key.where;
    step.uses = read_line(uses->value, "uses", diagnostics);
    if (!step.uses) step.uses = Located<std::string>{"", uses->value.where};
  }
  if (const Node* with = block.find("with")) read_with(*with, step, diagnostics);
  return step;
}

/// Whether exactly one of the ways to say what to do is there.
bool check_one_way(const BlockReader& block, std::initializer_list<std::string_view> ways,
                   const SourceRange& where, std::string_view subject, Diagnostics& diagnostics) {
  const Entry* first = nullptr;
  for (const std::string_view way : ways) {
    const Entry* entry = block.find_entry(way);
    if (entry == nullptr) continue;
    if (first != nullptr) {
      diagnostics.error(
          entry->key.where, fmt::format("'{}' and '{}' exclude each other", first->key.value, way),
          ways.size() == 3 ? "several commands in one job are 'steps'" : "make two steps of them");
      return false;
    }
    first = entry;
  }
  if (first != nullptr || block.find_entry("with") != nullptr) return first != nullptr;
  diagnostics.error(where, fmt::format("{} says nothing to do", subject),
                    fmt::format("give it one of {}", join({ways.begin(), ways.end()}, ", ")));
  return false;
}

StepSpec read_step(const Node& node, std::size_t index, Diagnostics& diagnostics) {
  const auto scope = diagnostics.in(fmt::format("in step {}", index));
  const BlockReader block(node, Block::step, "a step", diagnostics);
  if (block.is_map() || node.is_null()) {
    (void)check_one_way(block, {"run", "uses"}, node.where, "this step", diagnostics);
  }
  StepSpec step = read_command(block, diagnostics);
  if (!step.where.file) step.where = node.where;
  refuse_idle_keys(node, Block::step, diagnostics);
  const Entry* place = block.find_entry("on");
  if (place != nullptr && !is_idle(node, Block::step, "on")) read_place(*place, step, diagnostics);
  if (const Node* flag = block.find("may_fail")) {
    step.may_fail = yaml::as_bool(*flag, "may_fail", diagnostics).value_or(false);
  }
  return step;
}

}  // namespace

std::vector<StepSpec> read_steps(const BlockReader& stage, const Located<std::string>& name,
                                 Diagnostics& diagnostics) {
  if (!check_one_way(stage, {"run", "uses", "steps"}, name.where,
                     fmt::format("stage '{}'", name.value), diagnostics)) {
    return {};
  }
  const Node* list = stage.find("steps");
  if (list == nullptr) return {read_command(stage, diagnostics)};
  std::vector<StepSpec> steps;
  if (!list->is_sequence() || list->items.empty()) {
    diagnostics.error(list->where,
                      fmt::format("'steps' must be a list of commands, got {}",
                                  list->is_sequence() ? "an empty one" : yaml::describe(*list)));
    return steps;
  }
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    steps.push_back(read_step(list->items[i], i, diagnostics));
  }
  return steps;
}

}  // namespace foz::spec
