#include <algorithm>

#include "core/plan/plan.h"

namespace foz::plan {

std::vector<task::Part> split_parts(std::uint64_t tasks, std::uint32_t max_array_size) {
  const std::uint64_t most =
      max_array_size == 0 ? 1 : max_array_size;  // indices 0 .. max_array_size-1
  std::vector<task::Part> parts;
  parts.reserve(static_cast<std::size_t>((tasks + most - 1) / most));
  for (std::uint64_t offset = 0; offset < tasks; offset += most)
    parts.push_back({offset, static_cast<std::uint32_t>(std::min(most, tasks - offset))});
  return parts;
}

}  // namespace foz::plan
