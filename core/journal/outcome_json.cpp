#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/journal/run_folder.h"

namespace foz::journal {

namespace {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Json to_object(const Pairs& pairs) {
  Json object = Json::object();
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

Pairs from_object(const Json& object) {
  Pairs pairs;
  for (const auto& [name, value] : object.items()) pairs.emplace_back(name, value);
  return pairs;
}

}  // namespace

std::string outcome_to_json(const TaskOutcome& outcome) {
  const Json json{{"stage", outcome.stage},
                  {"index", outcome.index.value},
                  {"name", outcome.name},
                  {"attempt", outcome.attempt},
                  {"state", outcome.state},
                  {"class", outcome.cls},
                  {"sentence", outcome.sentence},
                  {"values", to_object(outcome.values)},
                  {"outputs", to_object(outcome.outputs)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<TaskOutcome> outcome_from_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    TaskOutcome outcome;
    json.at("stage").get_to(outcome.stage);
    json.at("index").get_to(outcome.index.value);
    json.at("name").get_to(outcome.name);
    json.at("attempt").get_to(outcome.attempt);
    json.at("state").get_to(outcome.state);
    json.at("class").get_to(outcome.cls);
    json.at("sentence").get_to(outcome.sentence);
    outcome.values = from_object(json.at("values"));
    outcome.outputs = from_object(json.at("outputs"));
    return outcome;
  } catch (const Json::exception& error) {
    return fail(Code::invalid, fmt::format("an outcome does not parse: {}", error.what()));
  }
}

}  // namespace foz::journal
