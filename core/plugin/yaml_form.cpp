#include "core/plugin/yaml_form.h"

#include <fmt/format.h>

#include <map>

#include "core/plugin/template_form.h"
#include "core/yaml/tree.h"

namespace foz::plugin {

namespace {

using Places = std::map<std::string, SourceRange>;

std::string below(const std::string& path, const std::string& key) {
  return path.empty() ? key : fmt::format("{}.{}", path, key);
}

/// Turns nodes into values and remembers where each member stands.
class Converter {
 public:
  Places places;

  Value convert(const yaml::Node& node, const std::string& path) {
    places.emplace(path, node.where);
    if (node.is_sequence()) return list(node, path);
    if (node.is_map()) return map(node, path);
    return node.text;
  }

 private:
  Value list(const yaml::Node& node, const std::string& path) {
    Value::List out;
    for (const yaml::Node& item : node.items) {
      out.push_back(convert(item, fmt::format("{}[{}]", path, out.size())));
    }
    return out;
  }

  Value map(const yaml::Node& node, const std::string& path) {
    Value::Map out;
    for (const yaml::Entry& entry : node.entries) {
      if (entry.value.is_null()) continue;
      out.emplace_back(entry.key.value, convert(entry.value, below(path, entry.key.value)));
    }
    return out;
  }
};

/// The place of a member, or of the nearest thing around it that has one.
SourceRange place_of(std::string path, const Places& places) {
  while (true) {
    const auto place = places.find(path);
    if (place != places.end()) return place->second;
    const std::size_t cut = path.find_last_of(".[");
    if (cut == path.npos) break;
    path.resize(cut);
  }
  return places.at({});
}

std::string sentence(const Fault& fault) {
  if (fault.path.empty()) return fault.message;
  return fmt::format("'{}' {}", fault.path, fault.message);
}

void report(const Faults& faults, const Places& places, Diagnostics& diagnostics) {
  for (const Fault& fault : faults.errors) {
    diagnostics.error(place_of(fault.path, places), sentence(fault), fault.hint);
  }
  for (const Fault& fault : faults.unknown) {
    diagnostics.warning(place_of(fault.path, places), sentence(fault), fault.hint);
  }
}

}  // namespace

std::optional<Value> read_plugin_yaml(std::string_view text, const std::string& file,
                                      Diagnostics& diagnostics) {
  const auto node = yaml::read_yaml(text, file, diagnostics);
  if (!node) return std::nullopt;
  Converter converter;
  Value tree = converter.convert(*node, {});
  report(check_template(tree), converter.places, diagnostics);
  if (diagnostics.has_errors()) return std::nullopt;
  return tree;
}

}  // namespace foz::plugin
