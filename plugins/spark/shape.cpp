#include "plugins/spark/spark.h"
#include "plugins/spark/with.h"

namespace foz::spark {

namespace {

plugin::Role role(std::string name, plugin::Where where, std::vector<std::string> ports,
                  bool counts_as_world) {
  plugin::Role out;
  out.name = std::move(name);
  out.where = where;
  out.ports = std::move(ports);
  out.counts_as_world = counts_as_world;
  return out;
}

/// The same arithmetic as in the job, as soon as the memory is known: better refused before the
/// queue than after it.
std::string find_memory_refusal(const plugin::StageResources& resources, const Memory& memory) {
  if (resources.memory_per_node_mib == 0) return {};
  std::vector<NodeMemory> nodes(resources.nodes_min, NodeMemory{"", resources.memory_per_node_mib});
  const auto answer = worker_memory(nodes, memory);
  const auto* refusal = std::get_if<std::string>(&answer);
  return refusal != nullptr ? *refusal : std::string();
}

}  // namespace

plugin::Answer<plugin::Shape> shape(const plugin::ShapeRequest& request) {
  auto read = read_with(request.with, Values::open);
  if (auto* refusal = std::get_if<std::string>(&read)) return std::move(*refusal);
  std::string refusal = find_memory_refusal(request.resources, std::get<With>(read).memory);
  if (!refusal.empty()) return refusal;
  plugin::Shape out;
  out.roles = {role("master", plugin::Where::first, {"rpc", "ui"}, false),
               role("worker", plugin::Where::all, {"rpc", "ui"}, true),
               role("driver", plugin::Where::first, {"rpc", "block", "ui"}, false)};
  if (request.resources.ranks_per_node > 1) {
    out.warnings.push_back(
        "ranks_per_node does not matter to Spark: one worker a node takes all of its cores");
  }
  return out;
}

}  // namespace foz::spark
