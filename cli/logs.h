/// Which log files belong to a task, from their names alone. Pure but for listing a folder.
///
///   logs/<stage>/<task name>.<attempt>[.s<step>][.<role>.<rank>].log
///   logs/<stage>/<task name>.<attempt>.setup.<node>.log
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
  std::string label;  ///< "worker.0", "s1.worker.0", "setup.n0", or "" for a task of one rank
};

/// What the stage's setup lines have written on a node.
[[nodiscard]] bool is_setup_log(const LogFile& log);

/// The number of its step, where its stage has `steps`.
[[nodiscard]] std::optional<std::int64_t> step_of(const LogFile& log);

/// The label as it is shown beside others: a task's one rank is "0".
[[nodiscard]] std::string shown_label(const LogFile& log);

/// The name without folder, if it is a log of `task_name`.
[[nodiscard]] std::optional<LogFile> parse_log_name(std::string_view file_name,
                                                    std::string_view task_name);

/// All logs of a task, sorted by attempt and label.
[[nodiscard]] Result<std::vector<LogFile>> find_logs(const fs::path& folder,
                                                     std::string_view task_name);

/// What of a task's logs is asked for; "": all.
struct LogChoice {
  std::optional<std::uint32_t> attempt;  ///< nullopt: the newest one
  std::string rank;  ///< those whose label is it or ends in ".<rank>"; a step's one rank is rank 0
  std::string step;  ///< its number, where the stage has `steps`
};
[[nodiscard]] std::vector<LogFile> choose_logs(std::vector<LogFile> logs, const LogChoice& choice);

}  // namespace foz::cli
