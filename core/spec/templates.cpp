#include "core/spec/templates.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

class Collector {
 public:
  void add(TextUse use, const Node* node) {
    if (node == nullptr) return;
    if (node->is_scalar() && node->text.find("${{") != std::string::npos) {
      texts_.push_back({use, {node->text, node->where}});
    }
    for (const Node& item : node->items) add(use, &item);
    for (const Entry& entry : node->entries) add(use, &entry.value);
  }

  void add_command(const Node& block) {
    const Node* run = block.find("run");
    if (run != nullptr) add(run->is_sequence() ? TextUse::command : TextUse::script, run);
    add(TextUse::command, block.find("with"));
  }

  std::vector<StageText> take() { return std::move(texts_); }

 private:
  std::vector<StageText> texts_;
};

}  // namespace

std::vector<StageText> collect_texts(const Node& stage) {
  Collector collector;
  collector.add_command(stage);
  if (const Node* steps = stage.find("steps")) {
    for (const Node& step : steps->items) collector.add_command(step);
  }
  collector.add(TextUse::command, stage.find("env"));
  collector.add(TextUse::script, stage.find("setup"));
  collector.add(TextUse::path, stage.find("workdir"));
  collector.add(TextUse::path, stage.find("outputs"));
  return collector.take();
}

}  // namespace foz::spec
