/// The contract's types out of a tree: one decoder for a program's JSON, for a YAML file's members
/// and for what the keeper wrote for its node agents. Members and forms are those of
/// plugins/api/contract.schema.json. Pure.
///
/// Faults are collected under the path given; the value returned is usable only where there were
/// none. Unknown members are never an error.
#pragma once

#include <string>

#include "core/plugin/reader.h"
#include "plugins/api/api.h"

namespace foz::plugin {

[[nodiscard]] Description decode_description(const Value& tree, Faults& faults);
/// Members `shape` and `launch` of a YAML plugin are such trees in Stage::open.
[[nodiscard]] Shape decode_shape(const Value& tree, const std::string& at, Stage stage,
                                 Faults& faults);
[[nodiscard]] Launch decode_launch(const Value& tree, const std::string& at, Stage stage,
                                   Faults& faults);
[[nodiscard]] Reaction decode_reaction(const Value& tree, Faults& faults);
[[nodiscard]] LaunchRequest decode_launch_request(const Value& tree, Faults& faults);

/// The number in `contract`: a fault names what was found and what this foz wants.
void check_contract(Reader& reader);

}  // namespace foz::plugin
