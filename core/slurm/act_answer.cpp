#include "core/slurm/act_answer.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <string_view>
#include <vector>

#include "core/base/text.h"
#include "core/slurm/communication.h"

namespace foz::slurm {

namespace {

bool has(std::string_view line, std::string_view words) {
  return line.find(words) != line.npos;
}

bool is_gone(std::string_view line) {
  return has(line, "Invalid job id specified") || has(line, "invalid job id");
}

/// The job runs, or has ended: there was nothing to do.
bool is_past(std::string_view line) {
  return has(line, "no longer pending execution") || has(line, "already completing or completed") ||
         has(line, "already finished") || has(line, "not pending nor running");
}

/// "slurm_suspend error: ..." repeats, without a job, what was said above it.
bool is_repetition(std::string_view line) {
  return line.starts_with("slurm_suspend error");
}

/// "9_3: No error": an element that was done beside one that was not.
bool is_done(std::string_view line) {
  return line.ends_with(": No error") || line.ends_with(": Success");
}

struct Verdict {
  std::vector<std::string> gone;
  std::vector<std::string> refused;
};

Verdict judge(std::string_view text) {
  Verdict verdict;
  for (const std::string_view raw : split(text, '\n')) {
    const std::string_view line = trim(raw);
    if (line.empty() || is_repetition(line) || is_past(line) || is_done(line)) continue;
    (is_gone(line) ? verdict.gone : verdict.refused).push_back(printable(line));
  }
  return verdict;
}

std::string listing(const std::vector<std::string>& lines) {
  return "\n  " + join(lines, "\n  ");
}

Result<void> check_reached(const Finished& finished, std::string_view what) {
  if (is_unsent(finished.err)) {
    return fail(Code::failed, fmt::format("jobs were not {}:{}", what, said(finished)));
  }
  if (WIFEXITED(finished.wait_status) && !is_silent_controller(finished.err)) return {};
  return fail(Code::unknown_outcome,
              fmt::format("it is not known whether jobs were {}: no answer from the controller "
                          "({}){}",
                          what, finished.describe(), said(finished)));
}

tl::unexpected<Error> refused(std::string_view what, const std::vector<std::string>& lines) {
  return fail(Code::refused, fmt::format("Slurm did not {}:{}", what, listing(lines)));
}

}  // namespace

Result<void> read_release_answer(const Finished& finished) {
  FOZ_CHECK(check_reached(finished, "released"));
  if (finished.exited_with(0)) return {};
  const Verdict verdict = judge(finished.err);
  if (!verdict.refused.empty()) return refused("release all jobs", verdict.refused);
  if (!verdict.gone.empty()) {
    return fail(Code::not_found, fmt::format("jobs to release are gone:{}", listing(verdict.gone)));
  }
  if (!trim(finished.err).empty()) return {};  // only jobs that run or have ended
  return fail(Code::failed,
              fmt::format("'scontrol release' failed without a word ({})", finished.describe()));
}

Result<void> read_cancel_answer(const Finished& finished) {
  FOZ_CHECK(check_reached(finished, "cancelled"));
  const Verdict verdict = judge(finished.err);
  std::vector<std::string> lines;
  for (const std::string& line : verdict.refused) {
    // Site wrappers talk on this stream too: with exit 0 only scancel's own refusals count.
    const bool own = has(line, "Kill job error") || is_permission_denied(line);
    if (!finished.exited_with(0) || own) lines.push_back(line);
  }
  if (!lines.empty()) return refused("cancel all jobs", lines);
  if (finished.exited_with(0) || !verdict.gone.empty() || !trim(finished.err).empty()) return {};
  return fail(Code::failed,
              fmt::format("'scancel' failed without a word ({})", finished.describe()));
}

}  // namespace foz::slurm
