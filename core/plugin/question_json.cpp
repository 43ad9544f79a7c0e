#include "core/plugin/contract_json.h"
#include "core/plugin/contract_source_json.h"
#include "core/plugin/decode.h"
#include "core/plugin/value_json.h"
#include "core/task/json_text.h"

namespace foz::plugin {

namespace {

Json question(const char* name) {
  Json out;
  out["contract"] = k_contract;
  out["question"] = name;
  return out;
}

Json json_of(const StageResources& resources) {
  Json out;
  out["nodes_min"] = resources.nodes_min;
  out["nodes_max"] = resources.nodes_max;
  out["ranks_per_node"] = resources.ranks_per_node;
  out["cpus_per_node"] = resources.cpus_per_node;
  out["gpus_per_node"] = resources.gpus_per_node;
  out["memory_per_node_mib"] = resources.memory_per_node_mib;
  return out;
}

/// `decode` run over a parsed text; faults become one error.
template <class Decode>
auto decoded(std::string_view text, Decode decode)
    -> Result<decltype(decode(Value(), std::declval<Faults&>()))> {
  FOZ_TRY(const Value tree, value_from_json(text));
  Faults faults;
  auto value = decode(tree, faults);
  if (!faults.errors.empty()) return fail(Code::invalid, first_of(faults));
  return value;
}

}  // namespace

Json json_of(const Node& node) {
  Json out;
  out["name"] = text_json(node.name);
  out["address"] = text_json(node.address);
  out["switch"] = text_json(node.switch_path);
  out["cpus"] = node.cpus;
  out["memory_mib"] = node.memory_mib;
  out["gpus"] = texts_json(node.gpus);
  out["scratch"] = text_json(node.scratch);
  return out;
}

Json json_of(const RankSlot& slot) {
  Json out;
  out["role"] = text_json(slot.role);
  out["role_rank"] = slot.role_rank;
  out["rank"] = slot.rank;
  out["node"] = slot.node;
  out["local_rank"] = slot.local_rank;
  out["ports"] = Json::object();
  for (const auto& [name, port] : slot.ports) out["ports"][task::to_json_text(name)] = port;
  return out;
}

std::string describe_question_json() {
  return line_of(question("describe"));
}

std::string to_json(const ShapeRequest& request) {
  Json out = question("shape");
  out["with"] = value_json(request.with);
  out["resources"] = json_of(request.resources);
  return line_of(out);
}

std::string to_json(const LaunchRequest& request) {
  Json out = question("launch");
  out["with"] = value_json(request.with);
  out["attempt"] = request.attempt;
  out["start"] = request.start;
  out["world_size"] = request.world_size;
  out["nodes"] = Json::array();
  for (const Node& node : request.nodes) out["nodes"].push_back(json_of(node));
  out["ranks"] = Json::array();
  for (const RankSlot& slot : request.ranks) out["ranks"].push_back(json_of(slot));
  out["task_dir"] = text_json(request.task_dir);
  out["plugin_dir"] = text_json(request.plugin_dir);
  out["checkpoint"] = text_json(request.checkpoint);
  out["state"] = text_json(request.state);
  out["nonce"] = text_json(request.nonce);
  return line_of(out);
}

std::string to_json(const ReactRequest& request) {
  Json out = question("react");
  out["event"] = text_json(request.event);
  out["role"] = text_json(request.role);
  out["role_rank"] = request.role_rank;
  out["exit_code"] = request.exit_code;
  out["state"] = text_json(request.state);
  return line_of(out);
}

Result<Description> description_from_json(std::string_view text) {
  return decoded(
      text, [](const Value& tree, Faults& faults) { return decode_description(tree, faults); });
}

Result<Shape> shape_from_json(std::string_view text) {
  return decoded(text, [](const Value& tree, Faults& faults) {
    return decode_shape(tree, {}, Stage::filled, faults);
  });
}

Result<Launch> launch_from_json(std::string_view text) {
  return decoded(text, [](const Value& tree, Faults& faults) {
    return decode_launch(tree, {}, Stage::filled, faults);
  });
}

Result<Reaction> reaction_from_json(std::string_view text) {
  return decoded(text,
                 [](const Value& tree, Faults& faults) { return decode_reaction(tree, faults); });
}

Result<LaunchRequest> launch_request_from_json(std::string_view text) {
  return decoded(
      text, [](const Value& tree, Faults& faults) { return decode_launch_request(tree, faults); });
}

}  // namespace foz::plugin
