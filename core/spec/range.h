/// "1..10" and "001..100..3": an inclusive range in one word. Pure.
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/task/matrix.h"

namespace foz::spec {

/// Whether somebody meant a range: a number, "..", a number, and perhaps a step.
[[nodiscard]] bool looks_like_range(std::string_view text);

struct RangeError {
  std::string message;
  std::string hint;
};
/// `text` looks like a range. Refused: one that runs backwards, a step of 0 or of the wrong sign,
/// numbers over 64 bits, leading zeros of different widths.
[[nodiscard]] tl::expected<task::RangeAxis, RangeError> parse_range(std::string_view text);

}  // namespace foz::spec
