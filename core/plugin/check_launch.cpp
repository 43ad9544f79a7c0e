#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/text.h"
#include "core/plugin/expand.h"

namespace foz::plugin {

namespace {

using Ports = std::map<std::string, std::set<std::string>>;  ///< by role

tl::unexpected<Error> refuse(std::string what) {
  return fail(Code::invalid, "the launch " + std::move(what));
}

Ports ports_of(const LaunchRequest& request) {
  Ports ports;
  for (const RankSlot& slot : request.ranks) {
    for (const auto& [name, port] : slot.ports) ports[slot.role].insert(name);
    ports.try_emplace(slot.role);
  }
  return ports;
}

Result<void> check_roles(const Launch& launch, const Ports& ports) {
  std::set<std::string> seen;
  for (const RoleLaunch& role : launch.roles) {
    const std::string name = printable(role.role);
    if (!ports.contains(role.role)) {
      return refuse(fmt::format("has role '{}', which the shape has not", name));
    }
    if (!seen.insert(role.role).second) return refuse(fmt::format("has role '{}' twice", name));
  }
  for (const auto& [role, names] : ports) {
    if (!seen.contains(role)) return refuse(fmt::format("says nothing of role '{}'", role));
  }
  return {};
}

Result<void> check_known(const std::string& role, const Ports& ports, std::string_view where) {
  if (role.empty() || ports.contains(role)) return {};
  return refuse(
      fmt::format("names role '{}' in {}, which the shape has not", printable(role), where));
}

Result<void> check_ready(const RoleLaunch& role, const Ports& ports) {
  if (!role.ready) return {};
  FOZ_CHECK(check_known(role.ready->role, ports, "ready"));
  const std::string& owner = role.ready->role.empty() ? role.role : role.ready->role;
  for (const std::string& port : {role.ready->tcp_port, role.ready->http_port}) {
    if (port.empty() || ports.at(owner).contains(port)) continue;
    return refuse(fmt::format("asks port '{}' of role '{}', which has none of that name",
                              printable(port), owner));
  }
  return {};
}

/// Takes away roles whose predecessors are gone, until none is left or none can go.
Result<void> check_order(const Launch& launch) {
  std::vector<const RoleLaunch*> waiting;
  for (const RoleLaunch& role : launch.roles) waiting.push_back(&role);
  const auto waits = [&](const RoleLaunch* role) {
    return std::any_of(waiting.begin(), waiting.end(), [&](const RoleLaunch* other) {
      return std::find(role->after.begin(), role->after.end(), other->role) != role->after.end();
    });
  };
  while (!waiting.empty()) {
    const auto free = std::find_if_not(waiting.begin(), waiting.end(), waits);
    if (free == waiting.end()) {
      return refuse(fmt::format("has role '{}' wait for itself", waiting.front()->role));
    }
    waiting.erase(free);
  }
  return {};
}

}  // namespace

Result<void> check_launch(const Launch& launch, const LaunchRequest& request) {
  const Ports ports = ports_of(request);
  FOZ_CHECK(check_roles(launch, ports));
  FOZ_CHECK(check_known(launch.ends_with, ports, "ends_with"));
  for (const RoleLaunch& role : launch.roles) {
    for (const std::string& other : role.after) FOZ_CHECK(check_known(other, ports, "after"));
    FOZ_CHECK(check_ready(role, ports));
  }
  return check_order(launch);
}

}  // namespace foz::plugin
