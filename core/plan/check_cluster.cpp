#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"

namespace foz::plan {

namespace {

using slurm::NodeShape;

SourceRange where_of(const spec::Stage& stage, const std::string& slurm_option) {
  const auto found = stage.slurm.options.find(slurm_option);
  return found == stage.slurm.options.end() ? stage.name.where : found->second.where;
}

/// The place of the first field that is there, else the stage's.
template <class... Fields>
SourceRange first_place(const spec::Stage& stage, const Fields&... fields) {
  const SourceRange* place = nullptr;
  ((place == nullptr && fields ? void(place = &fields->where) : void()), ...);
  return place == nullptr ? stage.name.where : *place;
}

bool names_partition(const std::vector<std::string>& sbatch_args) {
  return std::any_of(sbatch_args.begin(), sbatch_args.end(), [](const std::string& word) {
    return word.starts_with("--partition") || word.starts_with("-p");
  });
}

const slurm::PartitionFacts* find_partition(const spec::Stage& stage,
                                            const slurm::SubmitRequest& request,
                                            const slurm::ClusterFacts& facts,
                                            Diagnostics& diagnostics) {
  if (names_partition(request.extra_args)) return nullptr;  // whose words count more
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
  diagnostics.error(where_of(stage, "partition"),
                    fmt::format("the cluster has no partition '{}'", request.partition),
                    suggest(request.partition, names, "it has: " + join(names, ", ")));
  return nullptr;
}

/// A QOS may allow more than its partition (flags PartitionTimeLimit, PartitionMaxNodes).
void check_limits(const spec::Stage& stage, const slurm::SubmitRequest& request,
                  const slurm::PartitionFacts& partition, Diagnostics& diagnostics) {
  if (!request.qos.empty()) return;
  const std::uint32_t most =
      std::min(partition.max_nodes.value_or(partition.total_nodes), partition.total_nodes);
  if (request.nodes_min > most)
    diagnostics.error(first_place(stage, stage.resources.nodes),
                      fmt::format("partition '{}' gives {} to a job, the stage asks for {}",
                                  partition.name, count_of(most, "node"), request.nodes_min));
  const auto& limit = partition.max_time;
  if (request.time_limit && limit.kind == slurm::TimeLimit::Kind::value &&
      *request.time_limit > limit.value)
    diagnostics.error(
        first_place(stage, stage.resources.time),
        fmt::format("partition '{}' allows {}, the stage asks for {}", partition.name,
                    format_duration(limit.value), format_duration(*request.time_limit)));
}

/// What the job takes of each of its nodes.
struct Load {
  std::uint64_t cpus = 0;
  std::uint64_t memory_mib = 0;  ///< 0: not said, or all that is there
  slurm::Gres gpus;              ///< a type "": any
};

std::uint64_t memory_of(const slurm::SubmitRequest& request, std::uint64_t gpus) {
  const std::uint64_t size = request.memory.mebibytes;
  switch (request.memory.kind) {
    case slurm::Memory::Kind::per_node:
      return size;
    case slurm::Memory::Kind::per_cpu:
      return size * request.cpus_per_task;
    case slurm::Memory::Kind::per_gpu:
      return size * gpus;
    case slurm::Memory::Kind::unset:
    case slurm::Memory::Kind::all:
      return 0;
  }
  return 0;
}

Load load_of(const slurm::SubmitRequest& request) {
  Load load;
  load.cpus = request.cpus_per_task;
  const auto gres = slurm::parse_gres(request.gres);  // "gpu:a100:4" -> type "a100", 4
  if (!gres.empty()) load.gpus = gres.front();
  load.memory_mib = memory_of(request, load.gpus.count);
  return load;
}

std::uint64_t gpus_of(const NodeShape& shape, std::string_view type) {
  std::uint64_t count = 0;
  for (const slurm::Gres& gres : shape.gres)
    if (gres.name == "gpu" && (type.empty() || gres.type == type)) count += gres.count;
  return count;
}

std::string gpus_text(const slurm::Gres& gpus) {
  return count_of(gpus.count, "GPU") + (gpus.type.empty() ? "" : " of type '" + gpus.type + "'");
}

/// "8 CPUs, 65536 MiB of memory and 2 GPUs".
std::string load_text(const Load& load) {
  std::vector<std::string> words{count_of(load.cpus, "CPU")};
  if (load.memory_mib > 0) words.push_back(fmt::format("{} MiB of memory", load.memory_mib));
  if (load.gpus.count > 0) words.push_back(gpus_text(load.gpus));
  const std::string last = words.back();
  words.pop_back();
  return words.empty() ? last : join(words, ", ") + " and " + last;
}

/// The nodes of one partition, in groups that are alike.
class Nodes {
 public:
  Nodes(const slurm::ClusterFacts& facts, std::string_view partition) {
    for (const NodeShape& shape : facts.shapes)
      if (shape.partition == partition) shapes_.push_back(&shape);
  }
  [[nodiscard]] bool are_known() const { return !shapes_.empty(); }
  [[nodiscard]] std::uint64_t count() const { return count_fitting({}); }

  /// The largest value that any of them has.
  template <class Value>
  [[nodiscard]] std::uint64_t best(Value value) const {
    std::uint64_t most = 0;
    for (const NodeShape* shape : shapes_) most = std::max<std::uint64_t>(most, value(*shape));
    return most;
  }
  /// How many of them have all that a job takes of one.
  [[nodiscard]] std::uint64_t count_fitting(const Load& load) const {
    std::uint64_t count = 0;
    for (const NodeShape* shape : shapes_)
      if (shape->cpus >= load.cpus && shape->memory_mib >= load.memory_mib &&
          gpus_of(*shape, load.gpus.type) >= load.gpus.count)
        count += shape->count;
    return count;
  }

 private:
  std::vector<const NodeShape*> shapes_;
};

/// One message for each thing that no node of the partition has; where each is there, one for what
/// too few nodes have at once.
void check_shape(const spec::Stage& stage, const slurm::SubmitRequest& request,
                 const std::string& partition, const slurm::ClusterFacts& facts,
                 Diagnostics& diagnostics) {
  const Nodes nodes(facts, partition);
  if (!nodes.are_known()) return;
  const auto& resources = stage.resources;
  const Load load = load_of(request);
  bool is_refused = false;
  const auto check = [&](const SourceRange& where, const std::string& what, std::uint64_t asks,
                         std::uint64_t has) {
    if (asks <= has) return;
    is_refused = true;
    diagnostics.error(where, fmt::format("no node of partition '{}' has {} (the largest has {})",
                                         partition, what, has));
  };
  check(first_place(stage, resources.cpus_per_node, resources.cpus_per_rank,
                    resources.ranks_per_node),
        count_of(load.cpus, "CPU"), load.cpus,
        nodes.best([](const NodeShape& s) { return s.cpus; }));
  check(first_place(stage, resources.memory), fmt::format("{} MiB of memory", load.memory_mib),
        load.memory_mib, nodes.best([](const NodeShape& s) { return s.memory_mib; }));
  check(first_place(stage, resources.gpus_per_node), gpus_text(load.gpus), load.gpus.count,
        nodes.best([&](const NodeShape& s) { return gpus_of(s, load.gpus.type); }));
  const std::uint64_t fitting = nodes.count_fitting(load);
  if (is_refused || fitting >= request.nodes_min || fitting == nodes.count()) return;
  diagnostics.error(first_place(stage, resources.nodes),
                    fmt::format("partition '{}' has {} with {} each, the stage asks for {}",
                                partition, fitting == 0 ? "no node" : count_of(fitting, "node"),
                                load_text(load), request.nodes_min));
}

}  // namespace

void check_against_cluster(const spec::Stage& stage, const slurm::SubmitRequest& request,
                           const slurm::ClusterFacts& facts, Diagnostics& diagnostics) {
  const slurm::PartitionFacts* partition = find_partition(stage, request, facts, diagnostics);
  if (partition == nullptr) return;
  if (!partition->is_up)
    diagnostics.warning(where_of(stage, "partition"),
                        fmt::format("partition '{}' is not up: Slurm may refuse its jobs, or let "
                                    "them wait",
                                    partition->name));
  if (partition->total_nodes > 0) check_limits(stage, request, *partition, diagnostics);
  check_shape(stage, request, partition->name, facts, diagnostics);
}

}  // namespace foz::plan
