#include "core/spec/defaults.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/spec/resources.h"
#include "core/spec/slurm_block.h"
#include "core/spec/world.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

bool is_merged_by_key(const Key& key) {
  return key.form == Form::variables || key.form == Form::resources || key.form == Form::slurm ||
         key.form == Form::limits;
}

/// Whether `own` says what `key` of the resources says, in the same or in another way.
bool has_rival(const Node& own, std::string_view key) {
  const Key* found = find_key(Block::resources, key);
  if (found == nullptr || found->rival.empty()) return false;
  const auto keys = keys_of(Block::resources);
  return std::any_of(keys.begin(), keys.end(), [&](const Key& other) {
    return other.rival == found->rival && own.find(other.name) != nullptr;
  });
}

bool has_gpus(const Node& resources) {
  const Node* gpus = resources.find("gpus_per_node");
  return gpus != nullptr && gpus->text != "0";
}

void drop_useless_gpu(Node& merged, const Node& own) {
  if (has_gpus(merged) || own.find("gpu") != nullptr) return;
  std::erase_if(merged.entries, [](const Entry& entry) { return entry.key.value == "gpu"; });
}

Node merge_block(const Key& key, const Node& below, const Node& own) {
  Node merged = own.is_null() ? below : own;
  const bool is_resources = key.form == Form::resources;
  if (own.is_map() && below.is_map()) {
    for (const Entry& entry : below.entries) {
      const bool is_said = own.find(entry.key.value) != nullptr;
      if (is_said || (is_resources && has_rival(own, entry.key.value))) continue;
      merged.entries.push_back(entry);
    }
  }
  if (is_resources) drop_useless_gpu(merged, own);
  return merged;
}

}  // namespace

void check_defaults(Node& defaults, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  const auto scope = diagnostics.in("in 'defaults'");
  fill_stage_params(defaults, reading);
  const BlockReader block(defaults, Block::stage, "'defaults'", diagnostics);
  for (const Entry& entry : defaults.entries) {
    const Key* key = find_key(Block::stage, entry.key.value);
    if (key == nullptr || key->in_defaults == InDefaults::yes) continue;
    if (!is_built(*key)) continue;
    diagnostics.error(entry.key.where, fmt::format("'{}' cannot stand in 'defaults'", key->name),
                      "say it in each stage");
  }
  if (const Node* node = block.find("resources"))
    (void)read_resources(*node, Layer::defaults, diagnostics);
  if (const Node* node = block.find("slurm")) (void)read_slurm(*node, reading);
  if (const Node* node = block.find("env")) (void)read_env(*node, diagnostics);
  if (const Node* node = block.find("setup")) (void)read_setup(*node, diagnostics);
  if (const Node* node = block.find("workdir")) (void)read_workdir(*node, diagnostics);
  if (const Node* node = block.find("limits")) (void)read_limits(*node, diagnostics);
  if (const Node* node = block.find("umask")) (void)read_umask(*node, diagnostics);
}

Node merge_defaults(const Node& defaults, Node stage) {
  Node merged = std::move(stage);
  for (const Entry& entry : defaults.entries) {
    const Key* key = find_key(Block::stage, entry.key.value);
    if (key == nullptr || !is_built(*key) || key->in_defaults == InDefaults::no) continue;
    const auto own =
        std::find_if(merged.entries.begin(), merged.entries.end(),
                     [&](const Entry& one) { return one.key.value == entry.key.value; });
    if (own == merged.entries.end()) {
      merged.entries.push_back({entry.key, merge_block(*key, entry.value, Node{})});
    } else if (own->value.is_null()) {
      own->value = merge_block(*key, entry.value, Node{});
    } else if (is_merged_by_key(*key)) {
      own->value = merge_block(*key, entry.value, own->value);
    }
  }
  return merged;
}

}  // namespace foz::spec
