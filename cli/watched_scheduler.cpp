#include "cli/watched_scheduler.h"

#include <fmt/format.h>

#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>

#include "cli/terminal.h"
#include "cli/times.h"
#include "core/base/text.h"
#include "core/slurm/communication.h"

namespace foz::cli {

namespace {

using std::chrono::steady_clock;

/// A busy controller may take some seconds.
constexpr std::chrono::seconds k_patience{5};

/// Calls `ring` at `when`, in a thread of its own, unless it is gone before.
class Alarm {
 public:
  Alarm(steady_clock::time_point when, std::function<void()> ring)
      : thread_([this, when, ring = std::move(ring)](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          changed_.wait_until(lock, stop, when, [] { return false; });
          if (!stop.stop_requested()) ring();
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;  // behind what it uses: it is stopped and joined first
};

/// nullptr where the login node allows no further thread: then nothing rings.
std::unique_ptr<Alarm> make_alarm(steady_clock::time_point when, std::function<void()> ring) {
  try {
    return std::make_unique<Alarm>(when, std::move(ring));
  } catch (const std::system_error&) {
    return nullptr;
  }
}

/// Where the cluster's configuration is gone, nobody will answer.
std::string missing_configuration() {
  const char* path = std::getenv("SLURM_CONF");
  std::error_code error;
  if (path == nullptr || *path == '\0' || std::filesystem::exists(path, error) || error) return "";
  return fmt::format("  SLURM_CONF names '{}', and that file is not there\n", printable(path));
}

}  // namespace

template <class Call>
auto WatchedScheduler::watch(const Call& call) -> decltype(call()) {
  const bool was_silent = is_silent();
  if (!was_silent) since_ = Moment{steady_clock::now(), SystemClock().now()};
  const auto alarm_at = since_->ticks + k_patience;
  auto alarm = is_told_ ? nullptr : make_alarm(alarm_at, [this] { tell(""); });
  auto answer = call();
  alarm.reset();
  note(answer ? nullptr : &answer.error());
  return answer;
}

void WatchedScheduler::note(const Error* error) {
  if (error == nullptr || !slurm::is_no_answer(*error)) {
    since_.reset();
    if (is_told_)
      print_error(fmt::format("foz: Slurm answers again ({})\n", clock_time(SystemClock().now())));
    is_told_ = false;
  } else if (!is_told_ && persistence_ == Persistence::keeps_trying) {
    tell(error->message);
  }
}

void WatchedScheduler::tell(const std::string& reason) {
  is_told_ = true;
  print_error(fmt::format("foz: Slurm has not answered since {}: {}\n{}", clock_time(since_->time),
                          persistence_ == Persistence::keeps_trying ? "foz keeps trying"
                                                                    : "still waiting for it",
                          reason.empty() ? "" : "  " + printable_lines(reason, "  ") + "\n") +
              missing_configuration());
}

Result<slurm::Submission> WatchedScheduler::submit(const slurm::SubmitRequest& request) {
  return watch([&] { return inner_->submit(request); });
}

Result<void> WatchedScheduler::release(const std::vector<slurm::JobSelector>& jobs) {
  return watch([&] { return inner_->release(jobs); });
}

Result<void> WatchedScheduler::cancel(const std::vector<slurm::JobSelector>& jobs) {
  return watch([&] { return inner_->cancel(jobs); });
}

Result<std::vector<slurm::JobRow>> WatchedScheduler::jobs(const slurm::JobQuery& query) {
  return watch([&] { return inner_->jobs(query); });
}

Result<std::vector<slurm::AccountingRow>> WatchedScheduler::history(
    const slurm::HistoryQuery& query) {
  return inner_->history(query);
}

Result<slurm::ClusterFacts> WatchedScheduler::facts() {
  return watch([&] { return inner_->facts(); });
}

}  // namespace foz::cli
