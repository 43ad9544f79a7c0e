#include <unistd.h>

#include <algorithm>

#include "core/base/spawn.h"

namespace foz {

namespace {

bool has_name(std::string_view entry, std::string_view name) {
  return entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name);
}

}  // namespace

Environment current_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    environment.emplace_back(*entry);
  }
  return environment;
}

std::optional<std::string> find_variable(const Environment& environment, std::string_view name) {
  const auto found = std::find_if(environment.rbegin(), environment.rend(),
                                  [name](const auto& entry) { return has_name(entry, name); });
  if (found == environment.rend()) return std::nullopt;
  return found->substr(name.size() + 1);
}

void set_variable(Environment& environment, std::string_view name, std::string_view value) {
  unset_variable(environment, name);
  environment.push_back(std::string(name) + '=' + std::string(value));
}

void unset_variable(Environment& environment, std::string_view name) {
  std::erase_if(environment, [name](const auto& entry) { return has_name(entry, name); });
}

}  // namespace foz
