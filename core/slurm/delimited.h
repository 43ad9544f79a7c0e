/// Rows of Slurm's commands in a form that nothing can disturb: own marks before each row and after
/// each field, so that banners around the answer, '|' or newlines in names, and bytes that are no
/// text cost no row.
///
///   answer := junk (k_row_mark field* )*      field := bytes k_field_mark
///
/// What follows the last field of a row (a newline, a banner, the throw-away column in front of
/// the next row) is left aside. Knows nothing of what the fields mean.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// Control characters, two each, which no site prints and no name holds by chance. No comma, no
/// '%', no digit in front: the format strings of squeue and sinfo keep them as they are.
constexpr std::string_view k_row_mark = "\x1e\x1d";
constexpr std::string_view k_field_mark = "\x1f\x1c";

using Fields = std::vector<std::string_view>;

/// The rows of `answer`, `count` fields each. Code::invalid, naming `program`, for a row with
/// fewer: a cut answer is no answer.
[[nodiscard]] Result<std::vector<Fields>> split_rows(std::string_view answer, std::size_t count,
                                                     std::string_view program);

/// A job id: decimal, not 0.
[[nodiscard]] std::optional<JobId> parse_job_id(std::string_view text);
/// Seconds since the epoch as Slurm prints them under SLURM_TIME_FORMAT=%s; 0 for "Unknown",
/// "None", "N/A" and all else that is no number.
[[nodiscard]] UnixMillis parse_epoch(std::string_view text);
/// Slurm's words for nothing ("(null)", "N/A", "None", "None assigned", "n/a") as "".
[[nodiscard]] std::string text_or_nothing(std::string_view text);

}  // namespace foz::slurm
