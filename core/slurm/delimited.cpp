#include "core/slurm/delimited.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"

namespace foz::slurm {

namespace {

/// At most `count` fields from the front of `row`.
Fields take_fields(std::string_view row, std::size_t count) {
  Fields fields;
  while (fields.size() < count) {
    const std::size_t end = row.find(k_field_mark);
    if (end == row.npos) break;
    fields.push_back(row.substr(0, end));
    row.remove_prefix(end + k_field_mark.size());
  }
  return fields;
}

}  // namespace

Result<std::vector<Fields>> split_rows(std::string_view answer, std::size_t count,
                                       std::string_view program) {
  std::vector<Fields> rows;
  for (std::size_t at = answer.find(k_row_mark); at != answer.npos;) {
    const std::size_t begin = at + k_row_mark.size();
    const std::size_t next = answer.find(k_row_mark, begin);
    const std::string_view row = answer.substr(begin, next == answer.npos ? next : next - begin);
    rows.push_back(take_fields(row, count));
    if (rows.back().size() < count) {
      return fail(Code::invalid, fmt::format("the answer of '{}' is cut: a row has {} of {}: {}",
                                             program, rows.back().size(), count_of(count, "field"),
                                             quoted(row.substr(0, 200))));
    }
    at = next;
  }
  return rows;
}

std::optional<JobId> parse_job_id(std::string_view text) {
  if (text.empty() || text.front() < '1' || text.front() > '9') return std::nullopt;
  const auto value = parse_integer(text);
  if (!value || *value > INT64_C(0xffffffff)) return std::nullopt;
  return JobId{static_cast<std::uint32_t>(*value)};
}

UnixMillis parse_epoch(std::string_view text) {
  const auto seconds = parse_integer(text);
  if (!seconds || *seconds < 0 || *seconds > INT64_C(1) << 40U) return 0;
  return *seconds * 1'000;
}

std::string text_or_nothing(std::string_view text) {
  constexpr std::array<std::string_view, 6> k_nothing = {"(null)", "N/A",           "n/a",
                                                         "None",   "None assigned", "NONE"};
  const bool nothing = std::find(k_nothing.begin(), k_nothing.end(), text) != k_nothing.end();
  return nothing ? std::string() : std::string(text);
}

}  // namespace foz::slurm
