#include "core/spec/companions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::string_view k_with_hint = "'with' tells a plugin what to do";
constexpr std::string_view k_gpu_hint = "say how many: gpus_per_node";

constexpr auto k_companions = std::to_array<Companion>({
    {Block::stage, "with", Presence::without, "uses", k_with_hint},
    {Block::step, "with", Presence::without, "uses", k_with_hint},
    {Block::step, "on", Presence::beside, "uses",
     "the plugin says where its ranks run: leave 'on' out, or make the command a 'run'"},
    {Block::resources, "gpu", Presence::without, "gpus_per_node", k_gpu_hint},
    {Block::resources, "memory_per_gpu", Presence::without, "gpus_per_node", k_gpu_hint},
});

bool has(const Node& node, std::string_view key) {
  const Node* value = node.find(key);
  return value != nullptr && value->text != "0";
}

bool is_idle(const Node& node, const Companion& companion) {
  return has(node, companion.other) == (companion.presence == Presence::beside);
}

std::string message_of(const Companion& companion) {
  return companion.presence == Presence::beside
             ? fmt::format("'{}' has no effect beside '{}'", companion.key, companion.other)
             : fmt::format("'{}' has no effect without '{}'", companion.key, companion.other);
}

}  // namespace

std::span<const Companion> all_companions() {
  return k_companions;
}

bool is_idle(const Node& node, Block block, std::string_view key) {
  return std::any_of(k_companions.begin(), k_companions.end(), [&](const Companion& one) {
    return one.block == block && one.key == key && is_idle(node, one);
  });
}

void refuse_idle_keys(const Node& node, Block block, Diagnostics& diagnostics) {
  for (const Companion& one : k_companions) {
    const Entry* entry = one.block == block ? node.find_entry(one.key) : nullptr;
    if (entry == nullptr || !is_idle(node, one)) continue;
    diagnostics.error(entry->key.where, message_of(one), std::string(one.hint));
  }
}

}  // namespace foz::spec
