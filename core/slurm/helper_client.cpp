#include "core/slurm/helper_client.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/text.h"
#include "core/slurm/communication.h"
#include "core/slurm/indices.h"
#include "core/slurm/squeue.h"

namespace foz::slurm {

namespace {

using std::chrono::milliseconds;

HelperProcess::Time in(milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

Error unknown_outcome(std::string_view what, const Error& error) {
  return Error{Code::unknown_outcome,
               fmt::format("it is not known whether {}: {}", what, error.message)};
}

std::string_view past_of(HelperCall call) {
  return call == HelperCall::release ? "jobs were released" : "jobs were cancelled";
}

}  // namespace

HelperScheduler::HelperScheduler(HelperSetup setup, const Clock& clock)
    : setup_(std::move(setup)), commands_(setup_.commands, clock) {}

Result<std::unique_ptr<HelperScheduler>> HelperScheduler::launch(HelperSetup setup,
                                                                 const Clock& clock) {
  std::unique_ptr<HelperScheduler> scheduler(new HelperScheduler(std::move(setup), clock));
  FOZ_CHECK(scheduler->start());
  return scheduler;
}

Result<void> HelperScheduler::start() {
  is_ready_ = false;
  FOZ_TRY(process_, HelperProcess::start(setup_.program, setup_.commands.environment));
  ready_until_ = in(setup_.start_deadline);
  return {};
}

/// The greeting comes before libslurm is touched, the second line when that has gone well.
Result<void> HelperScheduler::listen() {
  FOZ_TRY(const std::string line, process_->read_line(ready_until_));
  FOZ_TRY(const HelperGreeting greeting, greeting_from_line(line));
  if (greeting.contract != k_helper_contract) {
    return fail(Code::invalid, fmt::format("the libslurm helper speaks contract {}, this foz {}",
                                           greeting.contract, k_helper_contract));
  }
  FOZ_TRY(const std::string ready, process_->read_line(ready_until_));
  if (ready != ready_line()) {
    return fail(Code::invalid, fmt::format("the libslurm helper said {}", quoted(ready)));
  }
  compiled_ = greeting.compiled;
  return {};
}

Result<void> HelperScheduler::greet() {
  if (std::exchange(is_stale_, false)) process_.reset();
  if (process_ && is_ready_) return {};
  if (!process_) FOZ_CHECK(start());
  auto heard = listen();
  is_ready_ = heard.has_value();
  if (!heard) process_.reset();
  return heard;
}

Result<HelperScheduler::Reply> HelperScheduler::converse(const HelperRequest& request,
                                                         HelperProcess::Time until) {
  FOZ_CHECK(process_->write(to_line(request) + '\n', until));
  FOZ_TRY(const std::string line, process_->read_line(until));
  Reply reply;
  FOZ_TRY(reply.answer, answer_from_line(line));
  if (reply.answer.id != request.id) {
    return fail(Code::invalid, "the libslurm helper answered another question");
  }
  FOZ_TRY(reply.bytes, process_->read_bytes(reply.answer.bytes, until));
  return reply;
}

Result<HelperScheduler::Reply> HelperScheduler::call(HelperRequest request, milliseconds deadline) {
  if (auto greeted = greet(); !greeted) return fail(Code::unavailable, greeted.error().message);
  request.id = ++last_id_;
  auto reply = converse(request, in(deadline));
  if (!reply) {
    process_.reset();
    return fail(Code::unknown_outcome, reply.error().message);
  }
  if (!reply->answer.error) return reply;
  is_stale_ = is_no_answer(*reply->answer.error);
  return fail(*reply->answer.error);
}

Result<Submission> HelperScheduler::submit(const SubmitRequest& request) {
  FOZ_ASSERT(!request.script.empty());
  if (!request.extra_args.empty()) {
    FOZ_TRY(Submission submission, commands_.submit(request));
    submission.notes.push_back(fmt::format("sent with sbatch, which alone reads {}",
                                           quoted(shell_quote(request.extra_args))));
    return submission;
  }
  HelperRequest message;
  message.call = HelperCall::submit;
  message.submit = request;
  const std::uint64_t before = last_id_;
  auto reply = call(std::move(message), setup_.commands.action_deadline);
  if (reply) return std::move(reply->answer.submission);
  const bool sent_without_answer = !process_ && last_id_ != before;
  if (!sent_without_answer) return fail(reply.error());
  return fail(
      unknown_outcome(fmt::format("job {} was submitted", quoted(request.name)), reply.error()));
}

Result<void> HelperScheduler::act(HelperCall kind, const std::vector<JobSelector>& jobs) {
  if (jobs.empty()) return {};
  HelperRequest message;
  message.call = kind;
  message.jobs = jobs;
  const auto reply = call(std::move(message), setup_.commands.action_deadline);
  if (reply) return {};
  if (process_ || reply.error().code != Code::unknown_outcome) return fail(reply.error());
  return fail(unknown_outcome(past_of(kind), reply.error()));
}

Result<void> HelperScheduler::release(const std::vector<JobSelector>& jobs) {
  return act(HelperCall::release, jobs);
}

Result<void> HelperScheduler::cancel(const std::vector<JobSelector>& jobs) {
  return act(HelperCall::cancel, jobs);
}

Result<HelperScheduler::Reply> HelperScheduler::ask(HelperCall kind) {
  HelperRequest message;
  message.call = kind;
  auto reply = call(std::move(message), setup_.commands.question_deadline);
  if (reply || process_) return reply;
  return fail(Code::unavailable, reply.error().message);
}

Result<std::vector<JobRow>> HelperScheduler::jobs(const JobQuery& query) {
  FOZ_TRY(const Reply reply, ask(HelperCall::jobs));
  FOZ_TRY(auto rows, parse_squeue(reply.bytes));
  rows = select_rows(std::move(rows), query.ids);
  if (!query.expand_arrays) return rows;
  return expand_rows(std::move(rows));
}

Result<std::vector<AccountingRow>> HelperScheduler::history(const HistoryQuery& query) {
  return commands_.history(query);
}

Result<ClusterFacts> HelperScheduler::facts() {
  FOZ_TRY(Reply reply, ask(HelperCall::facts));
  return std::move(reply.answer.facts);
}

bool is_same_release(std::string_view one, std::string_view other) {
  const auto a = split(one, '.');
  const auto b = split(other, '.');
  return a.size() >= 2 && b.size() >= 2 && a[0] == b[0] && a[1] == b[1];
}

std::string release_of(std::string_view answer) {
  for (const std::string_view line : split(answer, '\n')) {
    if (!line.starts_with("slurm")) continue;
    const std::string_view last = split(trim(line), ' ').back();
    if (!last.empty() && last.front() >= '0' && last.front() <= '9') return std::string(last);
  }
  return {};
}

}  // namespace foz::slurm
