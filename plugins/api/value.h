/// Value: the tree that a stage's `with:` block is, and what plugins answer with. Scalars stay as
/// the user wrote them ("0.10", "1e-3"); what type a scalar must have is said by the plugin's
/// fields. Standard library only: plugins never see core/.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace foz::plugin {

struct Value {
  using List = std::vector<Value>;
  using Map = std::vector<std::pair<std::string, Value>>;  ///< order kept, keys unique
  std::variant<std::string, List, Map> data;  ///< a null in YAML is an absent member, never a Value

  Value() = default;
  Value(std::string text) : data(std::move(text)) {}  // NOLINT: a scalar is a value
  Value(const char* text) : data(std::string(text)) {}
  Value(List list) : data(std::move(list)) {}
  Value(Map map) : data(std::move(map)) {}

  [[nodiscard]] const std::string* as_text() const { return std::get_if<std::string>(&data); }
  [[nodiscard]] const List* as_list() const { return std::get_if<List>(&data); }
  [[nodiscard]] const Map* as_map() const { return std::get_if<Map>(&data); }
  /// The member `key` of a map; null when absent or when this is no map.
  [[nodiscard]] const Value* find(std::string_view key) const {
    if (const Map* map = as_map())
      for (const auto& [name, value] : *map)
        if (name == key) return &value;
    return nullptr;
  }
  bool operator==(const Value&) const = default;
};

/// `text` as a template that gives back exactly `text`: "${{" becomes "$${{".
[[nodiscard]] inline std::string literal(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("${{")) out += '$';
    out += text[i];
  }
  return out;
}

}  // namespace foz::plugin
