#include "core/plugin/try.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/plugin/check_with.h"
#include "core/plugin/placement.h"

namespace foz::plugin {

namespace {

constexpr std::uint16_t k_first_port = 20'000;
constexpr const char* k_task_dir = "/run/task";

std::vector<Node> pretended_nodes(const TryRequest& request) {
  std::vector<Node> nodes;
  for (std::uint32_t i = 0; i < request.nodes; ++i) {
    Node node;
    node.name = fmt::format("n{}", i + 1);
    node.address = fmt::format("10.0.{}.{}", (i + 1) / 256, (i + 1) % 256);
    node.cpus = request.cpus;
    node.memory_mib = request.memory_mib;
    for (std::uint32_t gpu = 0; gpu < request.gpus; ++gpu) node.gpus.push_back(std::to_string(gpu));
    node.scratch = fmt::format("/scratch/{}", node.name);
    nodes.push_back(std::move(node));
  }
  return nodes;
}

StageResources resources_of(const TryRequest& request) {
  StageResources resources;
  resources.nodes_min = resources.nodes_max = request.nodes;
  resources.ranks_per_node = request.ranks_per_node;
  resources.cpus_per_node = request.cpus;
  resources.gpus_per_node = request.gpus;
  resources.memory_per_node_mib = request.memory_mib;
  return resources;
}

template <class T>
Result<T> usable(Answer<T> answer) {
  if (auto* refusal = std::get_if<std::string>(&answer)) {
    return fail(Code::refused, std::move(*refusal));
  }
  return std::get<T>(std::move(answer));
}

void give_ports(std::vector<RankSlot>& slots) {
  std::uint16_t next = k_first_port;
  for (RankSlot& slot : slots) {
    for (auto& [name, port] : slot.ports) port = next++;
  }
}

LaunchRequest launch_request(const TryRequest& request, Placement placement) {
  LaunchRequest out;
  out.with = request.with;
  out.world_size = placement.world_size;
  out.nodes = pretended_nodes(request);
  out.ranks = std::move(placement.slots);
  out.task_dir = k_task_dir;
  out.plugin_dir = request.plugin_dir;
  out.nonce = std::string(32, '0');
  give_ports(out.ranks);
  return out;
}

}  // namespace

Result<Trial> try_plugin(const Plugin& plugin, const TryRequest& request) {
  Trial trial;
  FOZ_CHECK(check_filled(plugin.describe(), request.with));
  FOZ_TRY(trial.shape, usable(plugin.shape({request.with, resources_of(request)})));
  FOZ_TRY(Placement placement, place(trial.shape, request.nodes));
  const LaunchRequest question = launch_request(request, std::move(placement));
  FOZ_TRY(trial.launch, usable(plugin.launch(question)));
  FOZ_CHECK(check_launch(trial.launch, question));
  const Expander expander(trial.launch, question);
  for (std::size_t i = 0; i < question.ranks.size(); ++i) {
    const RankSlot& slot = question.ranks[i];
    const std::string rank_dir = fmt::format("{}/{}.{}", k_task_dir, slot.role, slot.role_rank);
    FOZ_TRY(RankCommand command, expander.expand(i, rank_dir));
    trial.ranks.push_back({slot, std::move(command)});
  }
  trial.nodes = question.nodes;
  trial.world_size = question.world_size;
  return trial;
}

}  // namespace foz::plugin
