#include "core/spec/needs.h"

#include <fmt/format.h>

#include <unordered_set>

#include "core/base/text.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using task::EdgeKind;
using yaml::Entry;
using yaml::Node;

namespace {

class NeedsReader {
 public:
  explicit NeedsReader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  std::vector<Need> run(const Node& node) {
    if (node.is_sequence()) {
      for (const Node& item : node.items) read_item(item);
    } else {
      read_item(node);
    }
    return std::move(needs_);
  }

 private:
  void read_item(const Node& node) {
    if (node.is_map()) {
      for (const Entry& entry : node.entries) read_pair(entry);
    } else if (node.is_sequence()) {
      diagnostics_.error(node.where, "'needs' must name stages, got a list in a list");
    } else if (auto name = yaml::as_string(node, "needs", diagnostics_)) {
      add({{std::move(*name), node.where}, EdgeKind::success, 100});
    }
  }

  void read_pair(const Entry& entry) {
    Need need{entry.key, EdgeKind::success, 100};
    const auto word = yaml::as_string(entry.value, entry.key.value, diagnostics_);
    if (!word) return;
    if (*word == "each") {
      need.kind = EdgeKind::each;
    } else if (*word == "finished") {
      need.kind = EdgeKind::finished;
    } else if (word->ends_with('%')) {
      need.kind = EdgeKind::percent;
      need.percent = read_percent(entry.value);
    } else if (*word != "success") {
      diagnostics_.error(
          entry.value.where,
          fmt::format("'{}' must be success, each, finished or a percentage such as 95%, got {}",
                      entry.key.value, quoted(*word)),
          did_you_mean(*word, {"success", "each", "finished"}, diagnostics_));
    }
    add(std::move(need));
  }

  int read_percent(const Node& node) {
    const auto number = parse_integer(node.text.substr(0, node.text.size() - 1));
    if (number && *number >= 1 && *number <= 100) return static_cast<int>(*number);
    diagnostics_.error(node.where,
                       fmt::format("a percentage must be a whole number from 1% to 100%, got {}",
                                   quoted(node.text)));
    return 100;
  }

  void add(Need need) {
    if (seen_.insert(need.stage.value).second) {
      needs_.push_back(std::move(need));
    } else {
      diagnostics_.error(need.stage.where,
                         fmt::format("'{}' stands twice in 'needs'", need.stage.value));
    }
  }

  Diagnostics& diagnostics_;
  std::vector<Need> needs_;
  std::unordered_set<std::string> seen_;
};

}  // namespace

std::vector<Need> read_needs(const Node& node, Diagnostics& diagnostics) {
  if (node.is_null()) return {};
  return NeedsReader(diagnostics).run(node);
}

}  // namespace foz::spec
