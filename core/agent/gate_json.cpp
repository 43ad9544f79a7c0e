#include <nlohmann/json.hpp>

#include "core/agent/gate.h"

namespace foz::agent {

namespace {
using Json = nlohmann::json;
}  // namespace

std::string gate_to_json(const std::string& sentence) {
  Json json{{"foz_gate", 1}, {"open", sentence.empty()}};
  if (!sentence.empty()) json["sentence"] = sentence;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> gate_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("foz_gate", Json()) != 1 ||
      !json.value("open", Json()).is_boolean())
    return fail(Code::invalid, "the kept verdict over the parents cannot be read");
  if (json["open"].get<bool>()) return std::string();
  const Json sentence = json.value("sentence", Json());
  return sentence.is_string() ? sentence.get<std::string>()
                              : std::string("a parent did not allow it");
}

}  // namespace foz::agent
