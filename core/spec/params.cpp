#include "core/spec/params.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/base/utf8.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::array<std::string_view, 4> k_type_names = {"text", "int", "number", "bool"};
constexpr std::array<std::string_view, 4> k_type_titles = {"a text", "an integer", "a number",
                                                           "true or false"};

/// A value and how to speak of it: "the default of 'epochs'", "--param epochs".
struct Given {
  std::string text;
  SourceRange where;
  std::string title;
};

bool is_of_type(std::string_view text, ParamType type) {
  switch (type) {
    case ParamType::text:
      return true;
    case ParamType::integer:
      return parse_integer(text).has_value();
    case ParamType::number:
      return parse_number(text).has_value();
    case ParamType::boolean:
      return text == "true" || text == "false";
  }
  return false;
}

bool is_less(const std::string& left, const std::string& right, ParamType type) {
  if (type == ParamType::integer) return *parse_integer(left) < *parse_integer(right);
  return *parse_number(left) < *parse_number(right);
}

bool has_order(ParamType type) {
  return type == ParamType::integer || type == ParamType::number;
}

/// Checks a value against everything that is said of its param.
void check_value(const Param& param, const Given& given, Diagnostics& diagnostics) {
  const auto title = k_type_titles.at(static_cast<std::size_t>(param.type));
  if (!is_of_type(given.text, param.type)) {
    diagnostics.error(given.where,
                      fmt::format("{} must be {}, got {}", given.title, title, quoted(given.text)));
    return;
  }
  if (param.min && is_less(given.text, *param.min, param.type)) {
    diagnostics.error(given.where, fmt::format("{} must be at least {}, got {}", given.title,
                                               *param.min, quoted(given.text)));
  }
  if (param.max && is_less(*param.max, given.text, param.type)) {
    diagnostics.error(given.where, fmt::format("{} must be at most {}, got {}", given.title,
                                               *param.max, quoted(given.text)));
  }
  const auto& choices = param.choices;
  if (choices.empty() || std::find(choices.begin(), choices.end(), given.text) != choices.end()) {
    return;
  }
  diagnostics.error(
      given.where,
      fmt::format("{} must be one of the choices, got {}", given.title, quoted(given.text)),
      fmt::format("the choices are: {}", join(choices, ", ")));
}

ParamType read_type(const Node* node, Diagnostics& diagnostics) {
  if (node == nullptr) return ParamType::text;
  const auto word = yaml::as_string(*node, "type", diagnostics);
  if (!word) return ParamType::text;
  const auto found = std::find(k_type_names.begin(), k_type_names.end(), *word);
  if (found != k_type_names.end()) {
    return static_cast<ParamType>(found - k_type_names.begin());
  }
  diagnostics.error(node->where,
                    fmt::format("'type' must be text, int, number or bool, got {}", quoted(*word)));
  return ParamType::text;
}

/// `min` or `max`.
std::optional<std::string> read_bound(const BlockReader& block, std::string_view key,
                                      ParamType type, Diagnostics& diagnostics) {
  const Entry* entry = block.find_entry(key);
  if (entry == nullptr) return std::nullopt;
  if (!has_order(type)) {
    diagnostics.error(entry->key.where,
                      fmt::format("'{}' needs 'type: int' or 'type: number'", key));
    return std::nullopt;
  }
  auto text = yaml::as_string(entry->value, key, diagnostics);
  if (!text || is_of_type(*text, type)) return text;
  diagnostics.error(entry->value.where,
                    fmt::format("'{}' must be {}, got {}", key,
                                k_type_titles.at(static_cast<std::size_t>(type)), quoted(*text)));
  return std::nullopt;
}

std::vector<std::string> read_choices(const Node* node, const Param& param,
                                      Diagnostics& diagnostics) {
  if (node == nullptr) return {};
  if (!node->is_sequence() || node->items.empty()) {
    diagnostics.error(node->where, "'choices' must be a list with at least one value");
    return {};
  }
  std::vector<std::string> choices;
  for (const Node& item : node->items) {
    if (auto text = yaml::as_string(item, "choices", diagnostics)) {
      check_value(param, {*text, item.where, "a choice"}, diagnostics);
      choices.push_back(std::move(*text));
    }
  }
  return choices;
}

void read_long_form(const Node& node, Param& param, std::optional<Given>& given,
                    Diagnostics& diagnostics) {
  const BlockReader block(node, Block::param, "a param", diagnostics);
  param.type = read_type(block.find("type"), diagnostics);
  param.min = read_bound(block, "min", param.type, diagnostics);
  param.max = read_bound(block, "max", param.type, diagnostics);
  if (param.min && param.max && is_less(*param.max, *param.min, param.type)) {
    diagnostics.error(block.find("min")->where,
                      fmt::format("'min' {} is over 'max' {}", *param.min, *param.max));
    param.max.reset();
  }
  param.choices = read_choices(block.find("choices"), param, diagnostics);
  if (const Node* help = block.find("help")) {
    if (auto line = read_line(*help, "help", diagnostics)) param.help = std::move(line->value);
  }
  if (const Node* fallback = block.find("default")) {
    if (auto text = yaml::as_string(*fallback, "default", diagnostics)) {
      given = Given{std::move(*text), fallback->where, "'default'"};
    }
  }
}

/// The last one counts, as with any option of a command.
const std::string* find_override(const ReadOptions& options, std::string_view name) {
  const auto& given = options.params;
  const auto found = std::find_if(given.rbegin(), given.rend(),
                                  [name](const auto& pair) { return pair.first == name; });
  return found == given.rend() ? nullptr : &found->second;
}

bool is_clean(const std::string& text) {
  return !find_invalid_utf8(text) && text.find('\0') == text.npos;
}

/// Whether there is a list or map where one text must be.
std::optional<Given> read_short_form(const Node& node, std::string_view name,
                                     Diagnostics& diagnostics) {
  auto text = yaml::as_string(node, name, diagnostics);
  if (!text) return std::nullopt;
  return Given{std::move(*text), node.where, fmt::format("'{}'", name)};
}

Param read_param(const Entry& entry, const ReadOptions& options, Diagnostics& diagnostics) {
  Param param{entry.key, ParamType::text, {}, {}, {}, {}, {}};
  const auto scope = diagnostics.in(fmt::format("in param '{}'", param.name.value));
  (void)check_name(param.name, "a param", diagnostics);
  const std::size_t errors = diagnostics.error_count();
  std::optional<Given> given;
  if (entry.value.is_map() || entry.value.is_null()) {
    read_long_form(entry.value, param, given, diagnostics);
  } else {
    given = read_short_form(entry.value, param.name.value, diagnostics);
  }
  if (given) check_value(param, *given, diagnostics);
  if (const std::string* text = find_override(options, param.name.value)) {
    given = Given{*text, param.name.where, fmt::format("--param {}", param.name.value)};
    if (is_clean(*text)) {
      check_value(param, *given, diagnostics);
    } else {
      diagnostics.error(given->where, given->title + " is not UTF-8 text");
    }
  }
  if (given) param.value = std::move(given->text);
  if (!param.value && diagnostics.error_count() == errors) {
    diagnostics.error(
        param.name.where, fmt::format("param '{}' has no value", param.name.value),
        fmt::format("give it one with --param {}=VALUE, or a 'default'", param.name.value));
  }
  return param;
}

void check_overrides(const std::vector<Param>& params, const ReadOptions& options,
                     Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Param& param : params) names.push_back(param.name.value);
  for (const auto& [name, value] : options.params) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    std::string hint = did_you_mean(name, names, diagnostics);
    if (hint.empty() && names.empty()) hint = "this workflow has no params";
    diagnostics.error({},
                      fmt::format("--param {}: there is no param of this name", printable(name)),
                      std::move(hint));
  }
}

}  // namespace

std::vector<Param> read_params(const Node* node, const ReadOptions& options,
                               Diagnostics& diagnostics) {
  std::vector<Param> params;
  if (node != nullptr && is_mapping(*node, "'params'", diagnostics)) {
    for (const Entry& entry : node->entries) {
      params.push_back(read_param(entry, options, diagnostics));
    }
  }
  check_overrides(params, options, diagnostics);
  return params;
}

}  // namespace foz::spec
