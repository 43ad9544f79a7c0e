#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/plan/builder.h"
#include "core/task/template.h"

namespace foz::plan {

namespace {

constexpr const char* k_hint = "it must be there when the task starts";

/// A path that is the same for every task; nullopt where a task's own values stand in it.
std::optional<std::string> settled(const std::string& text) {
  auto path = task::finish(text, [](std::string_view) { return std::nullopt; });
  if (!path) return std::nullopt;
  return std::move(*path);
}

/// What all of an output's paths begin with.
fs::path settled_beginning(const task::StageTasks& tasks, const task::Output& output) {
  const std::string whole = (fs::path(tasks.workdir) / output.path).native();
  const auto references = task::find_references(whole);
  if (!references || references->empty()) return settled(whole).value_or(whole);
  return whole.substr(0, references->front().offset);
}

bool is_made_above(const std::string& path, const std::vector<StagePlan>& above) {
  const auto covers = [&](const task::StageTasks& tasks, const task::Output& output) {
    const std::string made = settled_beginning(tasks, output).lexically_normal().native();
    return path.starts_with(made) || made.starts_with(path + "/");
  };
  return std::any_of(above.begin(), above.end(), [&](const StagePlan& stage) {
    return std::any_of(stage.tasks.outputs.begin(), stage.tasks.outputs.end(),
                       [&](const task::Output& output) { return covers(stage.tasks, output); });
  });
}

/// Looks for the files of one stage.
class Looking {
 public:
  Looking(const std::vector<StagePlan>& above, const Context& context, Diagnostics& diagnostics)
      : above_(&above), context_(&context), diagnostics_(&diagnostics) {}

  /// Whether `path` is there now, or may be later; a warning at `where` if not.
  bool look_for(const std::string& title, const fs::path& path, const SourceRange& where) const {
    const std::string name = path.lexically_normal().native();
    if (context_->exists(name) || is_made_above(name, *above_)) return true;
    diagnostics_->warning(where, title + " " + quoted(name) + " is not there", k_hint);
    return false;
  }

 private:
  const std::vector<StagePlan>* above_;
  const Context* context_;
  Diagnostics* diagnostics_;
};

/// The places of other machines (hdfs://, s3a://) are not looked at.
bool is_address(const std::string& path) {
  return path.find("://") != std::string::npos;
}

void look_for_parameters(const spec::StepSpec& step, const task::PluginCommand& command,
                         const plugin::Description& description, const fs::path& workdir,
                         const Looking& looking) {
  for (const plugin::Field& field : description.fields) {
    const auto where = step.with_where.find(field.name);
    const plugin::Value* value = command.with.find(field.name);
    if (field.type != plugin::FieldType::path || where == step.with_where.end()) continue;
    if (value == nullptr || value->as_text() == nullptr || value->as_text()->empty()) continue;
    const auto path = settled(*value->as_text());
    if (!path || is_address(*path)) continue;
    looking.look_for("'" + field.name + "'", workdir / *path, where->second);
  }
}

}  // namespace

void warn_of_missing(const spec::Stage& stage, const task::StageTasks& tasks,
                     const std::vector<StagePlan>& above, const Context& context,
                     Diagnostics& diagnostics) {
  const auto workdir = settled(tasks.workdir);
  if (!context.exists || !workdir) return;
  const Looking looking(above, context, diagnostics);
  if (stage.workdir && !looking.look_for("'workdir'", *workdir, stage.workdir->where)) return;
  for (std::size_t i = 0; i < stage.steps.size(); ++i) {
    const auto* command = std::get_if<task::PluginCommand>(&tasks.steps[i].command);
    if (command == nullptr) continue;
    if (const auto plugin = context.find_plugin(command->plugin))
      look_for_parameters(stage.steps[i], *command, (*plugin)->describe(), *workdir, looking);
  }
}

}  // namespace foz::plan
