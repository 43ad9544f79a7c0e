/// Index lists of job arrays, as Slurm writes them: "0-99%10", "3-16,20", "0-9:2". Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// The indices of `text` in the order given, a throttle ("%10") left aside. Code::invalid for
/// anything that is no index list (a cut one, "3-16,...", as well) and for over `limit` indices.
[[nodiscard]] Result<std::vector<ArrayIndex>> expand_indices(std::string_view text,
                                                             std::size_t limit = 10'000'000);

/// The shortest list of ranges, sorted, duplicates dropped: {0,1,2,12} -> "0-2,12".
[[nodiscard]] std::string format_indices(std::vector<ArrayIndex> indices);

/// "12" or "12_[0-9,12]": the form that scontrol and scancel take.
[[nodiscard]] std::string selector_text(const JobSelector& selector);

/// Reads "12", "12_3" and "12_[0-9,12]".
[[nodiscard]] std::optional<JobSelector> parse_selector(std::string_view text);

/// A row for each element where `rows` has one for the pending rest of an array. Code::invalid
/// where such a rest is no index list.
[[nodiscard]] Result<std::vector<JobRow>> expand_rows(std::vector<JobRow> rows);

}  // namespace foz::slurm
