#include <nlohmann/json.hpp>

#include "cli/runs.h"
#include "cli/task_names.h"

namespace foz::cli {

namespace {

using Json = nlohmann::ordered_json;

bool is_file(const OpenRun& run, const std::string& log) {
  std::error_code error;
  return !log.empty() && fs::is_regular_file(run.folder.root() / log, error);
}

/// What no keeper has spoken of may never have written anything.
bool is_log_to_name(const OpenRun& run, const run::TaskStatus& task) {
  return task.attempt != 0 || is_file(run, task.log);
}

/// Of what has succeeded the values are not told: there may be very many, and nobody looks for
/// them.
Json task_to_json(const OpenRun& run, const run::TaskStatus& task, const TaskNames& names) {
  Json json = {
      {"index", task.index.value}, {"state", run::state_name(task.state)}, {"source", task.source}};
  const auto values = task.state == run::TaskState::succeeded ? task::MatrixValues()
                                                              : names.values(task.index.value);
  for (const auto& [name, value] : values) json["matrix"][name] = value;
  if (task.attempt != 0) json["attempt"] = task.attempt;
  if (task.job.value != 0) json["job"] = task.job.value;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  text("nodes", task.nodes), text("class", task.cls), text("sentence", task.sentence);
  if (is_log_to_name(run, task)) text("log", task.log);
  if (task.started != 0) json["started_ms"] = task.started;
  if (task.ended != 0) json["ended_ms"] = task.ended;
  return json;
}

void add_times(Json& json, UnixMillis first, const char* first_name, UnixMillis last) {
  if (first != 0) json[first_name] = first;
  if (last != 0) json["ended_ms"] = last;
}

/// Tasks first..last, of which nothing single is to be said.
Json group_to_json(const run::TaskGroup& group) {
  Json json = {
      {"first", group.first}, {"last", group.last}, {"state", run::state_name(group.state)}};
  if (!group.cls.empty()) json["class"] = group.cls;
  if (!group.sentence.empty()) json["sentence"] = group.sentence;
  json["source"] = group.source;
  return json;
}

Json stage_to_json(const OpenRun& run, const run::StageStatus& stage, const plan::StagePlan& plan) {
  const TaskNames names(plan);
  Json counts = Json::object();
  for (const auto& [state, count] : stage.counts)
    if (count != 0) counts[std::string(run::state_name(state))] = count;
  Json known = Json::array();
  for (const auto& [index, task] : stage.known) known.push_back(task_to_json(run, task, names));
  Json groups = Json::array();
  for (const auto& group : stage.groups) groups.push_back(group_to_json(group));
  Json json = {{"name", stage.name},           {"tasks", stage.tasks}, {"counts", counts},
               {"waits_for", stage.waits_for}, {"known", known},       {"groups", groups}};
  add_times(json, stage.started, "started_ms", stage.ended);
  return json;
}

/// Steps that failed, as they may.
Json tolerated_to_json(const std::vector<run::ToleratedFailure>& failures) {
  Json all = Json::array();
  for (const auto& failure : failures)
    all.push_back({{"stage", failure.stage},
                   {"index", failure.index},
                   {"attempt", failure.attempt},
                   {"step", failure.step},
                   {"class", failure.cls},
                   {"sentence", failure.sentence}});
  return all;
}

std::string text_of(const Json& json, JsonForm form) {
  return json.dump(form == JsonForm::indented ? 1 : -1, ' ', false,
                   Json::error_handler_t::replace) +
         "\n";
}

}  // namespace

std::string unreadable_to_json(const journal::RunFolder& folder, const Error& error) {
  const Json json = {{"foz_status", 1},
                     {"run", folder.run_id()},
                     {"folder", folder.root().string()},
                     {"state", "unreadable"},
                     {"remarks", {error.message}}};
  return text_of(json, JsonForm::one_line);
}

std::string status_to_json(const OpenRun& run, const run::RunStatus& status, JsonForm form) {
  Json stages = Json::array();
  for (std::size_t i = 0; i < status.stages.size(); ++i)
    stages.push_back(stage_to_json(run, status.stages[i], run.plan.stages[i]));
  Json json = {{"foz_status", 1},
               {"run", status.run_id},
               {"workflow", status.workflow},
               {"folder", run.folder.root().string()},
               {"state", status.state},
               {"queue", status.queue_answered ? "answered"
                         : status.queue_asked  ? "silent"
                                               : "not asked"},
               {"stages", stages},
               {"tolerated", tolerated_to_json(status.tolerated)},
               {"remarks", status.remarks}};
  add_times(json, status.began, "began_ms", status.ended);
  return text_of(json, form);
}

}  // namespace foz::cli
