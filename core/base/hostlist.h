/// Slurm's host lists and counts: "gpu[01-03,7],login", "4(x2),8". Expanded exactly as `scontrol
/// show hostnames`, and beyond it where a name goes on behind a bracket ("gpu[1-2]-ib").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace foz {

/// Host names in the order given, duplicates kept, widths kept; several brackets give the product;
/// empty terms are skipped. Slurm's words for no node ("", "(null)", "None assigned", "n/a") give
/// an empty list. Code::invalid for unbalanced brackets, ranges that run backwards, a cut list
/// ("..."), a reason in parentheses, or over `limit` names.
[[nodiscard]] Result<std::vector<std::string>> expand_hostlist(std::string_view text,
                                                               std::size_t limit = 1'000'000);

/// The shortest range form of `hosts`, order kept, one bracket at the end of a name, as Slurm takes
/// it:
/// {"n1","n2","n3"} -> "n[1-3]".
[[nodiscard]] std::string compress_hostlist(const std::vector<std::string>& hosts);

/// "40,8(x2)" -> {40, 8, 8}: counts by node as in SLURM_JOB_CPUS_PER_NODE and SLURM_TASKS_PER_NODE.
[[nodiscard]] Result<std::vector<int>> expand_counts(std::string_view text);

}  // namespace foz
