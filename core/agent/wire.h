/// Orders and reports as lines, for a channel that carries text: srun's stdio, where a line of over
/// 1,000 bytes may be torn when several nodes speak at once, and where a site's own scripts may
/// print lines between ours.
///
///   line      := "@foz1 " from " " more " " piece LF     at most k_max_line bytes with its LF
///   from      := number of the node, "*" from the keeper
///   more      := "+" another piece of this message follows, "." this is the last
///   message   := the pieces in order: one JSON object
///   order     := {"o":"prepare"} | {"o":"ports","w":WORLD,"n":COUNT,"to":NODE}
///              | {"o":"world","w":WORLD} | {"o":"start","w":WORLD,"role":N}
///              | {"o":"stop","w":WORLD,"ms":GRACE} | {"o":"signal","s":N}
///   report    := {"r":KIND, members of messages.h}
///
/// What is large goes by file: task.json and world.<WORLD>.json in the attempt's folder
/// (wire_json.cpp). Lines that do not begin so are not ours.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/agent/messages.h"
#include "core/base/fd.h"
#include "core/base/ids.h"
#include "core/base/result.h"

namespace foz::agent {

inline constexpr std::size_t k_max_line = 960;

/// A message cut into lines. `from`: nullopt is the keeper.
[[nodiscard]] std::string to_lines(std::optional<NodeIndex> from, std::string_view message);

/// Puts lines together again, for each speaker by itself.
class LineJoiner {
 public:
  struct Message {
    std::optional<NodeIndex> from;
    std::string text;
  };
  /// The message that this line completes. `is_ours` tells a piece of one from a foreign line.
  struct Taken {
    bool is_ours = false;
    std::optional<Message> message;
  };
  [[nodiscard]] Taken take(std::string_view line);

 private:
  std::map<std::string, std::string, std::less<>> begun_;
};

/// An order and the node it is for (nullopt: all). TakeWorld carries only its number; the plan is
/// in the file.
struct AddressedOrder {
  Order order;
  std::optional<NodeIndex> to;
  WorldId world_file = 0;  ///< not 0: TakeWorld of this world, still to be read
};
[[nodiscard]] std::string order_to_json(const Order& order, std::optional<NodeIndex> to);
[[nodiscard]] Result<AddressedOrder> order_from_json(std::string_view text);

[[nodiscard]] std::string report_to_json(const Report& report);
[[nodiscard]] Result<Report> report_from_json(std::string_view text);

[[nodiscard]] std::string task_to_json(const TaskPlan& task);
[[nodiscard]] Result<TaskPlan> task_from_json(std::string_view text);
[[nodiscard]] std::string world_to_json(const WorldPlan& world);
[[nodiscard]] Result<WorldPlan> world_from_json(std::string_view text);

/// "task.json", "world.3.json" in the attempt's folder.
[[nodiscard]] fs::path task_file(const fs::path& task_dir);
[[nodiscard]] fs::path world_file(const fs::path& task_dir, WorldId world);

}  // namespace foz::agent
