#include <algorithm>
#include <tuple>

#include "cli/logs.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

constexpr std::string_view k_suffix = ".log";

/// "" or "s1": the log of a step with one rank.
bool is_only_rank(const LogFile& log) {
  return log.label.empty() ||
         (step_of(log).has_value() && log.label.find('.') == std::string::npos);
}

bool matches_rank(const LogFile& log, const std::string& rank) {
  return rank.empty() || log.label == rank || log.label.ends_with("." + rank) ||
         (rank == "0" && is_only_rank(log));
}

bool matches_step(const LogFile& log, const std::string& step) {
  return step.empty() || log.label == "s" + step || log.label.starts_with("s" + step + ".");
}

}  // namespace

std::optional<TaskAddress> parse_task_address(std::string_view text) {
  const auto open = text.find_first_of("[.");
  TaskAddress address{std::string(text.substr(0, open)), std::nullopt};
  if (address.stage.empty()) return std::nullopt;
  if (open == std::string_view::npos) return address;
  std::string_view rest = text.substr(open + 1);
  if (text[open] == '[') {
    if (!rest.ends_with(']')) return std::nullopt;
    rest.remove_suffix(1);
  }
  const auto index = parse_integer(rest);
  if (!index || *index < 0) return std::nullopt;
  address.index = static_cast<std::uint64_t>(*index);
  return address;
}

std::optional<LogFile> parse_log_name(std::string_view file_name, std::string_view task_name) {
  if (!file_name.starts_with(task_name) || !file_name.ends_with(k_suffix)) return std::nullopt;
  std::string_view rest = file_name.substr(task_name.size());
  if (!rest.starts_with('.')) return std::nullopt;
  rest = rest.substr(1, rest.size() - 1 - k_suffix.size());
  const auto dot = rest.find('.');
  const auto attempt = parse_integer(rest.substr(0, dot));
  if (!attempt || *attempt < 1) return std::nullopt;
  return LogFile{{},
                 static_cast<std::uint32_t>(*attempt),
                 dot == std::string_view::npos ? "" : std::string(rest.substr(dot + 1))};
}

bool is_setup_log(const LogFile& log) {
  return log.label.starts_with("setup.");
}

std::optional<std::int64_t> step_of(const LogFile& log) {
  if (!log.label.starts_with('s')) return std::nullopt;
  return parse_integer(std::string_view(log.label).substr(1, log.label.find('.') - 1));
}

std::string shown_label(const LogFile& log) {
  return log.label.empty() ? "0" : log.label;
}

Result<std::vector<LogFile>> find_logs(const fs::path& folder, std::string_view task_name) {
  std::error_code error;
  std::vector<LogFile> logs;
  for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    auto log = parse_log_name(at->path().filename().string(), task_name);
    if (!log) continue;
    log->path = at->path();
    if (is_setup_log(*log) && fs::file_size(log->path, error) == 0) continue;  // the usual case
    logs.push_back(std::move(*log));
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(Code::failed, "reading '" + folder.string() + "': " + error.message());
  std::sort(logs.begin(), logs.end(), [](const LogFile& a, const LogFile& b) {
    return std::tie(a.attempt, a.label) < std::tie(b.attempt, b.label);
  });
  return logs;
}

std::vector<LogFile> choose_logs(std::vector<LogFile> logs, const LogChoice& choice) {
  if (logs.empty()) return logs;
  const std::uint32_t wanted = choice.attempt.value_or(logs.back().attempt);
  std::erase_if(logs, [&](const LogFile& log) {
    return log.attempt != wanted || !matches_rank(log, choice.rank) ||
           !matches_step(log, choice.step);
  });
  return logs;
}

}  // namespace foz::cli
