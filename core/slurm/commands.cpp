#include "core/slurm/commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <unordered_set>

#include "core/base/text.h"
#include "core/slurm/act_answer.h"
#include "core/slurm/cluster_facts.h"
#include "core/slurm/communication.h"
#include "core/slurm/indices.h"
#include "core/slurm/sbatch_answer.h"
#include "core/slurm/squeue.h"

namespace foz::slurm {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t k_selectors_a_call = 200;  ///< keeps argv and one call's time small
constexpr std::size_t k_bytes_a_call = 64U << 10U;
constexpr std::size_t k_ids_a_question = 1'000;
/// Clocks of hosts differ, and a job is submitted before its id is known.
constexpr UnixMillis k_clock_margin = 10 * 60'000;
constexpr UnixMillis k_day = 24 * 3'600'000;

Environment for_commands(Environment environment) {
  set_variable(environment, "SLURM_TIME_FORMAT", "%s");
  set_variable(environment, "SLURM_BITSTR_LEN", "0");  // index lists in full
  set_variable(environment, "TZ", "UTC");
  set_variable(environment, "LC_ALL", "C");
  return environment;
}

/// Groups of selectors, as words, each for one process.
std::vector<std::vector<std::string>> batches_of(const std::vector<JobSelector>& jobs) {
  std::vector<std::vector<std::string>> batches;
  std::size_t bytes = 0;
  for (const JobSelector& job : jobs) {
    std::string word = selector_text(job);
    const bool full = batches.empty() || batches.back().size() >= k_selectors_a_call ||
                      bytes + word.size() > k_bytes_a_call;
    if (full) {
      batches.emplace_back();
      bytes = 0;
    }
    bytes += word.size();
    batches.back().push_back(std::move(word));
  }
  return batches;
}

/// An action that ran into our deadline may have happened.
Error action_error(std::string_view program, std::string_view what, Error error) {
  if (error.code != Code::unavailable) return start_error(program, std::move(error));
  return Error{Code::unknown_outcome,
               fmt::format("it is not known whether {}: {}", what, error.message)};
}

/// The worst of several errors: one that leaves the outcome open, then a refusal, then what is
/// gone.
int weight(const Error& error) {
  switch (error.code) {
    case Code::unknown_outcome:
      return 3;
    case Code::not_found:
      return 1;
    default:
      return 2;
  }
}

bool belongs(const AccountingRow& row, const std::unordered_set<JobId>& ids, UnixMillis from) {
  const bool asked = ids.empty() || ids.contains(row.id) || ids.contains(row.array_id);
  return asked && (row.submit_time == 0 || row.submit_time >= from);
}

}  // namespace

CommandsScheduler::CommandsScheduler(CommandsSetup setup, const Clock& clock)
    : setup_(std::move(setup)), clock_(clock) {}

Result<Finished> CommandsScheduler::run(std::vector<std::string> argv,
                                        milliseconds deadline) const {
  Command command;
  command.argv = std::move(argv);
  command.environment = for_commands(setup_.environment);
  command.deadline = deadline;
  return run_command(command);
}

Result<std::string> CommandsScheduler::ask(std::vector<std::string> argv) const {
  const std::string program = argv.front();
  auto finished = run(std::move(argv), setup_.question_deadline);
  if (!finished) return fail(start_error(program, finished.error()));
  if (!finished->exited_with(0)) return fail(question_error(program, *finished));
  return std::move(finished->out);
}

Result<Submission> CommandsScheduler::submit(const SubmitRequest& request) {
  FOZ_ASSERT(!request.script.empty());
  Command command;
  command.argv = {"sbatch", "--parsable"};
  const auto options = sbatch_options(request);
  command.argv.insert(command.argv.end(), options.begin(), options.end());
  command.argv.push_back(request.script);
  command.argv.insert(command.argv.end(), request.script_args.begin(), request.script_args.end());
  command.environment = request.environment;
  command.directory = request.workdir;
  command.deadline = setup_.action_deadline;
  command.kill_when_said = k_sbatch_waits;
  auto finished = run_command(command);
  if (!finished) {
    const std::string what = fmt::format("job {} was submitted", quoted(request.name));
    Error error = action_error("sbatch", what, finished.error());
    if (error.code == Code::failed) error.code = Code::not_found;  // sbatch: nothing was sent
    return fail(std::move(error));
  }
  return read_sbatch_answer(*finished, request.name);
}

Result<void> CommandsScheduler::act(
    const std::vector<std::string>& program, const std::vector<JobSelector>& jobs,
    const std::function<Result<void>(const Finished&)>& read) const {
  Result<void> worst;
  for (const auto& words : batches_of(jobs)) {
    std::vector<std::string> argv = program;
    argv.insert(argv.end(), words.begin(), words.end());
    const auto finished = run(argv, setup_.action_deadline);
    Result<void> one =
        finished ? read(*finished)
                 : Result<void>(fail(action_error(
                       program.front(), fmt::format("'{}' was carried out", join(program, " ")),
                       finished.error())));
    if (one) continue;
    if (worst || weight(one.error()) > weight(worst.error())) worst = one;
    if (one.error().code == Code::unknown_outcome) break;
  }
  return worst;
}

Result<void> CommandsScheduler::release(const std::vector<JobSelector>& jobs) {
  return act({"scontrol", "release"}, jobs, read_release_answer);
}

Result<void> CommandsScheduler::cancel(const std::vector<JobSelector>& jobs) {
  return act({"scancel"}, jobs, read_cancel_answer);
}

Result<std::vector<JobRow>> CommandsScheduler::jobs(const JobQuery& query) {
  FOZ_TRY(const std::string answer, ask(squeue_command()));
  FOZ_TRY(auto rows, parse_squeue(answer));
  rows = select_rows(std::move(rows), query.ids);
  if (!query.expand_arrays) return rows;
  return expand_rows(std::move(rows));
}

Result<std::vector<AccountingRow>> CommandsScheduler::history(const HistoryQuery& query) {
  const Window window = {std::min(query.since, clock_.now()) - k_clock_margin,
                         clock_.now() + k_clock_margin};
  const std::unordered_set<JobId> wanted(query.ids.begin(), query.ids.end());
  std::vector<AccountingRow> found;
  for (std::size_t begin = 0; begin == 0 || begin < query.ids.size(); begin += k_ids_a_question) {
    const auto first = query.ids.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::size_t count = std::min(k_ids_a_question, query.ids.size() - begin);
    FOZ_TRY(auto rows, history_of({first, first + static_cast<std::ptrdiff_t>(count)}, window));
    for (AccountingRow& row : rows) {
      if (belongs(row, wanted, window.from)) found.push_back(std::move(row));
    }
  }
  return found;
}

Result<std::vector<AccountingRow>> CommandsScheduler::history_of(const std::vector<JobId>& ids,
                                                                 Window window) {
  if (accounting_is_off_) return fail(Code::refused, "this site has no accounting");
  auto finished = run(sacct_command(ids, window, ::getuid()), setup_.question_deadline);
  if (!finished) return fail(start_error("sacct", finished.error()));
  if (finished->exited_with(0)) return parse_sacct(finished->out);
  const std::string text = said(*finished);
  if (is_accounting_off(text)) {
    accounting_is_off_ = true;
    return fail(Code::refused, "this site has no accounting");
  }
  if (is_window_too_wide(text) && window.to - window.from > k_day) {
    const UnixMillis middle = window.from + (window.to - window.from) / 2;
    FOZ_TRY(auto rows, history_of(ids, {window.from, middle}));
    FOZ_TRY(auto later, history_of(ids, {middle, window.to}));
    std::move(later.begin(), later.end(), std::back_inserter(rows));
    return newest_of_each(std::move(rows));
  }
  return fail(question_error("sacct", *finished));
}

/// A site that forbids the question says so, with or without an exit status: that is not a cluster
/// without nodes.
Result<ClusterFacts> CommandsScheduler::add_nodes(ClusterFacts facts, Result<Finished> finished) {
  if (!finished) return fail(start_error("sinfo", finished.error()));
  const Error refusal = question_error("sinfo", *finished);
  if (finished->exited_with(0)) {
    FOZ_TRY(facts, parse_sinfo(std::move(facts), finished->out));
    if (facts.partitions.empty() && refusal.code == Code::refused) {
      facts.nodes_unknown = refusal.message;
    }
    return facts;
  }
  if (refusal.code != Code::refused) return fail(refusal);
  facts.nodes_unknown = refusal.message;
  return facts;
}

Result<ClusterFacts> CommandsScheduler::facts() {
  // Two questions, asked side by side: each takes a process and a connection of its own.
  auto nodes = std::async(std::launch::async,
                          [this] { return run(sinfo_command(), setup_.question_deadline); });
  FOZ_TRY(const std::string config, ask(config_command()));
  FOZ_TRY(ClusterFacts facts, parse_config(config));
  return add_nodes(std::move(facts), nodes.get());
}

std::vector<JobRow> select_rows(std::vector<JobRow> rows, const std::vector<JobId>& ids) {
  if (ids.empty()) return rows;
  const std::unordered_set<JobId> wanted(ids.begin(), ids.end());
  std::erase_if(rows, [&wanted](const JobRow& row) {
    return !wanted.contains(row.id) && !wanted.contains(row.array_id);
  });
  return rows;
}

}  // namespace foz::slurm
