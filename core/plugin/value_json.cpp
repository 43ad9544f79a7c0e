#include "core/plugin/value_json.h"

#include <fmt/format.h>

#include <optional>

#include "core/plugin/value_source_json.h"
#include "core/task/json_text.h"

namespace foz::plugin {

namespace {

constexpr int k_max_depth = 64;

/// A parsed tree as a Value; the first thing that no Value can hold is kept.
class Converter {
 public:
  Value convert(const Json& json, int depth) {
    if (depth > k_max_depth) return refuse(fmt::format("deeper than {} levels", k_max_depth));
    if (json.is_array()) return list(json, depth);
    if (json.is_object()) return map(json, depth);
    if (json.is_null()) return refuse("null where a value must be");
    if (json.is_string()) return task::from_json_text(json.get_ref<const std::string&>());
    return json.dump();
  }

  std::optional<std::string> fault;

 private:
  Value refuse(std::string what) {
    if (!fault) fault = std::move(what);
    return {};
  }

  Value list(const Json& json, int depth) {
    Value::List items;
    items.reserve(json.size());
    for (const Json& item : json) items.push_back(convert(item, depth + 1));
    return items;
  }

  Value map(const Json& json, int depth) {
    Value::Map members;
    members.reserve(json.size());
    for (const auto& [key, member] : json.get_ref<const Json::object_t&>()) {
      if (member.is_null()) continue;
      members.emplace_back(task::from_json_text(key), convert(member, depth + 1));
    }
    return members;
  }
};

}  // namespace

Json text_json(std::string_view bytes) {
  return task::to_json_text(bytes);
}

Json texts_json(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text_json(text));
  return out;
}

Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs) {
  Json out = Json::object();
  for (const auto& [name, text] : pairs) out[task::to_json_text(name)] = text_json(text);
  return out;
}

Json value_json(const Value& value) {
  if (const auto* list = value.as_list()) {
    Json out = Json::array();
    for (const Value& item : *list) out.push_back(value_json(item));
    return out;
  }
  if (const auto* map = value.as_map()) {
    Json out = Json::object();
    for (const auto& [key, member] : *map) out[task::to_json_text(key)] = value_json(member);
    return out;
  }
  return text_json(*value.as_text());
}

std::string line_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Value> value_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return fail(Code::invalid, "is no JSON");
  Converter converter;
  Value value = converter.convert(json, 0);
  if (converter.fault) return fail(Code::invalid, *converter.fault);
  return value;
}

std::string to_json(const Value& value) {
  return line_of(value_json(value));
}

}  // namespace foz::plugin
