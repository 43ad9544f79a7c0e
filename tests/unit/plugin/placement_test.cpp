#include "core/plugin/placement.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace foz::plugin {
namespace {

Role role(std::string name, Where where, std::uint32_t per_node, std::uint32_t total = 0) {
  Role out;
  out.name = std::move(name);
  out.where = where;
  out.per_node = per_node;
  out.total = total;
  return out;
}

/// "worker.0@0:0/0" = role.role_rank @ node : local_rank / rank.
std::string drawn(const Shape& shape, std::uint32_t nodes) {
  const auto placement = place(shape, nodes);
  if (!placement) return placement.error().message;
  std::string out;
  for (const RankSlot& slot : placement->slots) {
    out += fmt::format("{}.{}@{}:{}/{} ", slot.role, slot.role_rank, slot.node, slot.local_rank,
                       slot.rank);
  }
  return out + fmt::format("of {}", placement->world_size);
}

TEST(Placement, NumbersHostMajor) {
  EXPECT_EQ(drawn({{role("w", Where::all, 2)}, {}}, 2),
            "w.0@0:0/0 w.1@0:1/1 w.2@1:0/2 w.3@1:1/3 of 4");
}

TEST(Placement, NumbersTheWorldThroughItsRolesAndHelpersApart) {
  Role helper = role("master", Where::first, 1);
  helper.counts_as_world = false;
  const Shape shape{{helper, role("chief", Where::first, 1), role("w", Where::rest, 1)}, {}};
  EXPECT_EQ(drawn(shape, 3), "master.0@0:0/0 chief.0@0:0/0 w.0@1:0/1 w.1@2:0/2 of 3");
}

TEST(Placement, SharesATotalOutEarlierNodesFirst) {
  EXPECT_EQ(drawn({{role("ps", Where::all, 1, 5)}, {}}, 2),
            "ps.0@0:0/0 ps.1@0:1/1 ps.2@0:2/2 ps.3@1:0/3 ps.4@1:1/4 of 5");
  EXPECT_EQ(drawn({{role("ps", Where::all, 1, 1)}, {}}, 3), "ps.0@0:0/0 of 1");
}

TEST(Placement, RestIsTheOnlyNodeWhenItIsAlone) {
  EXPECT_EQ(drawn({{role("w", Where::rest, 1)}, {}}, 1), "w.0@0:0/0 of 1");
}

TEST(Placement, NamesThePortsThatAreWanted) {
  Role with_ports = role("w", Where::all, 1);
  with_ports.ports = {"rpc", "ui"};
  const auto placement = place({{with_ports}, {}}, 1);
  EXPECT_EQ(placement->slots[0].ports,
            (std::map<std::string, std::uint16_t>{{"rpc", 0}, {"ui", 0}}));
}

TEST(Placement, RefusesWhatCannotBePlaced) {
  EXPECT_EQ(drawn({{role("w", Where::all, 1)}, {}}, 0), "no node to place ranks on");
  EXPECT_EQ(drawn({}, 1), "the shape has no role");
  EXPECT_EQ(drawn({{role("w", Where::all, 1), role("w", Where::all, 1)}, {}}, 1),
            "the shape has role 'w' twice");
  EXPECT_EQ(drawn({{role("w", Where::all, 0)}, {}}, 1), "role 'w' has no ranks");
  EXPECT_EQ(drawn({{role("w", Where::all, 4'000'000'000U)}, {}}, 2),
            "8000000000 ranks, more than 1000000");
}

}  // namespace
}  // namespace foz::plugin
