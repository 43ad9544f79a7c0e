#include "core/spec/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

enum class LimitUnit { number, bytes, seconds };

struct LimitName {
  std::string_view name;
  LimitUnit unit;
};

constexpr auto k_limits = std::to_array<LimitName>({
    {"as", LimitUnit::bytes},
    {"core", LimitUnit::bytes},
    {"cpu", LimitUnit::seconds},
    {"data", LimitUnit::bytes},
    {"fsize", LimitUnit::bytes},
    {"memlock", LimitUnit::bytes},
    {"msgqueue", LimitUnit::bytes},
    {"nofile", LimitUnit::number},
    {"nproc", LimitUnit::number},
    {"rss", LimitUnit::bytes},
    {"rtprio", LimitUnit::number},
    {"sigpending", LimitUnit::number},
    {"stack", LimitUnit::bytes},
});

bool is_variable(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}

void check_variable(const Located<std::string>& name, Diagnostics& diagnostics) {
  if (!is_variable(name.value)) {
    diagnostics.error(name.where,
                      fmt::format("{} cannot be the name of a variable", quoted(name.value)),
                      "letters, digits and '_', no digit first");
  } else if (name.value.starts_with("FOZ_")) {
    diagnostics.error(
        name.where, fmt::format("'{}': variables that begin with FOZ_ are foz's own", name.value));
  }
}

/// A bare 0 needs no unit.
bool is_zero(const Node& node) {
  return node.is_scalar() && node.plain && node.text == "0";
}

std::optional<std::string> read_limit(const LimitName& limit, const Node& node,
                                      Diagnostics& diagnostics) {
  if (node.is_scalar() && node.text == "unlimited") return node.text;
  if (is_zero(node)) return node.text;
  if (limit.unit == LimitUnit::bytes) {
    const auto bytes = yaml::as_bytes(node, limit.name, diagnostics);
    return bytes ? std::optional(fmt::format("{}", bytes->count)) : std::nullopt;
  }
  if (limit.unit == LimitUnit::seconds) {
    const auto seconds = yaml::as_duration(node, limit.name, diagnostics);
    return seconds ? std::optional(fmt::format("{}", seconds->count())) : std::nullopt;
  }
  const auto number = yaml::as_integer_between(node, limit.name, 0, INT64_MAX, diagnostics);
  return number ? std::optional(fmt::format("{}", *number)) : std::nullopt;
}

std::vector<std::string> limit_names() {
  std::vector<std::string> names;
  for (const LimitName& limit : k_limits) names.emplace_back(limit.name);
  return names;
}

bool climbs_out(std::string_view path) {
  const auto names = split(path, '/');
  return std::find(names.begin(), names.end(), "..") != names.end();
}

void check_output_name(const Located<std::string>& name, Diagnostics& diagnostics) {
  if (!check_name(name, "an output", diagnostics)) return;
  if (name.value != "manifest") return;
  diagnostics.error(name.where, "'manifest' cannot be the name of an output",
                    "it is what foz itself writes about a stage's tasks");
}

constexpr std::string_view k_path_hint = "write it out, or give it as a param: --param NAME=VALUE";

}  // namespace

std::optional<Located<std::string>> read_workdir(const Node& node, Diagnostics& diagnostics) {
  auto path = read_line(node, "workdir", diagnostics);
  if (path) warn_of_shell_words(*path, "'workdir'", k_path_hint, diagnostics);
  return path;
}

Variables read_env(const Node& node, Diagnostics& diagnostics) {
  Variables env;
  if (!is_mapping(node, "'env'", diagnostics)) return env;
  for (const Entry& entry : node.entries) {
    check_variable(entry.key, diagnostics);
    if (entry.value.is_null()) {
      diagnostics.error(entry.value.where,
                        fmt::format("variable '{}' has no value", entry.key.value),
                        "for an empty one write \"\"");
      continue;
    }
    auto value = yaml::as_string(entry.value, entry.key.value, diagnostics);
    if (!value) continue;
    env.push_back({entry.key, {std::move(*value), entry.value.where}});
    warn_of_shell_words(env.back().second, "'env'",
                        fmt::format("a line of 'setup' can: export {}=...", entry.key.value),
                        diagnostics);
  }
  return env;
}

std::vector<Located<std::string>> read_setup(const Node& node, Diagnostics& diagnostics) {
  std::vector<Located<std::string>> lines;
  if (node.is_null()) return lines;
  if (!node.is_sequence()) {
    diagnostics.error(
        node.where,
        fmt::format("'setup' must be a list of shell lines, got {}", yaml::describe(node)),
        node.is_scalar() ? "put it in brackets" : "");
    return lines;
  }
  for (const Node& item : node.items) {
    auto line = yaml::as_string(item, "setup", diagnostics);
    if (line) lines.push_back({std::move(*line), item.where});
  }
  return lines;
}

std::map<std::string, Located<std::string>> read_limits(const Node& node,
                                                        Diagnostics& diagnostics) {
  std::map<std::string, Located<std::string>> limits;
  if (!is_mapping(node, "'limits'", diagnostics)) return limits;
  for (const Entry& entry : node.entries) {
    const auto limit = std::find_if(k_limits.begin(), k_limits.end(), [&](const LimitName& one) {
      return one.name == entry.key.value;
    });
    if (limit == k_limits.end()) {
      diagnostics.error(entry.key.where, fmt::format("there is no limit '{}'", entry.key.value),
                        did_you_mean(entry.key.value, limit_names(), diagnostics));
      continue;
    }
    auto value = read_limit(*limit, entry.value, diagnostics);
    if (value)
      limits.emplace(entry.key.value, Located<std::string>{std::move(*value), entry.value.where});
  }
  return limits;
}

std::optional<Located<unsigned>> read_umask(const Node& node, Diagnostics& diagnostics) {
  unsigned mask = 0;
  const bool is_octal = node.is_scalar() && !node.text.empty() && node.text.size() <= 4 &&
                        node.text.find_first_not_of("01234567") == std::string::npos;
  if (is_octal) {
    for (const char digit : node.text) mask = mask * 8 + static_cast<unsigned>(digit - '0');
  }
  if (is_octal && mask <= 0777) return Located<unsigned>{mask, node.where};
  diagnostics.error(node.where, fmt::format("'umask' must be an octal number such as 027, got {}",
                                            yaml::describe(node)));
  return std::nullopt;
}

std::vector<OutputSpec> read_outputs(const Node& node, Diagnostics& diagnostics) {
  std::vector<OutputSpec> outputs;
  if (!is_mapping(node, "'outputs'", diagnostics)) return outputs;
  if (node.entries.size() > k_max_outputs) {
    diagnostics.error(node.where, fmt::format("a stage has at most {} outputs", k_max_outputs),
                      "name a folder instead of its files");
    return outputs;
  }
  for (const Entry& entry : node.entries) {
    check_output_name(entry.key, diagnostics);
    auto path = read_line(entry.value, entry.key.value, diagnostics);
    if (!path) continue;
    if (climbs_out(path->value)) {
      diagnostics.warning(path->where, fmt::format("output '{}' lies outside of the stage's folder",
                                                   entry.key.value));
    }
    warn_of_shell_words(*path, "'outputs'", k_path_hint, diagnostics);
    outputs.push_back({entry.key, std::move(*path)});
  }
  return outputs;
}

}  // namespace foz::spec
