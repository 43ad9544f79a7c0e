#include "core/slurm/facts_json.h"

#include <nlohmann/json.hpp>

namespace foz::slurm {

namespace {

using Json = nlohmann::ordered_json;

/// Seconds, or one of Slurm's words.
Json limit_to_json(const TimeLimit& limit) {
  switch (limit.kind) {
    case TimeLimit::Kind::absent:
      return nullptr;
    case TimeLimit::Kind::unlimited:
      return "UNLIMITED";
    case TimeLimit::Kind::partition:
      return "Partition_Limit";
    case TimeLimit::Kind::value:
      return limit.value.count();
  }
  return nullptr;
}

TimeLimit limit_from_json(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return parse_time_limit(json.get<std::string>()).value_or(TimeLimit{});
  return {TimeLimit::Kind::value, Seconds{json.get<std::int64_t>()}};
}

Json gres_to_json(const std::vector<Gres>& all) {
  Json json = Json::array();
  for (const Gres& gres : all) {
    json.push_back({{"name", gres.name}, {"type", gres.type}, {"count", gres.count}});
  }
  return json;
}

Json partition_to_json(const PartitionFacts& partition) {
  Json json = {{"name", partition.name},
               {"default", partition.is_default},
               {"up", partition.is_up},
               {"max_time", limit_to_json(partition.max_time)},
               {"total_nodes", partition.total_nodes},
               {"nodes", partition.nodes}};
  if (partition.max_nodes) json["max_nodes"] = *partition.max_nodes;
  return json;
}

PartitionFacts partition_from_json(const Json& json) {
  PartitionFacts partition;
  json.at("name").get_to(partition.name);
  json.at("default").get_to(partition.is_default);
  json.at("up").get_to(partition.is_up);
  partition.max_time = limit_from_json(json.at("max_time"));
  if (json.contains("max_nodes")) partition.max_nodes = json.at("max_nodes").get<std::uint32_t>();
  json.at("total_nodes").get_to(partition.total_nodes);
  json.at("nodes").get_to(partition.nodes);
  return partition;
}

Json shape_to_json(const NodeShape& shape) {
  return {{"partition", shape.partition},
          {"count", shape.count},
          {"cpus", shape.cpus},
          {"memory_mib", shape.memory_mib},
          {"gres", gres_to_json(shape.gres)}};
}

NodeShape shape_from_json(const Json& json) {
  NodeShape shape;
  json.at("partition").get_to(shape.partition);
  json.at("count").get_to(shape.count);
  json.at("cpus").get_to(shape.cpus);
  json.at("memory_mib").get_to(shape.memory_mib);
  for (const Json& gres : json.at("gres")) {
    shape.gres.push_back({gres.at("name").get<std::string>(), gres.at("type").get<std::string>(),
                          gres.at("count").get<std::uint64_t>()});
  }
  return shape;
}

ClusterFacts read(const Json& json) {
  ClusterFacts facts;
  json.at("name").get_to(facts.name);
  json.at("version").get_to(facts.version);
  json.at("max_array_size").get_to(facts.max_array_size);
  json.at("max_job_count").get_to(facts.max_job_count);
  json.at("kill_wait_s").get_to(facts.kill_wait_s);
  json.at("accounting").get_to(facts.has_accounting);
  for (const Json& partition : json.at("partitions")) {
    facts.partitions.push_back(partition_from_json(partition));
  }
  for (const Json& shape : json.at("shapes")) facts.shapes.push_back(shape_from_json(shape));
  if (json.contains("nodes_unknown")) json.at("nodes_unknown").get_to(facts.nodes_unknown);
  return facts;
}

}  // namespace

std::string to_json(const ClusterFacts& facts) {
  Json json = {{"name", facts.name},
               {"version", facts.version},
               {"max_array_size", facts.max_array_size},
               {"max_job_count", facts.max_job_count},
               {"kill_wait_s", facts.kill_wait_s},
               {"accounting", facts.has_accounting},
               {"partitions", Json::array()},
               {"shapes", Json::array()}};
  for (const auto& partition : facts.partitions) {
    json["partitions"].push_back(partition_to_json(partition));
  }
  for (const auto& shape : facts.shapes) json["shapes"].push_back(shape_to_json(shape));
  if (!facts.nodes_unknown.empty()) json["nodes_unknown"] = facts.nodes_unknown;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ClusterFacts> facts_from_json(std::string_view text) {
  try {
    return read(Json::parse(text));
  } catch (const Json::exception& error) {
    return fail(Code::invalid,
                std::string("facts of a cluster that do not parse: ") + error.what());
  }
}

}  // namespace foz::slurm
