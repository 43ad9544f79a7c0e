/// Which log files belong to a task, from their names alone. Pure but for listing a folder.
///
///   logs/<stage>/<task name>.<attempt>[.s<step>][.<role>.<rank>].log
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fd.h"
#include "core/base/result.h"

namespace foz::cli {

/// "train[3]" or "train.3" or "train".
struct TaskAddress {
  std::string stage;
  std::optional<std::uint64_t> index;
};
[[nodiscard]] std::optional<TaskAddress> parse_task_address(std::string_view text);

struct LogFile {
  fs::path path;
  std::uint32_t attempt = 1;
  std::string label;  ///< "worker.0", "s1.worker.0", or "" for a task of one rank
};

/// The name without folder, if it is a log of `task_name`.
[[nodiscard]] std::optional<LogFile> parse_log_name(std::string_view file_name,
                                                    std::string_view task_name);

/// Logs of a task: of `attempt`, or of the newest one; sorted by label. `rank` keeps those whose
/// label is it or ends in ".<rank>".
[[nodiscard]] Result<std::vector<LogFile>> find_logs(const fs::path& folder,
                                                     std::string_view task_name,
                                                     std::optional<std::uint32_t> attempt,
                                                     const std::string& rank);

}  // namespace foz::cli
