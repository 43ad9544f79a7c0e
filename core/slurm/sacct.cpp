#include "core/slurm/sacct.h"

#include <fmt/format.h>

#include <unordered_map>

#include "core/base/text.h"
#include "core/slurm/delimited.h"

namespace foz::slurm {

namespace {

/// Cluster stands first to take up whatever is printed between two rows. The name is last: it is
/// free text.
enum Column : std::size_t {
  k_cluster,
  k_raw_id,
  k_id,
  k_state,
  k_exit,
  k_submit,
  k_start,
  k_end,
  k_nodes,
  k_reason,
  k_name,
  k_columns,
};
constexpr std::string_view k_format =
    "Cluster,JobIDRaw,JobID,State,ExitCode,Submit,Start,End,NodeList,Reason,JobName";

/// "2026-11-25T14:03:07": sacct reads it in the zone of TZ.
std::string window_time(UnixMillis time) {
  std::string text = format_utc(time);
  text.pop_back();
  return text;
}

tl::unexpected<Error> odd_row(std::string_view what, std::string_view text) {
  return fail(Code::invalid, fmt::format("the answer of 'sacct' has {} as {}", quoted(text), what));
}

bool is_step(std::string_view id) {
  return id.find('.') != id.npos;
}

/// "700001_4", "997_[1-4%2]", "12+0" (part of a heterogeneous job) or "12".
Result<void> read_id(AccountingRow& row, std::string_view text) {
  const std::size_t under = text.find('_');
  if (under == text.npos) return {};
  const auto array_id = parse_job_id(text.substr(0, under));
  if (!array_id) return odd_row("a job id", text);
  row.array_id = *array_id;
  std::string_view index = text.substr(under + 1);
  if (index.starts_with('[')) {
    if (!index.ends_with(']')) return odd_row("array indices, which are cut", text);
    row.pending_indices = std::string(split(index.substr(1, index.size() - 2), '%', 2).front());
    return {};
  }
  const auto value = parse_integer(index);
  if (!value || *value < 0 || *value >= UINT32_MAX) return odd_row("an array index", text);
  row.index = ArrayIndex{static_cast<std::uint32_t>(*value)};
  return {};
}

/// "0:15", "-2:0".
Result<void> read_exit(AccountingRow& row, std::string_view text) {
  if (text.empty()) return {};
  const auto parts = split(text, ':', 2);
  const auto code = parse_integer(parts.front());
  const auto signal = parts.size() == 2 ? parse_integer(parts.back()) : std::int64_t{0};
  if (!code || !signal) return odd_row("an exit code", text);
  row.exit_code = static_cast<int>(*code);
  row.exit_signal = static_cast<int>(*signal);
  return {};
}

Result<AccountingRow> read_row(const Fields& fields) {
  AccountingRow row;
  const auto id = parse_job_id(fields[k_raw_id]);
  if (!id) return odd_row("a job id", fields[k_raw_id]);
  row.id = *id;
  FOZ_CHECK(read_id(row, fields[k_id]));
  FOZ_CHECK(read_exit(row, fields[k_exit]));
  row.state_text = std::string(trim(fields[k_state]));
  row.state = parse_state(row.state_text);
  row.submit_time = parse_epoch(fields[k_submit]);
  row.start_time = parse_epoch(fields[k_start]);
  row.end_time = parse_epoch(fields[k_end]);
  row.nodes = text_or_nothing(fields[k_nodes]);
  row.reason = text_or_nothing(fields[k_reason]);
  row.name = std::string(fields[k_name]);
  return row;
}

/// The answer holds nothing but fields, each closed by a mark, and line ends between rows: a row is
/// a number of fields, whatever its texts hold.
Result<std::vector<Fields>> split_fields(std::string_view answer) {
  std::vector<Fields> rows;
  Fields row;
  for (std::size_t end = answer.find(k_field_mark); end != answer.npos;
       end = answer.find(k_field_mark)) {
    row.push_back(answer.substr(0, end));
    answer.remove_prefix(end + k_field_mark.size());
    if (row.size() < k_columns) continue;
    rows.push_back(std::move(row));
    row = {};
  }
  if (row.empty()) return rows;
  return fail(Code::invalid, fmt::format("the answer of 'sacct' is cut: its last row has {} of {}",
                                         row.size(), count_of(k_columns, "field")));
}

}  // namespace

std::vector<std::string> sacct_command(const std::vector<JobId>& ids, Window window,
                                       std::uint32_t uid) {
  std::vector<std::string> numbers;
  for (const JobId id : ids) numbers.push_back(fmt::format("{}", id.value));
  std::vector<std::string> argv = {"sacct",
                                   "--noheader",
                                   "--parsable",
                                   fmt::format("--delimiter={}", k_field_mark),
                                   "--allocations",
                                   "--duplicates",
                                   fmt::format("--format={}", k_format),
                                   fmt::format("--starttime={}", window_time(window.from)),
                                   fmt::format("--endtime={}", window_time(window.to)),
                                   fmt::format("--user={}", uid)};
  if (!numbers.empty()) argv.push_back("--jobs=" + join(numbers, ","));
  return argv;
}

Result<std::vector<AccountingRow>> parse_sacct(std::string_view answer) {
  FOZ_TRY(const auto lines, split_fields(answer));
  std::vector<AccountingRow> rows;
  for (const Fields& fields : lines) {
    if (is_step(fields[k_raw_id])) continue;
    FOZ_TRY(AccountingRow row, read_row(fields));
    rows.push_back(std::move(row));
  }
  return newest_of_each(std::move(rows));
}

std::vector<AccountingRow> newest_of_each(std::vector<AccountingRow> rows) {
  std::vector<AccountingRow> newest;
  std::unordered_map<JobId, std::size_t> places;
  for (AccountingRow& row : rows) {
    const auto [place, is_new] = places.emplace(row.id, newest.size());
    if (is_new) {
      newest.push_back(std::move(row));
    } else if (row.submit_time >= newest[place->second].submit_time) {
      newest[place->second] = std::move(row);
    }
  }
  return newest;
}

bool is_accounting_off(std::string_view text) {
  return text.find("accounting storage is disabled") != text.npos;
}

bool is_window_too_wide(std::string_view text) {
  return text.find("oo wide of a date range") != text.npos;
}

}  // namespace foz::slurm
