#include "core/plugin/catalogue.h"
#include "core/plugin/contract_source_json.h"

namespace foz::plugin {

std::string to_json(const std::vector<Listed>& plugins) {
  Json out = Json::array();
  for (const Listed& plugin : plugins) {
    Json one;
    one["name"] = text_json(plugin.name);
    one["form"] = plugin.form;
    one["summary"] = text_json(plugin.summary);
    one["folder"] = text_json(plugin.folder);
    if (!plugin.error.empty()) one["error"] = text_json(plugin.error);
    out.push_back(std::move(one));
  }
  return line_of(out);
}

std::string to_json(const Loaded& loaded) {
  Json out = json_of(loaded.description);
  out["file"] = text_json(loaded.file.string());
  return line_of(out);
}

}  // namespace foz::plugin
