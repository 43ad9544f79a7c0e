#include <nlohmann/json.hpp>

#include "core/plan/plan.h"
#include "core/slurm/request_json.h"

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

std::vector<Dependency> dependencies_from_json(const Json& json) {
  std::vector<Dependency> dependencies;
  for (const Json& item : json) {
    const auto word = item.at("kind").get<std::string>();
    for (std::size_t i = 0; i < std::size(k_dependency_kinds); ++i)
      if (k_dependency_kinds[i] == word)
        dependencies.push_back(
            {item.at("stage").get<std::string>(), static_cast<DependencyKind>(i)});
  }
  return dependencies;
}

Json stage_to_json(const StagePlan& stage) {
  return {{"name", stage.name},
          {"root", stage.is_root},
          {"at_most", stage.at_most},
          {"dependencies", dependencies_to_json(stage.dependencies)},
          {"request", Json::parse(slurm::to_json(stage.request))},
          {"notes", stage.notes},
          {"tasks", Json::parse(task::to_json(stage.tasks))}};
}

Result<StagePlan> stage_from_json(const Json& json) {
  StagePlan stage;
  stage.name = json.at("name").get<std::string>();
  stage.is_root = json.at("root").get<bool>();
  stage.at_most = json.at("at_most").get<std::uint32_t>();
  stage.dependencies = dependencies_from_json(json.at("dependencies"));
  stage.notes = json.at("notes").get<std::vector<std::string>>();
  FOZ_TRY(stage.request, slurm::request_from_json(json.at("request").dump()));
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
  plan.workdir = json.at("workdir").get<std::string>();
  plan.run_folder = json.at("run_folder").get<std::string>();
  plan.polling_floor = Seconds(json.at("polling_floor_s").get<std::int64_t>());
  plan.tasks = json.at("tasks").get<std::uint64_t>();
  plan.submit_rpcs = json.at("rpcs").at("submit").get<std::uint32_t>();
  plan.release_rpcs = json.at("rpcs").at("release").get<std::uint32_t>();
  plan.files = json.at("files").get<std::uint32_t>();
  plan.plugins = json.at("plugins").get<std::vector<std::string>>();
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
  const Json json = {{"foz_plan", k_version},
                     {"workflow", plan.workflow},
                     {"run", plan.run_id},
                     {"workdir", plan.workdir},
                     {"run_folder", plan.run_folder},
                     {"polling_floor_s", plan.polling_floor.count()},
                     {"tasks", plan.tasks},
                     {"rpcs", {{"submit", plan.submit_rpcs}, {"release", plan.release_rpcs}}},
                     {"files", plan.files},
                     {"plugins", plan.plugins},
                     {"stages", std::move(stages)}};
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
