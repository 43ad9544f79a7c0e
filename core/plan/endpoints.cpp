#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plan/builder.h"
#include "core/plugin/fill.h"

namespace foz::plan {

namespace {

std::string hint_of(std::string_view word, const std::vector<std::string>& names) {
  return suggest(word, names, names.empty() ? "" : "there are: " + join(names, ", "));
}

/// "endpoints.ROLE.PORT", with a number behind it, or "endpoints_json.ROLE.PORT".
void check_endpoint(const std::string& reference, const plugin::Shape& shape,
                    const SourceRange& where, Diagnostics& diagnostics) {
  const auto parts = split(reference, '.');
  if (parts.size() < 3 || !parts[0].starts_with("endpoints")) return;
  std::vector<std::string> roles;
  for (const plugin::Role& role : shape.roles) roles.push_back(role.name);
  const auto role = std::find(roles.begin(), roles.end(), parts[1]);
  if (role == roles.end())
    return diagnostics.error(where,
                             fmt::format("'{}' names a role that the plugin has not", reference),
                             hint_of(parts[1], roles));
  const auto& ports = shape.roles[static_cast<std::size_t>(role - roles.begin())].ports;
  if (std::find(ports.begin(), ports.end(), parts[2]) == ports.end())
    diagnostics.error(where,
                      fmt::format("'{}' names a port that role '{}' has not", reference, *role),
                      hint_of(parts[2], ports));
}

}  // namespace

void check_endpoints(const plugin::Value& text, const plugin::Shape& shape,
                     const SourceRange& where, Diagnostics& diagnostics) {
  for (const plugin::TreeReference& reference : plugin::references_of(text, ""))
    check_endpoint(reference.path, shape, where, diagnostics);
}

}  // namespace foz::plan
