#include "core/agent/references.h"

#include <algorithm>

#include "core/base/fd.h"
#include "core/plugin/check_with.h"
#include "core/task/template.h"

namespace foz::agent {

namespace {

const task::Parent* find_parent(const task::StageTasks& stage, std::string_view name) {
  const auto found = std::find_if(stage.parents.begin(), stage.parents.end(),
                                  [name](auto& parent) { return parent.stage == name; });
  return found == stage.parents.end() ? nullptr : &*found;
}

/// The parent as a stage, as far as its outputs' templates ask.
task::StageTasks as_stage(const task::Parent& parent) {
  task::StageTasks stage;
  stage.stage = parent.stage;
  stage.matrix = parent.matrix;
  stage.tasks = parent.tasks;
  stage.outputs = parent.outputs;
  return stage;
}

bool mentions(std::string_view text, std::string_view path) {
  const auto references = task::find_references(text);
  return references && std::any_of(references->begin(), references->end(),
                                   [path](auto& one) { return one.path == path; });
}

bool mentions(const task::Step& step, std::string_view path) {
  if (const auto* argv = std::get_if<task::ArgvCommand>(&step.command))
    return std::any_of(argv->argv.begin(), argv->argv.end(),
                       [path](auto& word) { return mentions(word, path); });
  const auto* command = std::get_if<task::PluginCommand>(&step.command);
  if (command == nullptr) return false;
  bool found = false;
  [[maybe_unused]] const auto walked =
      plugin::map_texts(command->with, [&](const std::string& text) {
        found = found || mentions(text, path);
        return text;
      });
  return found;
}

}  // namespace

std::optional<std::string> References::find(std::string_view path) const {
  if (path.starts_with("needs.")) return find_need(path.substr(6));
  return task::find_task_value(stage_, values_, index_, path);
}

/// "train.model", "train.manifest".
std::optional<std::string> References::find_need(std::string_view path) const {
  const std::size_t dot = path.find('.');
  if (dot == path.npos) return std::nullopt;
  const task::Parent* parent = find_parent(stage_, path.substr(0, dot));
  const std::string_view name = path.substr(dot + 1);
  if (parent == nullptr) return std::nullopt;
  if (name == "manifest") return folder_.manifest(stage_.stage, parent->stage).native();
  const bool is_each = parent->kind == task::EdgeKind::each;
  if (!is_each && parent->tasks != 1) return std::nullopt;
  const auto outputs = parent_outputs(*parent, is_each ? index_ : TaskIndex{0});
  if (!outputs) return std::nullopt;
  const auto found = std::find_if(outputs->begin(), outputs->end(),
                                  [name](auto& output) { return output.first == name; });
  return found == outputs->end() ? std::nullopt : std::optional(found->second);
}

std::string References::fill(std::string_view text) const {
  return task::fill(text, [this](std::string_view path) { return find(path); });
}

Result<std::string> References::finish(std::string_view text) const {
  return task::finish(text, [this](std::string_view path) { return find(path); });
}

Result<std::vector<std::pair<std::string, std::string>>> parent_outputs(const task::Parent& parent,
                                                                        TaskIndex index) {
  std::vector<std::pair<std::string, std::string>> outputs;
  if (parent.outputs.empty()) return outputs;
  FOZ_TRY(const task::Matrix matrix, task::Matrix::make(parent.matrix));
  if (index.value >= matrix.size())
    return fail(Code::not_found, "'" + parent.stage + "' has no such element");
  const task::StageTasks stage = as_stage(parent);
  const auto values = matrix.values(index);
  const auto lookup = [&](std::string_view path) {
    return task::find_task_value(stage, values, index, path);
  };
  FOZ_TRY(const std::string workdir, task::finish(parent.workdir, lookup));
  for (const task::Output& output : parent.outputs) {
    FOZ_TRY(const std::string path, task::finish(output.path, lookup));
    outputs.emplace_back(output.name, (fs::path(workdir) / path).lexically_normal().native());
  }
  return outputs;
}

bool refers_to(const task::StageTasks& stage, std::string_view path) {
  if (mentions(stage.workdir, path)) return true;
  for (const auto& [name, text] : stage.env)
    if (mentions(text, path)) return true;
  for (const task::Output& output : stage.outputs)
    if (mentions(output.path, path)) return true;
  return std::any_of(stage.steps.begin(), stage.steps.end(),
                     [path](auto& step) { return mentions(step, path); });
}

}  // namespace foz::agent
