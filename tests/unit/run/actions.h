/// Actions as lines: "submit a 0", "mark_lost a 0-3 oom 'sentence'".
#pragma once

#include <fmt/format.h>

#include "tests/unit/run/sights.h"

namespace foz::run {

inline std::string line_of(const Action& action) {
  using Kind = Action::Kind;
  const auto part = [&] { return fmt::format("{} {}", action.stage, action.part); };
  const auto partner = [&] {
    return fmt::format("{} {} [{}]", action.stage, action.job.value, action.elements);
  };
  switch (action.kind) {
    case Kind::cancel_run:
      return fmt::format("cancel_run '{}' {}", action.stage, action.sentence);
    case Kind::adopt:
      return fmt::format("adopt {} {} {}", part(), action.nonce, action.job.value);
    case Kind::settle:
      return fmt::format("settle {} {}", part(), action.nonce);
    case Kind::submit:
      return "submit " + part();
    case Kind::record_jobs:
      return "record_jobs";
    case Kind::submit_advance_job:
      return "submit_advance_job";
    case Kind::cancel_advance_job:
      return fmt::format("cancel_advance_job {}", action.job.value);
    case Kind::cancel_orphan:
      return fmt::format("cancel_orphan {} {}", action.job.value, action.sentence);
    case Kind::mark_lost:
      return fmt::format("mark_lost {} {}-{} attempt {} {} '{}'", action.stage, action.index,
                         action.last, action.attempt, action.cls, action.sentence);
    case Kind::release_stage:
      return "release_stage " + action.stage;
    case Kind::release_partner:
      return "release_partner " + partner();
    case Kind::cancel_partner:
      return "cancel_partner " + partner();
    case Kind::forget_release:
      return fmt::format("forget_release {} {}", action.stage, action.index);
    default:
      return "another action";
  }
}

inline std::vector<std::string> lines_of(const std::vector<Action>& actions) {
  std::vector<std::string> lines;
  for (const Action& action : actions) lines.push_back(line_of(action));
  return lines;
}

}  // namespace foz::run
