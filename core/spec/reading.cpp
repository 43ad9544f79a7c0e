#include "core/spec/reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/ids.h"
#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/task/template.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::size_t k_most_candidates = 300;
constexpr std::size_t k_shortest_stem = 3;
constexpr std::size_t k_longest_name = 64;
constexpr std::string_view k_params = "params.";

/// Words of other tools for keys of this one.
constexpr auto k_synonyms = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"command", "run"},
    {"cmd", "run"},
    {"script", "run"},
    {"depends_on", "needs"},
    {"after", "needs"},
    {"dependencies", "needs"},
    {"environment", "env"},
    {"variables", "env"},
    {"cwd", "workdir"},
    {"sweep", "matrix"},
    {"plugin", "uses"},
    {"walltime", "time"},
    {"time_limit", "time"},
    {"timeout", "time"},
    {"mem", "memory_per_node"},
    {"queue", "partition"},
    {"parameters", "params"},
    {"tasks", "stages"},
    {"jobs", "stages"},
    {"cpus", "cpus_per_node"},
    {"gpus", "gpus_per_node"},
    {"ranks", "ranks_per_node"},
    {"ntasks", "ranks_per_node"},
    {"ntasks_per_node", "ranks_per_node"},
    {"tasks_per_node", "ranks_per_node"},
    {"max", "at_most"},
    {"max_parallel", "at_most"},
    {"exclude_nodes", "exclude"},
    {"retries", "on_failure"},
    {"retry", "on_failure"},
    {"max_retries", "on_failure"},
});

std::string_view block_title(Block block) {
  switch (block) {
    case Block::workflow:
      return "the file";
    case Block::param:
      return "a param";
    case Block::stage:
      return "a stage";
    case Block::step:
      return "'steps'";
    case Block::axis:
      return "a matrix axis";
    case Block::array:
      return "'array'";
    case Block::resources:
      return "'resources'";
    case Block::slurm:
      return "'slurm'";
  }
  return "";
}

/// Where a key stands that was written in the wrong mapping.
std::string find_home(std::string_view name, Block block) {
  for (const Key& key : all_keys()) {
    const bool is_home = key.block == Block::array || key.block == Block::resources ||
                         key.block == Block::slurm || key.block == Block::stage ||
                         key.block == Block::step;
    if (key.name != name || key.block == block || !is_home) continue;
    return fmt::format("'{}' belongs in {}", name, block_title(key.block));
  }
  return {};
}

/// Our key for a word of another tool, spelt almost right; "" for none.
std::string_view find_synonym(std::string_view name, const Diagnostics& diagnostics) {
  if (diagnostics.error_count() >= Diagnostics::k_max_diagnostics) return {};
  std::vector<std::string> foreign;
  for (const auto& [word, ours] : k_synonyms) foreign.emplace_back(word);
  const auto near = find_nearest(name, foreign);
  for (const auto& [word, ours] : k_synonyms) {
    if (near && word == *near) return ours;
  }
  return {};
}

std::string hint_for(std::string_view name, Block block, const Diagnostics& diagnostics) {
  if (std::string home = find_home(name, block); !home.empty()) return home;
  const std::string_view ours = find_synonym(name, diagnostics);
  std::string near = did_you_mean(name, key_names(block), diagnostics);
  const bool is_exact = std::any_of(k_synonyms.begin(), k_synonyms.end(),
                                    [&](const auto& pair) { return pair.first == name; });
  if (!near.empty() && !is_exact) return near;
  if (const Key* key = find_key(block, ours); key != nullptr)
    return is_built(*key) ? fmt::format("did you mean '{}'?", ours)
                          : fmt::format("'{}' will do this; it is not built yet", ours);
  if (std::string home = find_home(ours, block); !home.empty()) return home;
  return near;
}

void check_key(const Entry& entry, Block block, Diagnostics& diagnostics) {
  const Key* key = find_key(block, entry.key.value);
  if (key == nullptr) {
    diagnostics.error(entry.key.where,
                      fmt::format("unknown key '{}' in {}", entry.key.value, block_title(block)),
                      hint_for(entry.key.value, block, diagnostics));
  } else if (!is_built(*key)) {
    diagnostics.error(
        entry.key.where, fmt::format("'{}' is not built yet", key->name),
        key->meanwhile.empty()
            ? fmt::format("leave it out for now; it will bring {}", key->brings)
            : fmt::format("it will bring {}; for now {}", key->brings, key->meanwhile));
  }
}

bool has_control(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    if (!point.valid || point.value < 0x20 || point.value == 0x7f) return true;
    text.remove_prefix(point.length);
  }
  return false;
}

std::string name_hint(std::string_view name) {
  if (name.size() > k_longest_name)
    return fmt::format("a name has at most {} characters", k_longest_name);
  return "a name is letters, digits, '-' and '_', a letter or digit first";
}

bool takes_params_only(const Key& key) {
  return key.form == Form::resources || key.form == Form::slurm || key.form == Form::matrix ||
         key.form == Form::array || key.form == Form::limits || key.form == Form::octal;
}

/// Reports a reference that is not a param's.
void refuse_reference(const Node& node, const task::Reference& reference, std::string_view title,
                      Reading& reading) {
  if (is_full(reading.diagnostics)) return reading.diagnostics.error({}, "");
  const std::string_view path = reference.path;
  const bool is_param = path.starts_with(k_params);
  std::vector<std::string> names;
  for (const auto& [name, value] : reading.params) names.push_back(std::string(k_params) + name);
  reading.diagnostics.error(range_within(node.where, node.text, reference.offset,
                                         reference_length(node.text, reference.offset)),
                            is_param ? fmt::format("there is no '{}'", path)
                                     : fmt::format("'{}' cannot stand in {}", path, title),
                            is_param ? did_you_mean(path, names, reading.diagnostics)
                                     : "only params are known when this is read");
}

bool is_declared(std::string_view path, const Reading& reading) {
  return std::any_of(reading.declared.begin(), reading.declared.end(), [path](const Param& param) {
    return path == std::string(k_params) + param.name.value;
  });
}

/// False where it cannot be filled.
bool fill_text(Node& node, std::string_view title, Reading& reading) {
  if (node.text.find("${{") == std::string::npos) return true;
  const auto references = task::find_references(node.text);
  if (!references) {
    const auto& mistake = references.error();
    reading.diagnostics.error(range_within(node.where, node.text, mistake.offset, 3),
                              mistake.message);
    return false;
  }
  const auto find = [&reading](std::string_view path) -> std::optional<std::string> {
    const bool is_param = path.starts_with(k_params);
    const auto found = reading.params.find(is_param ? path.substr(k_params.size()) : path);
    if (!is_param || found == reading.params.end()) return std::nullopt;
    return found->second;
  };
  std::size_t size = node.text.size();
  for (const task::Reference& reference : *references) {
    const auto value = find(reference.path);
    if (!value && !is_declared(reference.path, reading))
      refuse_reference(node, reference, title, reading);
    size += value ? value->size() : 0;
  }
  if (size > reading.budgets.filled) {
    reading.diagnostics.error(node.where, filled_too_long());
    return false;
  }
  reading.budgets.filled -= size;
  auto text = task::finish(node.text, find);
  if (!text) return false;
  node.text = std::move(*text);
  node.plain = node.plain || !references->empty();  // as if the value stood there
  return true;
}

bool is_capital(char c) {
  return (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_in_name(char c) {
  return is_capital(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// Bytes of a shell's variable that `text` begins with: "$HOME" (at least two capitals), "${data}";
/// 0: none.
std::size_t variable_length(std::string_view text) {
  if (text.size() < 3 || text[0] != '$') return 0;
  const bool has_brace = text[1] == '{';
  const std::size_t first = has_brace ? 2 : 1;
  std::size_t end = first;
  while (end < text.size() && is_in_name(text[end])) ++end;
  if (has_brace) return end > first && end < text.size() && text[end] == '}' ? end + 1 : 0;
  return is_capital(text[1]) && is_capital(text[2]) ? end : 0;
}

/// Offset and bytes of what a shell would have replaced.
std::optional<std::pair<std::size_t, std::size_t>> find_shell_word(std::string_view text) {
  if (text == "~" || text.starts_with("~/")) return std::pair<std::size_t, std::size_t>(0, 1);
  for (std::size_t at = text.find('$'); at != text.npos; at = text.find('$', at + 1))
    if (const std::size_t length = variable_length(text.substr(at)); length > 0)
      return std::pair(at, length);
  return std::nullopt;
}

/// What asks for a kind of GPU says nothing where their number could not be filled in.
void drop_gpu_keys(Node& resources) {
  std::erase_if(resources.entries, [](const Entry& entry) {
    return entry.key.value == "gpu" || entry.key.value == "memory_per_gpu";
  });
}

}  // namespace

void warn_of_shell_words(const Located<std::string>& text, std::string_view title,
                         std::string_view hint, Diagnostics& diagnostics) {
  const auto word = find_shell_word(text.value);
  if (!word) return;
  const auto [offset, length] = *word;
  diagnostics.warning(range_within(text.where, text.value, offset, length),
                      fmt::format("'{}' stays as it is: no shell reads {}",
                                  text.value.substr(offset, length), title),
                      std::string(hint));
}

std::string filled_too_long() {
  return fmt::format("with the params put in, texts are over {} MiB in all", k_max_filled >> 20U);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& names,
                         const Diagnostics& diagnostics) {
  if (diagnostics.error_count() >= Diagnostics::k_max_diagnostics) return {};
  std::vector<std::string> candidates(
      names.begin(),
      names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), k_most_candidates)));
  if (std::string hint = suggest(word, candidates); !hint.empty()) return hint;
  if (word.size() < k_shortest_stem) return {};
  const auto stem = std::find_if(candidates.begin(), candidates.end(),
                                 [word](const auto& name) { return name.starts_with(word); });
  return stem == candidates.end() ? std::string() : fmt::format("did you mean '{}'?", *stem);
}

BlockReader::BlockReader(const Node& node, Block block, std::string_view title,
                         Diagnostics& diagnostics)
    : node_(node), block_(block) {
  if (!is_mapping(node, title, diagnostics)) return;
  for (const Entry& entry : node.entries) check_key(entry, block, diagnostics);
}

const Entry* BlockReader::find_entry(std::string_view name) const {
  const Key* key = find_key(block_, name);
  return key != nullptr && is_built(*key) ? node_.find_entry(name) : nullptr;
}

const Node* BlockReader::find(std::string_view name) const {
  const Entry* entry = find_entry(name);
  return entry == nullptr ? nullptr : &entry->value;
}

bool is_mapping(const Node& node, std::string_view title, Diagnostics& diagnostics) {
  if (node.is_map() || node.is_null()) return true;
  diagnostics.error(node.where,
                    fmt::format("{} must be a mapping, got {}", title, yaml::describe(node)));
  return false;
}

std::optional<Located<std::string>> read_line(const Node& node, std::string_view title,
                                              Diagnostics& diagnostics) {
  auto text = yaml::as_string(node, title, diagnostics);
  if (!text) return std::nullopt;
  if (text->empty()) {
    diagnostics.error(node.where, fmt::format("'{}' is empty", title));
    return std::nullopt;
  }
  if (has_control(*text)) {
    diagnostics.error(node.where,
                      fmt::format("'{}' must be one line without control characters", title));
    return std::nullopt;
  }
  return Located<std::string>{std::move(*text), node.where};
}

bool check_name(const Located<std::string>& name, std::string_view what, Diagnostics& diagnostics) {
  if (is_safe_name(name.value)) return true;
  diagnostics.error(
      name.where,
      fmt::format("{} cannot be named {}", what, quoted(name.value.substr(0, k_longest_name + 1))),
      name_hint(name.value));
  return false;
}

bool fill_params(Node& node, std::string_view title, Reading& reading) {
  if (node.is_scalar()) {
    const bool is_filled = fill_text(node, title, reading);
    if (!is_filled) ++reading.left_out;
    return is_filled;
  }
  bool is_whole = true;
  for (Node& item : node.items) is_whole = fill_params(item, title, reading) && is_whole;
  std::vector<Entry> entries;
  for (Entry& entry : node.entries) {
    if (fill_params(entry.value, title, reading)) entries.push_back(std::move(entry));
  }
  node.entries = std::move(entries);
  return is_whole;
}

void fill_stage_params(Node& stage, Reading& reading) {
  const auto fill = [&reading](Entry& entry) {
    const Key* key = find_key(Block::stage, entry.key.value);
    if (key == nullptr || !takes_params_only(*key)) return true;
    const std::size_t left_out = reading.left_out;
    const bool had_gpus = entry.value.find("gpus_per_node") != nullptr;
    const bool is_filled = fill_params(entry.value, fmt::format("'{}'", key->name), reading);
    const bool is_whole = left_out == reading.left_out;
    if (had_gpus && entry.value.find("gpus_per_node") == nullptr) drop_gpu_keys(entry.value);
    return is_filled && (is_whole || key->form != Form::matrix);  // half a matrix is none
  };
  std::vector<Entry> entries;
  for (Entry& entry : stage.entries) {
    if (fill(entry)) entries.push_back(std::move(entry));
  }
  stage.entries = std::move(entries);
}

std::size_t reference_length(std::string_view text, std::size_t offset) {
  const std::size_t end = text.find("}}", offset);
  return end == text.npos ? text.size() - offset : end + 2 - offset;
}

SourceRange range_within(const SourceRange& where, std::string_view text, std::size_t offset,
                         std::size_t length) {
  const auto points = static_cast<int>(count_code_points(text));
  const int quotes = where.length == points + 2 ? 1 : 0;
  if (where.length != points + 2 * quotes) return where;
  SourceRange part = where;
  part.column += quotes + static_cast<int>(count_code_points(text.substr(0, offset)));
  part.length = static_cast<int>(count_code_points(text.substr(offset, length)));
  return part;
}

}  // namespace foz::spec
