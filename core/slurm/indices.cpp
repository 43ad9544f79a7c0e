#include "core/slurm/indices.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/slurm/delimited.h"

namespace foz::slurm {

namespace {

struct Range {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
  std::uint32_t step = 1;
};

std::optional<std::uint32_t> parse_index(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto value = parse_integer(text);
  if (!value || *value >= UINT32_MAX) return std::nullopt;
  return static_cast<std::uint32_t>(*value);
}

/// "7", "3-16" or "0-9:2".
std::optional<Range> parse_range(std::string_view text) {
  const auto stepped = split(text, ':', 2);
  const auto ends = split(stepped.front(), '-', 2);
  const auto first = parse_index(ends.front());
  const auto last = parse_index(ends.back());
  const auto step = stepped.size() == 2 ? parse_index(stepped.back()) : std::uint32_t{1};
  if (!first || !last || !step || *step == 0 || *last < *first) return std::nullopt;
  if (stepped.size() == 2 && ends.size() == 1) return std::nullopt;
  return Range{*first, *last, *step};
}

tl::unexpected<Error> not_indices(std::string_view text) {
  return fail(Code::invalid, fmt::format("{} is not a list of array indices", quoted(text)));
}

}  // namespace

Result<std::vector<ArrayIndex>> expand_indices(std::string_view text, std::size_t limit) {
  std::vector<ArrayIndex> indices;
  for (const std::string_view piece : split(split(text, '%', 2).front(), ',')) {
    const auto range = parse_range(piece);
    if (!range) return not_indices(text);
    const std::uint64_t count = (range->last - range->first) / range->step + 1ULL;
    if (count > limit - indices.size()) {
      return fail(Code::invalid,
                  fmt::format("{} has more than {} array indices", quoted(text), limit));
    }
    for (std::uint64_t i = 0; i < count; ++i) {
      indices.push_back(ArrayIndex{static_cast<std::uint32_t>(range->first + i * range->step)});
    }
  }
  return indices;
}

std::string format_indices(std::vector<ArrayIndex> indices) {
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());
  std::string text;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i + 1;
    while (end < indices.size() && indices[end].value == indices[end - 1].value + 1) ++end;
    if (!text.empty()) text += ',';
    text += fmt::format("{}", indices[i].value);
    if (end - i > 1) text += fmt::format("-{}", indices[end - 1].value);
    i = end;
  }
  return text;
}

std::string selector_text(const JobSelector& selector) {
  if (selector.elements.empty()) return fmt::format("{}", selector.id.value);
  return fmt::format("{}_[{}]", selector.id.value, selector.elements);
}

std::optional<JobSelector> parse_selector(std::string_view text) {
  const std::size_t under = text.find('_');
  const auto id = parse_job_id(text.substr(0, under));
  if (!id) return std::nullopt;
  if (under == text.npos) return JobSelector{*id, {}};
  std::string_view elements = text.substr(under + 1);
  if (elements.starts_with('[') && elements.ends_with(']')) {
    elements = elements.substr(1, elements.size() - 2);
  }
  if (!expand_indices(elements)) return std::nullopt;
  return JobSelector{*id, std::string(elements)};
}

Result<std::vector<JobRow>> expand_rows(std::vector<JobRow> rows) {
  std::vector<JobRow> expanded;
  expanded.reserve(rows.size());
  for (JobRow& row : rows) {
    if (row.pending_indices.empty()) {
      expanded.push_back(std::move(row));
      continue;
    }
    FOZ_TRY(const auto indices, expand_indices(row.pending_indices));
    row.pending_indices.clear();
    for (const ArrayIndex index : indices) {
      row.index = index;
      expanded.push_back(row);
    }
  }
  return expanded;
}

}  // namespace foz::slurm
