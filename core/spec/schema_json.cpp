#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/spec/documents.h"
#include "core/spec/keys.h"

namespace foz::spec {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view k_name_pattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

Json reference_to(std::string_view definition) {
  return {{"$ref", fmt::format("#/definitions/{}", definition)}};
}

Json any_of(std::initializer_list<Json> shapes) {
  return {{"anyOf", Json(Json::array_t(shapes))}};
}

Json list_of(const Json& item) {
  return {{"type", "array"}, {"items", item}};
}

Json map_of(const Json& value) {
  return {{"type", "object"}, {"additionalProperties", value}};
}

Json map_of_names(const Json& value) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", k_name_pattern}}},
          {"additionalProperties", value}};
}

Json pattern(std::string_view expression) {
  return {{"type", "string"}, {"pattern", expression}};
}

Json one_of_words(std::initializer_list<std::string_view> words) {
  return {{"enum", Json(Json::array_t(words.begin(), words.end()))}};
}

/// A param may stand where a number, a flag or a word is asked.
Json or_param(const Json& shape) {
  return any_of({shape, pattern("\\$\\{\\{")});
}

Json integer_from(int least) {
  return or_param({{"type", "integer"}, {"minimum", least}});
}

Json text() {
  return {{"type", Json::array({"string", "number", "boolean"})}};
}

/// The mapping of a block.
Json block_shape(Block block);

Json defaults_shape();

Json needs_shape() {
  const Json kind = pattern("^(success|each|finished|([1-9][0-9]?|100)%)$");
  const Json map = map_of_names(kind);
  const Json name = pattern(k_name_pattern);
  return any_of({name, map, list_of(any_of({name, map}))});
}

Json matrix_shape() {
  const Json axis = any_of({{{"type", "array"}, {"minItems", 1}, {"items", text()}},
                            or_param(pattern("^-?[0-9]+\\.\\.-?[0-9]+(\\.\\.-?[0-9]+)?$")),
                            block_shape(Block::axis)});
  Json shape = map_of_names(axis);
  shape["properties"] = {{"except", list_of(map_of(text()))}};
  shape["minProperties"] = 1;
  return shape;
}

Json params_shape() {
  return map_of_names(any_of({text(), {{"type", "null"}}, block_shape(Block::param)}));
}

Json stages_shape() {
  Json shape = map_of_names(reference_to("stage"));
  shape["minProperties"] = 1;
  return shape;
}

Json variables_shape() {
  Json shape = map_of(text());
  shape["propertyNames"] = {{"pattern", "^(?!FOZ_)[A-Za-z_][A-Za-z0-9_]*$"}};
  return shape;
}

/// One scalar.
Json scalar_shape(Form form) {
  switch (form) {
    case Form::version:
      return {{"const", 1}};
    case Form::name:
      return pattern(k_name_pattern);
    case Form::text:
      return text();
    case Form::line:
      return text();
    case Form::words:
      return any_of({text(), list_of(text())});
    case Form::count:
      return integer_from(1);
    case Form::count_or_zero:
      return integer_from(0);
    case Form::integer:
      return or_param({{"type", "integer"}});
    case Form::flag:
      return or_param({{"type", "boolean"}});
    case Form::duration:
      return or_param(
          pattern("^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$|^([0-9]+-)?[0-9]+(:[0-9]{2}){0,2}$"));
    case Form::bytes:
      return or_param(pattern("^[0-9]+(\\.[0-9]+)?([KMGTPE]iB|[kKMGTP]?B)$"));
    case Form::nodes:
      return any_of({integer_from(1), pattern("^[1-9][0-9]*\\.\\.[1-9][0-9]*$")});
    case Form::all_word:
      return or_param({{"const", "all"}});
    case Form::octal:
      return any_of({pattern("^[0-7]{1,4}$|\\$\\{\\{"), {{"type", "integer"}}});
    case Form::place:
      return one_of_words({"ranks", "first_node", "every_node"});
    case Form::type:
      return one_of_words({"text", "int", "number", "bool"});
    default:
      return {};
  }
}

Json shape_of(Form form) {
  switch (form) {
    case Form::texts:
      return list_of(text());
    case Form::lines:
      return list_of({{"type", "string"}});
    case Form::command:
      return any_of(
          {{{"type", "string"}}, {{"type", "array"}, {"minItems", 1}, {"items", text()}}});
    case Form::with:
      return {{"type", "object"}};
    case Form::steps:
      return {{"type", "array"}, {"minItems", 1}, {"items", reference_to("step")}};
    case Form::params:
      return params_shape();
    case Form::defaults:
      return defaults_shape();
    case Form::stages:
      return stages_shape();
    case Form::needs:
      return needs_shape();
    case Form::matrix:
      return matrix_shape();
    case Form::except:
      return list_of(map_of(text()));
    case Form::array:
      return block_shape(Block::array);
    case Form::resources:
      return reference_to("resources");
    case Form::slurm:
      return reference_to("slurm");
    case Form::variables:
      return variables_shape();
    case Form::limits:
      return map_of(text());
    case Form::outputs:
      return map_of_names(text());
    case Form::later:
      return {{"not", Json::object()}};
    default:
      return scalar_shape(form);
  }
}

Json property_of(const Key& key) {
  Json shape = shape_of(key.form);
  std::string help(is_built(key) ? key.help : key.brings);
  if (!is_built(key)) help = "not built yet: " + help;
  if (shape.contains("$ref"))
    shape = {{"allOf", Json::array({shape})}};  // draft 7 reads nothing beside a $ref
  shape["description"] = help;
  return shape;
}

Json block_shape(Block block) {
  Json properties = Json::object();
  for (const Key& key : keys_of(block)) properties[std::string(key.name)] = property_of(key);
  return {
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

Json defaults_shape() {
  Json properties = Json::object();
  for (const Key& key : keys_of(Block::stage)) {
    if (key.in_defaults == InDefaults::yes) properties[std::string(key.name)] = property_of(key);
  }
  return {
      {"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

/// One of the ways to say what to do, and only one.
Json with_one_way(Json shape, std::initializer_list<std::string_view> ways) {
  Json choices = Json::array();
  for (const std::string_view way : ways) choices.push_back({{"required", Json::array({way})}});
  shape["oneOf"] = std::move(choices);
  shape["dependencies"] = {{"with", Json::array({"uses"})}};
  return shape;
}

}  // namespace

std::string workflow_schema() {
  Json schema{
      {"$schema", "http://json-schema.org/draft-07/schema#"},
      {"title", "foz workflow"},
      {"description",
       "A workflow of foz: stages that run on Slurm. Written from foz's own table of keys."}};
  schema.update(block_shape(Block::workflow));
  schema["required"] = {"foz", "name", "stages"};
  schema["definitions"] = {
      {"stage", with_one_way(block_shape(Block::stage), {"run", "uses", "steps"})},
      {"step", with_one_way(block_shape(Block::step), {"run", "uses"})},
      {"resources", block_shape(Block::resources)},
      {"slurm", block_shape(Block::slurm)}};
  return schema.dump(2) + "\n";
}

}  // namespace foz::spec
