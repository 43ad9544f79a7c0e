#include "core/agent/wire.h"

#include <fmt/format.h>

#include "core/base/text.h"

namespace foz::agent {

namespace {
constexpr std::string_view k_mark = "@foz1 ";
}  // namespace

std::string to_lines(std::optional<NodeIndex> from, std::string_view message) {
  const std::string start = fmt::format("{}{} ", k_mark, from ? std::to_string(from->value) : "*");
  const std::size_t room = k_max_line - start.size() - 3;  // the sign, a space, the LF
  std::string lines;
  do {
    const std::string_view piece = message.substr(0, room);
    message.remove_prefix(piece.size());
    lines += fmt::format("{}{} {}\n", start, message.empty() ? '.' : '+', piece);
  } while (!message.empty());
  return lines;
}

LineJoiner::Taken LineJoiner::take(std::string_view line) {
  if (!line.starts_with(k_mark)) return {};
  const auto fields = split(line.substr(k_mark.size()), ' ', 3);
  if (fields.size() != 3) return {};
  const auto number = parse_integer(fields[0]);
  if (fields[0] != "*" && (!number || *number < 0)) return {};
  std::string& text = begun_[std::string(fields[0])];
  text += fields[2];
  if (fields[1] != ".") return {true, std::nullopt};
  Message message{std::nullopt, std::exchange(text, {})};
  if (number) message.from = NodeIndex{static_cast<std::uint32_t>(*number)};
  return {true, std::move(message)};
}

fs::path task_file(const fs::path& task_dir) {
  return task_dir / "task.json";
}

fs::path world_file(const fs::path& task_dir, WorldId world) {
  return task_dir / fmt::format("world.{}.json", world);
}

}  // namespace foz::agent
