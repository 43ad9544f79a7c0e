/// Steps that failed, as they may (`may_fail`), while their tasks went on: what the journal says of
/// the present attempts. What an older attempt or an older start of a step suffered is over. Pure;
/// knows nothing of how it is told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/journal/journal.h"
#include "core/plan/plan.h"

namespace foz::run {

struct ToleratedFailure {
  std::string stage;
  std::uint64_t index = 0;
  std::uint32_t attempt = 0;
  std::uint32_t step = 0;
  std::string cls;
  std::string sentence;

  bool operator==(const ToleratedFailure&) const = default;
};

/// Whether a record is the end, good or bad, of a step that may fail: what observe() keeps for
/// this.
[[nodiscard]] bool is_end_that_may_fail(const plan::Plan& plan, const journal::Record& record);

/// By the stages of the plan, then by task and step. A task's present attempt is the newest that
/// any of `records` names.
[[nodiscard]] std::vector<ToleratedFailure> tolerated_failures(
    const plan::Plan& plan, const std::vector<journal::Record>& records);

}  // namespace foz::run
