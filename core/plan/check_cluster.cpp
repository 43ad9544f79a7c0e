#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"

namespace foz::plan {

namespace {

SourceRange where_of(const spec::Stage& stage, const std::string& slurm_option) {
  const auto found = stage.slurm.options.find(slurm_option);
  return found == stage.slurm.options.end() ? stage.name.where : found->second.where;
}

const slurm::PartitionFacts* find_partition(const spec::Stage& stage,
                                            const slurm::SubmitRequest& request,
                                            const slurm::ClusterFacts& facts,
                                            Diagnostics& diagnostics) {
  const auto matches = [&](const slurm::PartitionFacts& p) {
    return request.partition.empty() ? p.is_default : p.name == request.partition;
  };
  const auto found = std::find_if(facts.partitions.begin(), facts.partitions.end(), matches);
  if (found != facts.partitions.end()) return &*found;
  if (request.partition.empty() || request.partition.find(',') != std::string::npos ||
      facts.partitions.empty())
    return nullptr;  // no default partition known, a list of partitions, or a site that hides them:
                     // Slurm decides
  std::vector<std::string> names;
  for (const auto& partition : facts.partitions) names.push_back(partition.name);
  const auto near = find_nearest(request.partition, names);
  diagnostics.error(where_of(stage, "partition"),
                    fmt::format("the cluster has no partition '{}'", request.partition),
                    near ? "did you mean '" + *near + "'?" : "it has: " + join(names, ", "));
  return nullptr;
}

void check_limits(const spec::Stage& stage, const slurm::SubmitRequest& request,
                  const slurm::PartitionFacts& partition, Diagnostics& diagnostics) {
  const std::uint32_t most =
      std::min(partition.max_nodes.value_or(partition.total_nodes), partition.total_nodes);
  if (request.nodes_min > most)
    diagnostics.error(stage.resources.nodes ? stage.resources.nodes->where : stage.name.where,
                      fmt::format("partition '{}' gives {} to a job, the stage asks for {}",
                                  partition.name, count_of(most, "node"), request.nodes_min));
  const auto& limit = partition.max_time;
  if (request.time_limit && limit.kind == slurm::TimeLimit::Kind::value &&
      *request.time_limit > limit.value)
    diagnostics.error(
        stage.resources.time->where,
        fmt::format("partition '{}' allows {}, the stage asks for {}", partition.name,
                    format_duration(limit.value), format_duration(*request.time_limit)));
}

std::uint64_t gpus_of(const slurm::NodeShape& shape, std::string_view type) {
  std::uint64_t count = 0;
  for (const slurm::Gres& gres : shape.gres)
    if (gres.name == "gpu" && (type.empty() || gres.type == type)) count += gres.count;
  return count;
}

/// "gpu:a100:4" -> type "a100", 4.
slurm::Gres gres_of(const slurm::SubmitRequest& request) {
  const auto all = slurm::parse_gres(request.gres);
  return all.empty() ? slurm::Gres{} : all.front();
}

/// The largest value that any node of the partition has.
template <class Value>
std::uint64_t best(const std::vector<slurm::NodeShape>& shapes, std::string_view partition,
                   Value value) {
  std::uint64_t most = 0;
  for (const auto& shape : shapes)
    if (shape.partition == partition) most = std::max<std::uint64_t>(most, value(shape));
  return most;
}

/// One word for each thing that no node of the partition has.
void check_shape(const spec::Stage& stage, const slurm::SubmitRequest& request,
                 const std::string& partition, const slurm::ClusterFacts& facts,
                 Diagnostics& diagnostics) {
  const auto known = [&](const slurm::NodeShape& s) { return s.partition == partition; };
  if (std::none_of(facts.shapes.begin(), facts.shapes.end(), known)) return;
  const auto refuse = [&](const auto& field, std::string_view what, std::uint64_t has,
                          std::uint64_t asks) {
    diagnostics.error(field ? field->where : stage.name.where,
                      fmt::format("no node of partition '{}' has {} {} (the largest has {})",
                                  partition, asks, what, has));
  };
  const std::uint64_t cpus = best(facts.shapes, partition, [](const auto& s) { return s.cpus; });
  if (request.cpus_per_task > cpus)
    refuse(stage.resources.cpus_per_node, "CPUs", cpus, request.cpus_per_task);
  const std::uint64_t memory =
      best(facts.shapes, partition, [](const auto& s) { return s.memory_mib; });
  if (request.memory.kind == slurm::Memory::Kind::per_node && request.memory.mebibytes > memory)
    refuse(stage.resources.memory, "MiB of memory", memory, request.memory.mebibytes);
  const slurm::Gres gpu = gres_of(request);
  const std::uint64_t gpus =
      best(facts.shapes, partition, [&](const auto& s) { return gpus_of(s, gpu.type); });
  if (gpu.count > gpus)
    refuse(stage.resources.gpus_per_node,
           gpu.type.empty() ? "GPUs" : "GPUs of type '" + gpu.type + "'", gpus, gpu.count);
}

}  // namespace

void check_against_cluster(const spec::Stage& stage, const slurm::SubmitRequest& request,
                           const slurm::ClusterFacts& facts, Diagnostics& diagnostics) {
  const slurm::PartitionFacts* partition = find_partition(stage, request, facts, diagnostics);
  if (partition == nullptr) return;
  if (partition->total_nodes > 0) check_limits(stage, request, *partition, diagnostics);
  check_shape(stage, request, partition->name, facts, diagnostics);
}

}  // namespace foz::plan
