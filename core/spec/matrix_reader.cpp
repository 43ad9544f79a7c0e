#include "core/spec/matrix_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "core/base/text.h"
#include "core/spec/range.h"
#include "core/spec/rows.h"
#include "core/task/axis.h"
#include "core/task/exclude.h"
#include "core/task/stage.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::string_view k_except = "except";

std::optional<task::ListAxis> read_list(const Entry& entry, Diagnostics& diagnostics) {
  const std::string& name = entry.key.value;
  if (entry.value.items.empty()) {
    diagnostics.error(entry.value.where, fmt::format("axis '{}' is empty", name),
                      "without a value there is no task; leave the stage out, or give it one");
    return std::nullopt;
  }
  task::ListAxis axis;
  for (const Node& item : entry.value.items) {
    if (auto text = yaml::as_string(item, name, diagnostics))
      axis.values.push_back(std::move(*text));
  }
  if (axis.values.size() != entry.value.items.size()) return std::nullopt;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < axis.values.size(); ++i) {
    if (seen.insert(axis.values[i]).second) continue;
    diagnostics.warning(entry.value.items[i].where,
                        fmt::format("{} stands twice in axis '{}'", quoted(axis.values[i]), name));
  }
  if (axis.values.size() == 1 && looks_like_range(axis.values.front())) {
    diagnostics.warning(
        entry.value.items.front().where,
        fmt::format("in a list, {} is one value and no range", quoted(axis.values.front())),
        "leave out the brackets for a range");
  }
  return axis;
}

std::string scalar_hint(const Node& node) {
  if (node.text.empty() || node.text.size() > 40 || node.text.find('\n') != std::string::npos)
    return {};
  const auto ends = split(node.text, '-');
  const bool dashed = ends.size() == 2 && parse_integer(ends[0]) && parse_integer(ends[1]);
  if (dashed) return fmt::format("for a range write {}..{}", ends[0], ends[1]);
  return fmt::format("for a single value write [{}]", node.text);
}

std::optional<task::RangeAxis> read_range(const Entry& entry, Diagnostics& diagnostics) {
  const Node& node = entry.value;
  if (!node.is_scalar() || !looks_like_range(node.text)) {
    diagnostics.error(
        node.where,
        fmt::format("'{}' must be a list, a range such as 1..10, or rows of a file, got {}",
                    entry.key.value, yaml::describe(node)),
        node.is_scalar() ? scalar_hint(node) : "");
    return std::nullopt;
  }
  auto range = parse_range(node.text);
  if (range) return *range;
  diagnostics.error(node.where, std::move(range.error().message), std::move(range.error().hint));
  return std::nullopt;
}

std::optional<task::RowsAxis> read_rows(const Entry& entry, Reading& reading) {
  const BlockReader block(entry.value, Block::axis, "an axis", reading.diagnostics);
  const std::size_t errors = reading.diagnostics.error_count();
  std::optional<task::RowsAxis> rows;
  std::string_view before;
  for (const std::string_view kind : {"csv", "lines", "glob"}) {
    const Entry* source = block.find_entry(kind);
    if (source == nullptr) continue;
    if (!before.empty()) {
      reading.diagnostics.error(source->key.where,
                                fmt::format("'{}' and '{}' exclude each other", before, kind));
      return std::nullopt;
    }
    before = kind;
    const auto path = read_line(source->value, kind, reading.diagnostics);
    if (!path) continue;
    rows = kind == "csv"     ? read_csv(*path, reading)
           : kind == "lines" ? read_lines(*path, reading)
                             : read_glob(*path, reading);
  }
  if (before.empty() && entry.value.entries.empty() &&
      errors == reading.diagnostics.error_count()) {
    reading.diagnostics.error(entry.key.where, fmt::format("axis '{}' is empty", entry.key.value));
  }
  return rows;
}

/// False after errors.
bool read_axis(const Entry& entry, task::MatrixRule& rule, Reading& reading) {
  const auto keep = [&](auto values) {
    if (values) rule.axes.push_back({entry.key.value, std::move(*values)});
    return values.has_value();
  };
  if (entry.value.is_sequence()) return keep(read_list(entry, reading.diagnostics));
  if (entry.value.is_map()) return keep(read_rows(entry, reading));
  return keep(read_range(entry, reading.diagnostics));
}

/// False after errors.
bool read_except(const Node& node, task::MatrixRule& rule, Diagnostics& diagnostics) {
  const auto refuse = [&](const Node& at) {
    diagnostics.error(
        at.where, fmt::format("'except' must be a list of mappings, got {}", yaml::describe(at)),
        "for example: except: [{lr: 0.1, width: 512}]");
    return false;
  };
  if (!node.is_sequence()) return refuse(node);
  bool good = true;
  for (const Node& item : node.items) {
    if (!item.is_map()) {
      good = refuse(item);
      continue;
    }
    task::MatrixValues entry;
    for (const Entry& pair : item.entries) {
      auto text = yaml::as_string(pair.value, pair.key.value, diagnostics);
      good = good && text;
      if (text) entry.emplace_back(pair.key.value, std::move(*text));
    }
    rule.except.push_back(std::move(entry));
  }
  return good;
}

/// Different names that a task would find in the same variable.
bool check_variables(const task::MatrixRule& rule, const Entry& matrix, Diagnostics& diagnostics) {
  std::map<std::string, std::string> taken;
  bool good = true;
  for (const std::string& name : task::names_of(rule)) {
    const std::string variable = task::matrix_variable(name);
    const auto [other, is_new] = taken.emplace(variable, name);
    if (is_new) continue;
    diagnostics.error(
        matrix.value.find_entry(name.substr(0, name.find('.')))->key.where,
        fmt::format("'{}' and '{}' would both be ${}", other->second, name, variable));
    good = false;
  }
  return good;
}

/// Elements of the matrix; reports where it is too large, empty, or leaves out what is not there.
std::optional<std::uint64_t> count_elements(const task::MatrixRule& rule, const Entry& matrix,
                                            Diagnostics& diagnostics) {
  const auto product = task::count_product(rule.axes);
  if (!product) {
    diagnostics.error(matrix.key.where, product.error().message);
    return std::nullopt;
  }
  const task::Exclusion exclusion = task::exclude(rule.axes, rule.except);
  const Entry* except = matrix.value.find_entry(k_except);
  for (const task::ExceptMistake& mistake : exclusion.mistakes) {
    diagnostics.error(except->value.items[mistake.entry].where, mistake.error.message);
  }
  if (!exclusion.mistakes.empty()) return std::nullopt;
  const std::uint64_t size = *product - exclusion.positions.size();
  if (size > 0) return size;
  diagnostics.error(except->key.where, "'except' takes away every element");
  return std::nullopt;
}

bool read_parts(const Entry& matrix, task::MatrixRule& rule, Reading& reading) {
  bool good = true;
  for (const Entry& entry : matrix.value.entries) {
    if (entry.key.value == k_except) {
      good = read_except(entry.value, rule, reading.diagnostics) && good;
      continue;
    }
    const auto scope = reading.diagnostics.in(fmt::format("in axis '{}'", entry.key.value));
    good = check_name(entry.key, "an axis", reading.diagnostics) && good;
    good = read_axis(entry, rule, reading) && good;
  }
  return good;
}

bool check_shape(const Entry& matrix, Diagnostics& diagnostics) {
  const Node& node = matrix.value;
  if (!node.is_map()) {
    diagnostics.error(node.where, fmt::format("'matrix' must be a mapping of axes, got {}",
                                              yaml::describe(node)));
    return false;
  }
  const std::size_t axes = node.entries.size() - (node.find(k_except) != nullptr ? 1 : 0);
  if (axes == 0) diagnostics.error(matrix.key.where, "'matrix' has no axes");
  if (axes > k_max_axes) {
    diagnostics.error(matrix.key.where, fmt::format("'matrix' has {} axes, at most {} are possible",
                                                    axes, k_max_axes));
  }
  return axes > 0 && axes <= k_max_axes;
}

}  // namespace

std::optional<MatrixSpec> read_matrix(const Entry& matrix, Reading& reading) {
  Diagnostics& diagnostics = reading.diagnostics;
  if (!check_shape(matrix, diagnostics)) return std::nullopt;
  const std::size_t errors = diagnostics.error_count();
  task::MatrixRule rule;
  if (!read_parts(matrix, rule, reading) || errors != diagnostics.error_count())
    return std::nullopt;
  if (!check_variables(rule, matrix, diagnostics)) return std::nullopt;
  const auto size = count_elements(rule, matrix, diagnostics);
  if (!size) return std::nullopt;
  return MatrixSpec{{std::move(rule), matrix.key.where}, *size};
}

}  // namespace foz::spec
