/// A world of two nodes with a worker of two ports on each, and a helper: what the tests of
/// expansion and launches talk about.
#pragma once

#include "plugins/api/api.h"

namespace foz::plugin {

inline LaunchRequest world_of_two() {
  LaunchRequest request;
  request.world_size = 2;
  request.attempt = 3;
  request.nodes = {{"n1", "10.0.0.1", "top.s1", 4, 6144, {"0", "GPU-a"}, "/scratch/n1"},
                   {"n2", "fd00::2", "top.s2", 8, 4096, {}, "/scratch/n2"}};
  request.ranks = {{"master", 0, 0, 0, 0, {{"rpc", 7077}}},
                   {"worker", 0, 0, 0, 0, {{"rpc", 2001}, {"ui", 2002}}},
                   {"worker", 1, 1, 1, 0, {{"rpc", 3001}, {"ui", 3002}}}};
  request.task_dir = "/run/task";
  request.plugin_dir = "/run/plugins/x";
  request.nonce = "0123";
  return request;
}

inline RoleLaunch role_launch(std::string role, std::vector<std::string> argv) {
  RoleLaunch out;
  out.role = std::move(role);
  out.argv = std::move(argv);
  return out;
}

}  // namespace foz::plugin
