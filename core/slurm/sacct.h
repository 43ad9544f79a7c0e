/// How sacct is asked, and how its answer is read. Pure.
///
/// The window is always stated, in UTC: sacct's own begins at midnight, and a job of the night
/// before is not in it. Ids come round again after years: rows older than the window are dropped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

struct Window {
  UnixMillis from = 0;
  UnixMillis to = 0;
};

/// The environment must have SLURM_TIME_FORMAT=%s and TZ=UTC.
[[nodiscard]] std::vector<std::string> sacct_command(const std::vector<JobId>& ids, Window window,
                                                     std::uint32_t uid);

/// One row for each job or array task: steps are left out, and of several rows of one job (it was
/// requeued, or its id is an old one) the one submitted last is kept. Code::invalid for a cut
/// answer.
[[nodiscard]] Result<std::vector<AccountingRow>> parse_sacct(std::string_view answer);

/// Of the rows of each job the one submitted last, in the order of their first appearance.
[[nodiscard]] std::vector<AccountingRow> newest_of_each(std::vector<AccountingRow> rows);

/// True where the site has no accounting, so that asking again is of no use.
[[nodiscard]] bool is_accounting_off(std::string_view text);
/// True where the site does not answer for so long a window.
[[nodiscard]] bool is_window_too_wide(std::string_view text);

}  // namespace foz::slurm
