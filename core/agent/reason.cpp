#include "core/agent/reason.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "core/base/fd.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

using failure::Class;

constexpr std::uint64_t k_most_read = 1U << 20U;
constexpr const char* k_output = "/proc/self/fd/2";

struct Words {
  std::string_view text;
  Outcome outcome;
  Class cls;
  std::string_view sentence;
};

/// What stands behind "CANCELLED AT <time>"; the plain form comes last.
constexpr std::array<Words, 5> k_notices = {{
    {"DUE TO TIME LIMIT", Outcome::failed, Class::timeout, "it reached its time limit"},
    {"DUE TO PREEMPTION", Outcome::interrupted, Class::preempted, "it was preempted"},
    {"DUE TO JOB REQUEUE", Outcome::interrupted, Class::preempted,
     "it was put back into the queue"},
    {"DUE TO NODE FAILURE", Outcome::interrupted, Class::node_fail, "a node of it failed"},
    {"", Outcome::cancelled, Class::cancelled, "it was cancelled"},
}};

event::Reason told(const std::string& why) {
  return {Outcome::cancelled, Class::cancelled,
          "it was told to end by a signal" + (why.empty() ? "" : " (" + why + ")")};
}

/// The job is ending, but whether for good is not known: that is left to Slurm.
event::Reason open_end(const std::string& why) {
  return {Outcome::interrupted, Class::lost,
          "it was told to end, and how is for Slurm to say (" + why + ")"};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

std::optional<event::Reason> read_line(std::string_view line, JobId job) {
  if (line.find("slurmstepd") == line.npos) return std::nullopt;
  if (line.find(fmt::format("*** JOB {} ON ", job.value)) == line.npos) return std::nullopt;
  const std::size_t at = line.find("CANCELLED AT");
  if (at == line.npos) return std::nullopt;
  const auto words = std::find_if(k_notices.begin(), k_notices.end(),
                                  [&](auto& one) { return line.find(one.text, at) != line.npos; });
  return event::Reason{words->outcome, words->cls, std::string(words->sentence)};
}

}  // namespace

std::optional<event::Reason> read_notice(std::string_view text, JobId job) {
  std::optional<event::Reason> found;
  for (const std::string_view line : split(text, '\n'))
    if (auto one = read_line(line, job)) found = std::move(one);
  return found;
}

event::Reason judge_state(slurm::State state, std::string_view reason) {
  if (reason == "TimeLimit") return {Outcome::failed, Class::timeout, "it reached its time limit"};
  switch (state) {
    case slurm::State::cancelled:
      return {Outcome::cancelled, Class::cancelled, "it was cancelled"};
    case slurm::State::timeout:
    case slurm::State::deadline:
      return {Outcome::failed, Class::timeout, "it reached its time limit"};
    case slurm::State::running:
    case slurm::State::suspended:
      return told("Slurm says that the job runs on");
    default:
      return open_end(fmt::format("its queue says {}", slurm::state_name(state)));
  }
}

JobOutput::JobOutput() {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) == 0 && S_ISREG(status.st_mode))
    begin_ = static_cast<std::uint64_t>(status.st_size);
}

std::string JobOutput::read_new() const {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) != 0 || !S_ISREG(status.st_mode)) return {};
  const auto size = static_cast<std::uint64_t>(status.st_size);
  const Fd file(::open(k_output, O_RDONLY | O_CLOEXEC));  // it was opened for writing only
  if (!file || size <= begin_) return {};
  const std::uint64_t from = std::max(begin_, size > k_most_read ? size - k_most_read : 0);
  std::string text(size - from, '\0');
  const ssize_t count = ::pread(file.get(), text.data(), text.size(), static_cast<off_t>(from));
  text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return text;
}

event::Reason find_reason(const JobOutput& output, const JobFacts& job,
                          const Partners::OpenScheduler& open_scheduler) {
  if (job.job.value == 0) return told("");
  if (auto notice = read_notice(output.read_new(), job.job)) return std::move(*notice);
  auto scheduler = open_scheduler();
  if (!scheduler) return open_end("Slurm was not asked: " + first_line(scheduler.error().message));
  const auto rows = (*scheduler)->jobs({{job.job}, false});
  if (!rows) return open_end("the controller did not say: " + first_line(rows.error().message));
  const auto row =
      std::find_if(rows->begin(), rows->end(), [&](auto& one) { return one.id == job.job; });
  if (row == rows->end()) return open_end("its queue does not know the job any more");
  return judge_state(row->state, row->reason);
}

}  // namespace foz::agent
