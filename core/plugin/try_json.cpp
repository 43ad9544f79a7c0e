#include "core/plugin/contract_source_json.h"
#include "core/plugin/try.h"

namespace foz::plugin {

namespace {

Json json_of(const RankCommand& command) {
  Json out;
  out["argv"] = texts_json(command.argv);
  out["env"] = pairs_json(command.env);
  out["unset"] = texts_json(command.unset);
  out["files"] = json_of(command.files);
  out["after"] = texts_json(command.after);
  if (command.ready) out["ready"] = plugin::json_of(*command.ready);
  if (command.proof) out["proof"] = plugin::json_of(*command.proof);
  return out;
}

}  // namespace

std::string to_json(const Trial& trial) {
  Json out;
  out["world_size"] = trial.world_size;
  out["warnings"] = texts_json(trial.shape.warnings);
  out["nodes"] = Json::array();
  for (const Node& node : trial.nodes) out["nodes"].push_back(plugin::json_of(node));
  out["ranks"] = Json::array();
  for (const TriedRank& rank : trial.ranks) {
    Json one = plugin::json_of(rank.slot);
    one.update(json_of(rank.command));
    out["ranks"].push_back(std::move(one));
  }
  out["ends_with"] = text_json(trial.launch.ends_with);
  out["stop_grace_s"] = trial.launch.stop_grace_s;
  return line_of(out);
}

}  // namespace foz::plugin
