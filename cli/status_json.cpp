#include <nlohmann/json.hpp>

#include "cli/runs.h"

namespace foz::cli {

namespace {

using Json = nlohmann::ordered_json;

Json task_to_json(const run::TaskStatus& task) {
  Json json = {
      {"index", task.index.value}, {"state", run::state_name(task.state)}, {"source", task.source}};
  if (task.attempt != 0) json["attempt"] = task.attempt;
  if (task.job.value != 0) json["job"] = task.job.value;
  const auto text = [&](const char* name, const std::string& value) {
    if (!value.empty()) json[name] = value;
  };
  text("nodes", task.nodes), text("class", task.cls), text("sentence", task.sentence),
      text("log", task.log);
  if (task.started != 0) json["started_ms"] = task.started;
  if (task.ended != 0) json["ended_ms"] = task.ended;
  return json;
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

Json stage_to_json(const run::StageStatus& stage) {
  Json counts = Json::object();
  for (const auto& [state, count] : stage.counts)
    if (count != 0) counts[std::string(run::state_name(state))] = count;
  Json known = Json::array();
  for (const auto& [index, task] : stage.known) known.push_back(task_to_json(task));
  Json groups = Json::array();
  for (const auto& group : stage.groups) groups.push_back(group_to_json(group));
  return {{"name", stage.name},           {"tasks", stage.tasks}, {"counts", counts},
          {"waits_for", stage.waits_for}, {"known", known},       {"groups", groups}};
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

}  // namespace

std::string unreadable_to_json(const journal::RunFolder& folder, const Error& error) {
  const Json json = {{"foz_status", 1},
                     {"run", folder.run_id()},
                     {"folder", folder.root().string()},
                     {"state", "unreadable"},
                     {"remarks", {error.message}}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string status_to_json(const OpenRun& run, const run::RunStatus& status) {
  Json stages = Json::array();
  for (const auto& stage : status.stages) stages.push_back(stage_to_json(stage));
  const Json json = {{"foz_status", 1},
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
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace foz::cli
