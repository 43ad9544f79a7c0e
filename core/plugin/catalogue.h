/// `foz plugin list` and `foz plugin show`: what there is, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "core/plugin/host.h"

namespace foz::plugin {

struct Listed {
  std::string name;
  std::string form;  ///< "yaml", "builtin", "json", "program"
  std::string summary;
  std::string folder;
  std::string error;  ///< why it cannot be used; the others are empty then, but for the name
};

/// Every name of the registry, loaded. A broken plugin is a row, never the end of the list.
[[nodiscard]] std::vector<Listed> list_plugins(Registry& registry);
[[nodiscard]] std::string render_text(const std::vector<Listed>& plugins);
[[nodiscard]] std::string to_json(const std::vector<Listed>& plugins);

/// One plugin's keys, exit codes, last words.
[[nodiscard]] std::string render_text(const Loaded& loaded);
[[nodiscard]] std::string to_json(const Loaded& loaded);

}  // namespace foz::plugin
