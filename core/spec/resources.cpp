#include "core/spec/resources.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "core/spec/companions.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::int64_t k_most = 1'000'000;  ///< nodes, ranks, CPUs: over any machine there is
using NodeRange = std::pair<std::uint32_t, std::uint32_t>;

class ResourcesReader {
 public:
  ResourcesReader(const Node& node, Diagnostics& diagnostics)
      : block_(node, Block::resources, "'resources'", diagnostics),
        node_(node),
        diagnostics_(diagnostics) {}

  Resources run(Layer layer) {
    resources_.where = node_.where;
    if (!block_.is_map()) return std::move(resources_);
    read_geometry();
    read_memory();
    read_others();
    check_rivals();
    check_ranks();
    if (layer == Layer::stage) refuse_idle_keys(node_, Block::resources, diagnostics_);
    return std::move(resources_);
  }

 private:
  std::optional<Located<std::uint32_t>> count(std::string_view key, std::int64_t least = 1) {
    const Node* node = block_.find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = yaml::as_integer_between(*node, key, least, k_most, diagnostics_);
    if (!value) return std::nullopt;
    return Located<std::uint32_t>{static_cast<std::uint32_t>(*value), node->where};
  }

  std::optional<Located<bool>> flag(std::string_view key) {
    const Node* node = block_.find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = yaml::as_bool(*node, key, diagnostics_);
    if (!value) return std::nullopt;
    return Located<bool>{*value, node->where};
  }

  std::optional<Located<Bytes>> bytes(std::string_view key) {
    const Node* node = block_.find(key);
    if (node == nullptr) return std::nullopt;
    const auto value = yaml::as_bytes(*node, key, diagnostics_);
    if (!value) return std::nullopt;
    if (value->count == 0) {
      diagnostics_.error(
          node->where, fmt::format("'{}' cannot be 0", key),
          key.starts_with("memory") ? "for all the memory of a node write 'memory: all'" : "");
      return std::nullopt;
    }
    return Located<Bytes>{*value, node->where};
  }

  void read_geometry() {
    if (const Node* nodes = block_.find("nodes")) resources_.nodes = read_nodes(*nodes);
    resources_.ranks_per_node = count("ranks_per_node");
    resources_.cpus_per_rank = count("cpus_per_rank");
    resources_.cpus_per_node = count("cpus_per_node");
    resources_.gpus_per_node = count("gpus_per_node", 0);
    resources_.switches = count("switches");
    if (const Node* gpu = block_.find("gpu")) resources_.gpu = read_gpu(*gpu);
  }

  std::optional<Located<NodeRange>> read_nodes(const Node& node) {
    const std::size_t dots = node.is_scalar() ? node.text.find("..") : std::string::npos;
    if (dots == std::string::npos) {
      const auto value = yaml::as_integer_between(node, "nodes", 1, k_most, diagnostics_);
      if (!value) return std::nullopt;
      const auto nodes = static_cast<std::uint32_t>(*value);
      return Located<NodeRange>{{nodes, nodes}, node.where};
    }
    const auto least = parse_integer(node.text.substr(0, dots));
    const auto most = parse_integer(node.text.substr(dots + 2));
    if (!least || !most || *least < 1 || *most > k_most) {
      diagnostics_.error(node.where,
                         fmt::format("'nodes' must be a number or a range such as 2..8, got {}",
                                     yaml::describe(node)));
      return std::nullopt;
    }
    if (*least > *most) {
      diagnostics_.error(node.where,
                         fmt::format("'nodes' runs backwards: {} is over {}", *least, *most),
                         fmt::format("write {}..{}", *most, *least));
      return std::nullopt;
    }
    return Located<NodeRange>{
        {static_cast<std::uint32_t>(*least), static_cast<std::uint32_t>(*most)}, node.where};
  }

  std::vector<Located<std::string>> read_gpu(const Node& node) {
    std::vector<Located<std::string>> kinds;
    if (!node.is_sequence()) {
      if (auto kind = read_line(node, "gpu", diagnostics_)) kinds.push_back(std::move(*kind));
    }
    for (const Node& item : node.items) {
      if (auto kind = read_line(item, "gpu", diagnostics_)) kinds.push_back(std::move(*kind));
    }
    if (node.is_sequence() && node.items.empty()) diagnostics_.error(node.where, "'gpu' is empty");
    for (const auto& kind : kinds) {
      if (kind.value.find_first_of(" ,:=()") == std::string::npos) continue;
      diagnostics_.error(
          kind.where, fmt::format("'gpu' must be the name of a kind, got {}", quoted(kind.value)),
          "for example gpu: a100, and the number as 'gpus_per_node'");
    }
    return kinds;
  }

  void read_memory() {
    const auto read = [this](std::string_view key, MemoryKind kind) {
      if (const auto value = bytes(key)) {
        resources_.memory = Located<MemorySpec>{{kind, value->value}, value->where};
      }
    };
    read("memory_per_node", MemoryKind::per_node);
    read("memory_per_cpu", MemoryKind::per_cpu);
    read("memory_per_gpu", MemoryKind::per_gpu);
    const Node* all = block_.find("memory");
    if (all == nullptr) return;
    if (all->is_scalar() && all->text == "all") {
      resources_.memory = Located<MemorySpec>{{MemoryKind::all, {}}, all->where};
      return;
    }
    diagnostics_.error(all->where,
                       fmt::format("'memory' can only be all, got {}", yaml::describe(*all)),
                       "say of what: memory_per_node, memory_per_cpu or memory_per_gpu");
  }

  void read_others() {
    resources_.exclusive = flag("exclusive");
    resources_.hyperthreads = flag("hyperthreads");
    resources_.local_disk = bytes("local_disk");
    if (const Node* fabric = block_.find("fabric")) {
      resources_.fabric = read_line(*fabric, "fabric", diagnostics_);
    }
    const Node* time = block_.find("time");
    if (time == nullptr) return;
    const auto value = yaml::as_duration(*time, "time", diagnostics_);
    if (value && value->count() == 0) diagnostics_.error(time->where, "'time' cannot be 0");
    if (value) resources_.time = Located<Seconds>{*value, time->where};
  }

  /// Keys of one rival group: the first one stays, each other is an error.
  void check_rivals() {
    std::map<std::string_view, std::string_view> first;
    for (const Key& key : keys_of(Block::resources)) {
      const Entry* entry = block_.find_entry(key.name);
      if (key.rival.empty() || entry == nullptr) continue;
      const auto [before, is_first] = first.emplace(key.rival, key.name);
      if (is_first) continue;
      diagnostics_.error(entry->key.where,
                         fmt::format("'{}' and '{}' exclude each other", before->second, key.name),
                         "say it one way");
    }
  }

  void check_ranks() {
    const auto& ranks = resources_.ranks_per_node;
    const auto& cpus = resources_.cpus_per_node;
    if (!ranks || !cpus || cpus->value >= ranks->value) return;
    diagnostics_.error(cpus->where, fmt::format("{} on a node need at least as many CPUs, got {}",
                                                count_of(ranks->value, "rank"), cpus->value));
  }

  BlockReader block_;
  const Node& node_;
  Diagnostics& diagnostics_;
  Resources resources_;
};

}  // namespace

Resources read_resources(const Node& node, Layer layer, Diagnostics& diagnostics) {
  return ResourcesReader(node, diagnostics).run(layer);
}

}  // namespace foz::spec
