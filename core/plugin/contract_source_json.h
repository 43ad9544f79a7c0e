/// The contract's types as nlohmann's trees: for this room's *_json.cpp only.
#pragma once

#include "core/plugin/value_source_json.h"
#include "plugins/api/api.h"

namespace foz::plugin {

[[nodiscard]] Json json_of(const Description& description);
[[nodiscard]] Json json_of(const Shape& shape);
[[nodiscard]] Json json_of(const Launch& launch);
[[nodiscard]] Json json_of(const Reaction& reaction);
[[nodiscard]] Json json_of(const Readiness& ready);
[[nodiscard]] Json json_of(const Proof& proof);
[[nodiscard]] Json json_of(const std::vector<File>& files);
[[nodiscard]] Json json_of(const Node& node);
[[nodiscard]] Json json_of(const RankSlot& slot);

}  // namespace foz::plugin
