#include "core/journal/pending_release.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace foz::journal {

std::string pending_release_name(std::string_view child, TaskIndex index) {
  return fmt::format("{}.{}", child, index.value);
}

std::optional<TaskId> parse_pending_release(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos || dot == 0) return std::nullopt;
  const auto index = parse_integer(name.substr(dot + 1));
  if (!index || *index < 0) return std::nullopt;
  return TaskId{std::string(name.substr(0, dot)), TaskIndex{static_cast<std::uint64_t>(*index)}};
}

}  // namespace foz::journal
