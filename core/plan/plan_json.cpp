#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.h"
#include "core/plan/plan.h"
#include "core/slurm/request_json.h"
#include "core/task/json_text.h"

namespace foz::plan {

namespace {

using Json = nlohmann::ordered_json;

constexpr int k_version = 1;
constexpr std::string_view k_dependency_kinds[] = {"afterok", "afterany", "held_partner",
                                                   "aftercorr"};

Json dependencies_to_json(const std::vector<Dependency>& dependencies) {
  Json list = Json::array();
  for (const Dependency& d : dependencies)
    list.push_back(
        {{"stage", d.stage}, {"kind", k_dependency_kinds[static_cast<std::size_t>(d.kind)]}});
  return list;
}

Result<std::vector<Dependency>> dependencies_from_json(const Json& json) {
  std::vector<Dependency> dependencies;
  for (const Json& item : json) {
    const auto word = item.at("kind").get<std::string>();
    const auto* const kind =
        std::find(std::begin(k_dependency_kinds), std::end(k_dependency_kinds), word);
    if (kind == std::end(k_dependency_kinds))
      return fail(Code::invalid, "the plan has a dependency of the kind " + quoted(word) +
                                     ", which this foz does not know");
    dependencies.push_back({item.at("stage").get<std::string>(),
                            static_cast<DependencyKind>(kind - std::begin(k_dependency_kinds))});
  }
  return dependencies;
}

std::string text_from(const Json& json) {
  return task::from_json_text(json.get<std::string>());
}

Json texts_to_json(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts) list.push_back(task::to_json_text(text));
  return list;
}

std::vector<std::string> texts_from_json(const Json& json) {
  std::vector<std::string> texts;
  for (const Json& item : json) texts.push_back(text_from(item));
  return texts;
}

std::string request_to_json(const slurm::SubmitRequest& request) {
  return slurm::to_json(slurm::with_texts(request, task::to_json_text));
}

Result<slurm::SubmitRequest> request_from_json(const Json& json) {
  FOZ_TRY(auto request, slurm::request_from_json(json.dump()));
  return slurm::with_texts(std::move(request), task::from_json_text);
}

Json stage_to_json(const StagePlan& stage) {
  return {{"name", stage.name},
          {"root", stage.is_root},
          {"at_most", stage.at_most},
          {"dependencies", dependencies_to_json(stage.dependencies)},
          {"request", Json::parse(request_to_json(stage.request))},
          {"notes", texts_to_json(stage.notes)},
          {"tasks", Json::parse(task::to_json(stage.tasks))}};
}

Result<StagePlan> stage_from_json(const Json& json) {
  StagePlan stage;
  stage.name = json.at("name").get<std::string>();
  stage.is_root = json.at("root").get<bool>();
  stage.at_most = json.at("at_most").get<std::uint32_t>();
  FOZ_TRY(stage.dependencies, dependencies_from_json(json.at("dependencies")));
  stage.notes = texts_from_json(json.at("notes"));
  FOZ_TRY(stage.request, request_from_json(json.at("request")));
  FOZ_TRY(stage.tasks, task::stage_from_json(json.at("tasks").dump()));
  return stage;
}

Result<Plan> read(const Json& json) {
  const int version = json.at("foz_plan").get<int>();
  if (version != k_version)
    return fail(Code::invalid, "the plan has format " + std::to_string(version) +
                                   ", this foz reads " + std::to_string(k_version));
  Plan plan;
  plan.workflow = json.at("workflow").get<std::string>();
  plan.run_id = json.at("run").get<std::string>();
  plan.workdir = text_from(json.at("workdir"));
  plan.run_folder = text_from(json.at("run_folder"));
  plan.polling_floor = Seconds(json.at("polling_floor_s").get<std::int64_t>());
  plan.tasks = json.at("tasks").get<std::uint64_t>();
  if (const auto params = json.find("params"); params != json.end())  // not of an older foz
    for (const auto& [name, value] : params->items())
      plan.params.emplace_back(name, text_from(value));
  const Json& rpcs = json.at("rpcs");
  plan.rpcs = {rpcs.at("submit").get<std::uint32_t>(), rpcs.at("release").get<std::uint32_t>(),
               rpcs.at("from_jobs").get<std::uint64_t>()};
  plan.files = json.at("files").get<std::uint32_t>();
  plan.plugins = texts_from_json(json.at("plugins"));
  plan.dropped_environment = texts_from_json(json.at("left_out_of_environment"));
  if (const auto waves = json.find("waves"); waves != json.end()) {
    FOZ_TRY(slurm::SubmitRequest request, request_from_json(waves->at("request")));
    plan.waves =
        Waves{waves->at("jobs_at_once").get<std::uint32_t>(), std::move(request), std::string()};
  }
  for (const Json& item : json.at("stages")) {
    FOZ_TRY(StagePlan stage, stage_from_json(item));
    plan.stages.push_back(std::move(stage));
  }
  return plan;
}

}  // namespace

std::string to_json(const Plan& plan) {
  Json stages = Json::array();
  for (const StagePlan& stage : plan.stages) stages.push_back(stage_to_json(stage));
  Json params = Json::object();
  for (const auto& [name, value] : plan.params) params[name] = task::to_json_text(value);
  Json json = {{"foz_plan", k_version},
               {"workflow", plan.workflow},
               {"params", std::move(params)},
               {"run", plan.run_id},
               {"workdir", task::to_json_text(plan.workdir)},
               {"run_folder", task::to_json_text(plan.run_folder)},
               {"polling_floor_s", plan.polling_floor.count()},
               {"tasks", plan.tasks},
               {"rpcs",
                {{"submit", plan.rpcs.submit},
                 {"release", plan.rpcs.release},
                 {"from_jobs", plan.rpcs.from_jobs}}},
               {"files", plan.files},
               {"plugins", texts_to_json(plan.plugins)},
               {"left_out_of_environment", texts_to_json(plan.dropped_environment)},
               {"stages", std::move(stages)}};
  if (plan.waves) {
    json["waves"] = {{"jobs_at_once", plan.waves->jobs_at_once},
                     {"request", Json::parse(request_to_json(plan.waves->request))}};
  }
  return json.dump(1) + "\n";
}

Result<Plan> plan_from_json(std::string_view text) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return fail(Code::invalid, std::string("a plan that does not parse: ") + error.what());
  }
}

}  // namespace foz::plan
