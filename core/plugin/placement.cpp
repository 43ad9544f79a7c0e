#include "core/plugin/placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/text.h"

namespace foz::plugin {

namespace {

constexpr std::uint64_t k_max_ranks = 1'000'000;

/// Nodes [first, last) of a role.
struct Span {
  std::uint32_t first = 0, last = 0;
  [[nodiscard]] std::uint32_t size() const { return last - first; }
};

Span span_of(Where where, std::uint32_t nodes) {
  if (where == Where::first) return {0, 1};
  if (where == Where::rest && nodes > 1) return {1, nodes};
  return {0, nodes};
}

/// Ranks of the role on the `position`-th of its nodes.
std::uint32_t count_on(const Role& role, const Span& span, std::uint32_t position) {
  if (role.total == 0) return role.per_node;
  return role.total / span.size() + (position < role.total % span.size() ? 1 : 0);
}

Result<void> check(const Shape& shape, std::uint32_t nodes) {
  if (nodes == 0) return fail(Code::invalid, "no node to place ranks on");
  if (shape.roles.empty()) return fail(Code::invalid, "the shape has no role");
  std::set<std::string_view> names;
  std::uint64_t ranks = 0;
  for (const Role& role : shape.roles) {
    if (!names.insert(role.name).second) {
      return fail(Code::invalid,
                  fmt::format("the shape has role '{}' twice", printable(role.name)));
    }
    const std::uint64_t size =
        role.total != 0 ? role.total
                        : std::uint64_t{role.per_node} * span_of(role.where, nodes).size();
    if (size == 0) {
      return fail(Code::invalid, fmt::format("role '{}' has no ranks", printable(role.name)));
    }
    ranks += size;
  }
  if (ranks <= k_max_ranks) return {};
  return fail(Code::too_large, fmt::format("{} ranks, more than {}", ranks, k_max_ranks));
}

void place_role(const Role& role, std::uint32_t nodes, Placement& placement) {
  const Span span = span_of(role.where, nodes);
  std::uint32_t role_rank = 0;
  for (std::uint32_t position = 0; position < span.size(); ++position) {
    const std::uint32_t count = count_on(role, span, position);
    for (std::uint32_t local = 0; local < count; ++local, ++role_rank) {
      const std::uint32_t rank = role.counts_as_world ? placement.world_size++ : role_rank;
      RankSlot slot{role.name, role_rank, rank, span.first + position, local, {}};
      for (const std::string& port : role.ports) slot.ports.emplace(port, 0);
      placement.slots.push_back(std::move(slot));
    }
  }
}

}  // namespace

Result<Placement> place(const Shape& shape, std::uint32_t node_count) {
  FOZ_CHECK(check(shape, node_count));
  Placement placement;
  for (const Role& role : shape.roles) place_role(role, node_count, placement);
  return placement;
}

}  // namespace foz::plugin
