#include "core/yaml/tree.h"

#include <algorithm>

#include "core/base/text.h"

namespace foz::yaml {

namespace {

constexpr std::size_t k_longest_shown = 60;

}  // namespace

const Entry* Node::find_entry(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [key](const Entry& entry) { return entry.key.value == key; });
  return found == entries.end() ? nullptr : &*found;
}

const Node* Node::find(std::string_view key) const {
  const Entry* entry = find_entry(key);
  return entry == nullptr ? nullptr : &entry->value;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return node.text.empty() ? "nothing" : node.text;
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      return "a mapping";
    case Node::Kind::scalar:
      break;
  }
  if (node.text.size() <= k_longest_shown) return quoted(node.text);
  return quoted(node.text.substr(0, k_longest_shown)) + "...";
}

}  // namespace foz::yaml
