#include "tests/unit/plugin/schema_json.h"

#include <fmt/format.h>
#include <regex.h>

#include <nlohmann/json.hpp>

#include "core/base/fd.h"
#include "tests/support/folders.h"

namespace foz::plugin {

namespace {

using Json = nlohmann::json;

bool matches(const std::string& text, const std::string& pattern) {
  regex_t compiled;
  if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0) return false;
  const bool found = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return found;
}

class Validator {
 public:
  explicit Validator(const Json& root) : root_(root) {}

  std::string check(const Json& value, const Json& schema, const std::string& at) const {
    for (const auto& [keyword, wanted] : schema.items()) {
      const std::string fault = check_keyword(keyword, wanted, value, schema, at);
      if (!fault.empty()) return fault;
    }
    return {};
  }

 private:
  std::string check_keyword(const std::string& keyword, const Json& wanted, const Json& value,
                            const Json& schema, const std::string& at) const {
    if (keyword == "description") return {};
    if (keyword == "$ref") return check_reference(wanted, value, at);
    if (keyword == "type")
      return say(has_type(value, wanted), at, "must be " + wanted.get<std::string>());
    if (keyword == "const") return say(value == wanted, at, "must be " + wanted.dump());
    if (keyword == "enum")
      return say(is_among(value, wanted), at, "must be one of " + wanted.dump());
    if (keyword == "required") return check_required(wanted, value, at);
    if (keyword == "properties") return check_properties(wanted, value, at);
    if (keyword == "additionalProperties") return check_others(wanted, schema, value, at);
    if (keyword == "items") return check_items(wanted, value, at);
    if (keyword == "minItems")
      return say(value.size() >= wanted.get<std::size_t>(), at, "is too short");
    if (keyword == "minLength")
      return say(!value.is_string() || value.get<std::string>().size() >= wanted.get<std::size_t>(),
                 at, "is too short");
    if (keyword == "minimum") return say(!value.is_number() || value >= wanted, at, "is too small");
    if (keyword == "pattern")
      return say(matches(value.get<std::string>(), wanted.get<std::string>()), at,
                 "has the wrong form");
    if (keyword == "anyOf" || keyword == "oneOf") return check_some(keyword, wanted, value, at);
    return fmt::format("keyword '{}' is not known to this test", keyword);
  }

  static std::string say(bool good, const std::string& at, const std::string& what) {
    return good ? "" : fmt::format("{} {}", at, what);
  }

  static bool has_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    return type == "boolean" && value.is_boolean();
  }

  static bool is_among(const Json& value, const Json& list) {
    return std::find(list.begin(), list.end(), value) != list.end();
  }

  std::string check_reference(const std::string& reference, const Json& value,
                              const std::string& at) const {
    return check(value, root_.at(Json::json_pointer(reference.substr(1))), at);
  }

  std::string check_required(const Json& names, const Json& value, const std::string& at) const {
    for (const std::string name : names) {
      if (value.is_object() && !value.contains(name))
        return fmt::format("{} has no '{}'", at, name);
    }
    return {};
  }

  /// Also that nothing else is there: what foz itself writes must be in the schema.
  std::string check_properties(const Json& properties, const Json& value,
                               const std::string& at) const {
    if (!value.is_object()) return {};
    for (const auto& [name, member] : value.items()) {
      if (!properties.contains(name))
        return fmt::format("{} has '{}', of which the schema says nothing", at, name);
      const std::string fault = check(member, properties[name], at + "." + name);
      if (!fault.empty()) return fault;
    }
    return {};
  }

  std::string check_others(const Json& wanted, const Json& schema, const Json& value,
                           const std::string& at) const {
    if (!value.is_object()) return {};
    if (schema.contains("properties"))
      return "additionalProperties beside properties is not known to this test";
    for (const auto& [name, member] : value.items()) {
      const std::string fault = check(member, wanted, at + "." + name);
      if (!fault.empty()) return fault;
    }
    return {};
  }

  std::string check_items(const Json& wanted, const Json& value, const std::string& at) const {
    for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
      const std::string fault = check(value[i], wanted, fmt::format("{}[{}]", at, i));
      if (!fault.empty()) return fault;
    }
    return {};
  }

  std::string check_some(const std::string& keyword, const Json& wanted, const Json& value,
                         const std::string& at) const {
    std::size_t good = 0;
    for (const Json& each : wanted) good += check(value, each, at).empty() ? 1 : 0;
    return say(keyword == "oneOf" ? good == 1 : good > 0, at,
               fmt::format("fits {} of {}", good, keyword));
  }

  const Json& root_;
};

}  // namespace

std::string differs_from_schema(std::string_view text, const std::string& name) {
  static const Json root =
      Json::parse(read_file(test::source_folder() / "plugins/api/contract.schema.json").value());
  const Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) return "is no JSON";
  return Validator(root).check(value, root.at("$defs").at(name), name);
}

}  // namespace foz::plugin
