/// Keys that say nothing beside another key of their mapping, or without it. One table: what would
/// be accepted without effect is refused, and the message says why.
///
/// Beside these, a key that needs more than its own mapping is refused where that is known: `array`
/// without a matrix (graph.cpp), `min` and `max` of a param without an order (params.cpp), keys of
/// one rival group (keys.h).
#pragma once

#include <span>

#include "core/spec/reading.h"

namespace foz::spec {

enum class Presence {
  beside,  ///< the key says nothing where the other one is
  without  ///< the key says nothing where the other one is not, or is 0
};

struct Companion {
  Block block;
  std::string_view key;
  Presence presence;
  std::string_view other;
  std::string_view hint;
};

[[nodiscard]] std::span<const Companion> all_companions();

/// Whether a key of the table says nothing in `node`, for whatever reason.
[[nodiscard]] bool is_idle(const yaml::Node& node, Block block, std::string_view key);

/// An error at each key of `node` that says nothing.
void refuse_idle_keys(const yaml::Node& node, Block block, Diagnostics& diagnostics);

}  // namespace foz::spec
