#include "core/spec/slurm_block.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hostlist.h"
#include "core/base/text.h"
#include "core/spec/verbatim.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Node;

namespace {

constexpr std::int64_t k_most_nice = 2'147'483'645;  ///< Slurm's own bound

/// A line, or a list of lines that Slurm reads between commas.
std::optional<Located<std::string>> read_words(const Node& node, std::string_view name,
                                               Diagnostics& diagnostics) {
  if (!node.is_sequence()) return read_line(node, name, diagnostics);
  std::vector<std::string> words;
  for (const Node& item : node.items) {
    if (auto word = read_line(item, name, diagnostics)) words.push_back(std::move(word->value));
  }
  if (node.items.empty()) diagnostics.error(node.where, fmt::format("'{}' is empty", name));
  if (words.empty() || words.size() != node.items.size()) return std::nullopt;
  return Located<std::string>{join(words, ","), node.where};
}

std::optional<Located<std::string>> read_nice(const Node& node, Diagnostics& diagnostics) {
  const auto value = yaml::as_integer_between(node, "nice", -k_most_nice, k_most_nice, diagnostics);
  if (!value) return std::nullopt;
  return Located<std::string>{fmt::format("{}", *value), node.where};
}

/// Whether Slurm could read it. Where too many names were written out already, that is left to
/// Slurm.
bool is_host_list(std::string_view text, Budgets& budgets) {
  constexpr std::size_t k_most = 100'000;
  constexpr std::size_t k_cost_of_mistake = 20'000;  // how far it was read is not known
  if (text.find_first_of(" /") != text.npos) return false;
  if (budgets.hosts < k_most) return true;
  const auto hosts = expand_hostlist(text, k_most);
  const bool has_ranges = text.find('[') != text.npos;
  budgets.hosts -= hosts ? hosts->size() : has_ranges ? k_cost_of_mistake : 1;
  return hosts && !hosts->empty();
}

std::optional<Located<std::string>> read_hosts(const Node& node, std::string_view name,
                                               Reading& reading) {
  auto hosts = read_words(node, name, reading.diagnostics);
  if (!hosts || is_host_list(hosts->value, reading.budgets)) return hosts;
  reading.diagnostics.error(hosts->where,
                            fmt::format("'{}' is no list of nodes: {}", name, quoted(hosts->value)),
                            "write it like gpu[01-04],login1");
  return std::nullopt;
}

std::optional<Located<std::string>> read_option(const Key& key, const Node& node,
                                                Reading& reading) {
  if (key.name == "nice") return read_nice(node, reading.diagnostics);
  if (key.name == "nodelist" || key.name == "exclude") return read_hosts(node, key.name, reading);
  if (key.form == Form::words) return read_words(node, key.name, reading.diagnostics);
  return read_line(node, key.name, reading.diagnostics);
}

std::vector<Located<std::string>> read_arguments(const Node& node, std::string_view name,
                                                 Diagnostics& diagnostics) {
  std::vector<Located<std::string>> words;
  if (node.is_null()) return words;
  if (!node.is_sequence()) {
    diagnostics.error(
        node.where, fmt::format("'{}' must be a list of words, got {}", name, yaml::describe(node)),
        name == "sbatch_args" ? "for example [--contiguous, --deadline=now+2days]"
                              : "for example [--cpu-bind=cores]");
    return words;
  }
  for (const Node& item : node.items) {
    if (auto word = read_line(item, name, diagnostics)) words.push_back(std::move(*word));
  }
  return words;
}

}  // namespace

SlurmBlock read_slurm(const Node& node, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  const BlockReader reader(node, Block::slurm, "'slurm'", diagnostics);
  SlurmBlock block;
  for (const Key& key : keys_of(Block::slurm)) {
    const Node* value = reader.find(key.name);
    if (value == nullptr) continue;
    if (key.form == Form::texts) {
      auto words = read_arguments(*value, key.name, diagnostics);
      const bool is_sbatch = key.name == "sbatch_args";
      check_verbatim(is_sbatch ? Program::sbatch : Program::srun, words, diagnostics);
      (is_sbatch ? block.sbatch_args : block.srun_args) = std::move(words);
    } else if (auto option = read_option(key, *value, reading)) {
      block.options.emplace(key.name, std::move(*option));
    }
  }
  return block;
}

}  // namespace foz::spec
