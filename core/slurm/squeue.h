/// How squeue is asked, and how its answer is read. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/slurm/types.h"

namespace foz::slurm {

/// argv of the one question foz asks: all jobs of the caller that the controller knows, ended ones
/// too. Naming ids would be no help: squeue exits 1 when a single one is gone, and 0 when two are.
[[nodiscard]] std::vector<std::string> squeue_command();

/// `row` as squeue would print it under squeue_command(): parse_squeue() gives it back. For the
/// libslurm helper.
[[nodiscard]] std::string squeue_row(const JobRow& row);

/// Code::invalid for an answer that is cut, or has an id that is none.
[[nodiscard]] Result<std::vector<JobRow>> parse_squeue(std::string_view answer);

}  // namespace foz::slurm
