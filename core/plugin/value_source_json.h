/// Value to nlohmann's tree: for the encoders in this room, never for anybody else.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "plugins/api/value.h"

namespace foz::plugin {

using Json = nlohmann::ordered_json;

[[nodiscard]] Json text_json(std::string_view bytes);
[[nodiscard]] Json texts_json(const std::vector<std::string>& texts);
/// A map in the order given.
[[nodiscard]] Json pairs_json(const std::vector<std::pair<std::string, std::string>>& pairs);
[[nodiscard]] Json value_json(const Value& value);
/// One line; bytes that are no UTF-8 cannot be in it.
[[nodiscard]] std::string line_of(const Json& json);

}  // namespace foz::plugin
