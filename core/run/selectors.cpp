#include "core/run/selectors.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/slurm/indices.h"

namespace foz::run {

std::vector<std::string> split_indices(std::vector<ArrayIndex> indices, std::size_t limit) {
  std::vector<std::string> lists;
  const std::string whole = slurm::format_indices(std::move(indices));
  for (const std::string_view range : split(whole, ',')) {
    if (range.empty()) continue;
    if (lists.empty() || lists.back().size() + 1 + range.size() > limit) {
      lists.emplace_back(range);
    } else {
      lists.back() += ',';
      lists.back() += range;
    }
  }
  return lists;
}

std::string array_spec(std::uint32_t count, std::uint32_t at_most) {
  const std::string indices = fmt::format("0-{}", count - 1);
  return at_most == 0 ? indices : fmt::format("{}%{}", indices, at_most);
}

std::uint32_t share_of(std::uint32_t at_most, std::size_t parts, std::size_t part) {
  if (at_most == 0) return 0;
  const auto share = static_cast<std::uint32_t>(at_most / parts + (part < at_most % parts ? 1 : 0));
  return std::max(1U, share);
}

}  // namespace foz::run
