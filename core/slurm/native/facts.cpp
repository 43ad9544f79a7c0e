#include <algorithm>
#include <map>
#include <memory>

#include "core/base/hostlist.h"
#include "core/slurm/native/calls.h"
#include "core/slurm/native/compat.h"

namespace foz::slurm::native {

namespace {

template <class T>
using Owned = std::unique_ptr<T, void (*)(T*)>;

std::string text_of(const char* text) {
  return text == nullptr ? std::string() : std::string(text);
}

Result<ClusterFacts> load_config() {
  slurm_conf_t* loaded = nullptr;
  const int result = slurm_load_ctl_conf(0, &loaded);
  if (result != 0) return fail(question_error("cannot read the configuration", error_of(result)));
  const Owned<slurm_conf_t> config(loaded, free_config);
  ClusterFacts facts;
  facts.name = text_of(config->cluster_name);
  facts.version = text_of(config->version);
  facts.max_array_size = config->max_array_sz;
  facts.max_job_count = config->max_job_cnt;
  facts.kill_wait_s = config->kill_wait;
  facts.has_accounting = text_of(config->accounting_storage_type).ends_with("slurmdbd");
  return facts;
}

TimeLimit limit_of(uint32_t minutes) {
  if (minutes == INFINITE) return {TimeLimit::Kind::unlimited, Seconds{0}};
  if (minutes == NO_VAL) return {};
  return {TimeLimit::Kind::value, std::chrono::minutes{minutes}};
}

PartitionFacts read_partition(const partition_info_t& from) {
  PartitionFacts partition;
  partition.name = text_of(from.name);
  partition.is_default = (from.flags & PART_FLAG_DEFAULT) != 0;
  partition.is_up = from.state_up == PARTITION_UP;
  partition.max_time = limit_of(from.max_time);
  if (from.max_nodes != INFINITE) partition.max_nodes = from.max_nodes;
  partition.total_nodes = from.total_nodes;
  partition.nodes = text_of(from.nodes);
  return partition;
}

/// What makes nodes equal.
struct Make {
  std::uint32_t cpus = 0;
  std::uint64_t memory_mib = 0;
  std::string gres;
  auto operator<=>(const Make&) const = default;
};

using Makes = std::map<std::string, Make, std::less<>>;

Result<Makes> load_nodes() {
  node_info_msg_t* loaded = nullptr;
  const int result = slurm_load_node(0, &loaded, 0);
  if (result != 0) return fail(question_error("cannot read the nodes", error_of(result)));
  const Owned<node_info_msg_t> nodes(loaded, slurm_free_node_info_msg);
  Makes makes;
  for (uint32_t i = 0; i < nodes->record_count; ++i) {
    const node_info_t& node = nodes->node_array[i];
    if (node.name == nullptr) continue;
    makes.emplace(node.name, Make{node.cpus, node.real_memory, text_of(node.gres)});
  }
  return makes;
}

void add_shapes(ClusterFacts& facts, const PartitionFacts& partition, const Makes& makes) {
  std::map<Make, std::uint32_t> counts;
  for (const std::string& host :
       expand_hostlist(partition.nodes).value_or(std::vector<std::string>())) {
    const auto make = makes.find(host);
    if (make != makes.end()) ++counts[make->second];
  }
  for (const auto& [make, count] : counts) {
    facts.shapes.push_back(
        {partition.name, count, make.cpus, make.memory_mib, parse_gres(make.gres)});
  }
}

}  // namespace

Result<ClusterFacts> facts() {
  FOZ_TRY(ClusterFacts facts, load_config());
  FOZ_TRY(const Makes makes, load_nodes());
  partition_info_msg_t* loaded = nullptr;
  const int result = slurm_load_partitions(0, &loaded, 0);
  if (result != 0) return fail(question_error("cannot read the partitions", error_of(result)));
  const Owned<partition_info_msg_t> partitions(loaded, slurm_free_partition_info_msg);
  for (uint32_t i = 0; i < partitions->record_count; ++i) {
    facts.partitions.push_back(read_partition(partitions->partition_array[i]));
    add_shapes(facts, facts.partitions.back(), makes);
  }
  return facts;
}

}  // namespace foz::slurm::native
