#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/agent/probe.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

using Json = nlohmann::json;

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string compare_json(std::string_view body,
                         const std::vector<std::pair<std::string, std::string>>& wanted) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object()) return "its answer is no JSON object";
  for (const auto& [name, text] : wanted) {
    const auto member = answer.find(name);
    if (member == answer.end()) return fmt::format("its answer has no '{}'", printable(name));
    if (text_of(*member) != text)
      return fmt::format("'{}' is {}, not {}", printable(name), printable(text_of(*member)),
                         printable(text));
  }
  return {};
}

}  // namespace foz::agent
