#include <nlohmann/json.hpp>

#include "core/sandbox/sandbox.h"

namespace foz::sandbox {

namespace {

using Json = nlohmann::ordered_json;

Json options_of(const SandboxOptions& options) {
  Json json = {{"nodes", options.nodes},
               {"cpus_per_node", options.cpus_per_node},
               {"memory_per_node_mib", options.memory_per_node},
               {"gpus_per_node", options.gpus_per_node},
               {"gpu_type", options.gpu_type},
               {"switches", options.switches},
               {"cred_expire", options.cred_expire},
               {"lines", options.lines}};
  if (options.min_job_age) json["min_job_age"] = *options.min_job_age;
  if (options.max_array_size) json["max_array_size"] = *options.max_array_size;
  return json;
}

Json environment_of(const Sandbox& sandbox) {
  const ClientEnvironment environment = client_environment(sandbox, current_environment());
  Json set = Json::object();
  for (const std::string& entry : environment.set) {
    const std::size_t equals = entry.find('=');
    set[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return {{"set", set}, {"unset", environment.unset}};
}

Json json_of(const Sandbox& sandbox) {
  Json json = {{"name", sandbox.options.name},
               {"condition", to_string(sandbox.condition)},
               {"folder", sandbox.folder.native()},
               {"slurm_conf", sandbox.slurm_conf().native()},
               {"release", to_string(sandbox.release)},
               {"port", sandbox.port},
               {"options", options_of(sandbox.options)},
               {"environment", environment_of(sandbox)},
               {"problems", sandbox.problems},
               {"daemons", Json::array()},
               {"nodes", Json::array()}};
  for (const Daemon& daemon : sandbox.daemons) {
    json["daemons"].push_back(
        {{"role", daemon.role}, {"pid", daemon.process.pid}, {"alive", daemon.alive}});
  }
  for (const NodeState& node : sandbox.nodes)
    json["nodes"].push_back({{"name", node.name}, {"state", node.state}});
  return json;
}

/// Paths may hold any byte; the answer is JSON all the same.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Sandbox& sandbox) {
  return dump(json_of(sandbox));
}

std::string to_json(const Up& up) {
  Json json = json_of(up.sandbox);
  json["outcome"] = to_string(up.outcome);
  json["seconds"] = static_cast<double>(up.took.count()) / 1000.0;
  return dump(json);
}

std::string to_json(const Down& down) {
  Json json = {{"was", to_string(down.was)},
               {"processes", down.processes},
               {"folder", down.folder.native()}};
  if (down.running_jobs) json["running_jobs"] = *down.running_jobs;
  return dump(json);
}

}  // namespace foz::sandbox
