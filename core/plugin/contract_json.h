/// The contract's types as JSON and back: what a program plugin is asked and answers, what the
/// keeper hands to its node agents, what `foz plugin show --json` prints. Forms:
/// plugins/api/contract.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// Questions: one line each.
[[nodiscard]] std::string describe_question_json();
[[nodiscard]] std::string to_json(const ShapeRequest& request);
[[nodiscard]] std::string to_json(const LaunchRequest& request);
[[nodiscard]] std::string to_json(const ReactRequest& request);

/// Answers: one line each.
[[nodiscard]] std::string to_json(const Description& description);
[[nodiscard]] std::string to_json(const Shape& shape);
[[nodiscard]] std::string to_json(const Launch& launch);
[[nodiscard]] std::string to_json(const Reaction& reaction);

/// Back again. Code::invalid with the member path and what was wanted: "roles[0].argv is missing".
[[nodiscard]] Result<Description> description_from_json(std::string_view text);
[[nodiscard]] Result<Shape> shape_from_json(std::string_view text);
[[nodiscard]] Result<Launch> launch_from_json(std::string_view text);
[[nodiscard]] Result<Reaction> reaction_from_json(std::string_view text);
[[nodiscard]] Result<LaunchRequest> launch_request_from_json(std::string_view text);

}  // namespace foz::plugin
