#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "core/base/fd.h"
#include "core/base/text.h"
#include "core/slurm/delimited.h"
#include "core/slurm/fake.h"
#include "core/slurm/indices.h"
#include "core/slurm/request_json.h"

namespace foz::slurm {

namespace {

constexpr std::array<std::string_view, k_fake_calls> k_calls = {"submit", "release", "cancel",
                                                                "jobs",   "history", "facts"};
constexpr std::array<std::string_view, 6> k_faults = {"none",       "away", "lost_before",
                                                      "lost_after", "late", "refused"};

std::optional<std::size_t> find_word(const auto& words, std::string_view word) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == word) return i;
  }
  return std::nullopt;
}

using Words = std::vector<std::string_view>;

/// "12" or "12_3".
std::optional<FakeTask> parse_task(std::string_view text) {
  const auto parts = split(text, '_', 2);
  const auto job = parse_job_id(parts.front());
  if (!job) return std::nullopt;
  if (parts.size() == 1) return FakeTask{*job, std::nullopt};
  const auto indices = expand_indices(parts.back(), 1);
  if (!indices || indices->size() != 1) return std::nullopt;
  return FakeTask{*job, indices->front()};
}

std::optional<FakeEnd> parse_end(const Words& words) {
  FakeEnd end;
  end.state = parse_state(words[2]);
  if (!is_final(end.state)) return std::nullopt;
  if (words.size() < 4) return end;
  const auto codes = split(words[3], ':', 2);
  const auto code = parse_integer(codes.front());
  const auto signal = codes.size() == 2 ? parse_integer(codes.back()) : std::int64_t{0};
  if (!code || !signal) return std::nullopt;
  end.exit_code = static_cast<int>(*code);
  end.exit_signal = static_cast<int>(*signal);
  return end;
}

/// A cluster and the troubles that wait for its schedulers, as the events so far leave them.
struct Replay {
  FakeCluster cluster;
  std::array<std::deque<FakeFault>, k_fake_calls> faults;

  /// False for an event that is not of the form, or cannot be.
  bool apply(std::string_view event);

 private:
  bool apply_selectors(const Words& words);
  bool apply_task(const Words& words);
  bool apply_fault(const Words& words);
  bool apply_limit(const Words& words);
  [[nodiscard]] bool can(std::string_view verb, const FakeTask& task) const;
};

bool Replay::can(std::string_view verb, const FakeTask& task) const {
  const auto state = cluster.find_state(task);
  if (!state) return false;
  if (verb == "start") return *state == State::pending;
  if (verb == "finish") return *state == State::running;
  return *state != State::pending;
}

bool Replay::apply_selectors(const Words& words) {
  std::vector<JobSelector> jobs;
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto selector = parse_selector(words[i]);
    if (!selector) return false;
    jobs.push_back(std::move(*selector));
  }
  if (words[0] == "release") (void)cluster.release(jobs);
  if (words[0] == "cancel") cluster.cancel(jobs);
  return true;
}

bool Replay::apply_task(const Words& words) {
  const auto task = parse_task(words[1]);
  if (!task || !can(words[0], *task)) return false;
  if (words[0] == "start") cluster.start(*task);
  if (words[0] == "requeue") cluster.requeue(*task);
  if (words[0] != "finish") return true;
  const auto end = words.size() > 2 ? parse_end(words) : std::nullopt;
  if (end) cluster.finish(*task, *end);
  return end.has_value();
}

bool Replay::apply_fault(const Words& words) {
  const auto call = find_word(k_calls, words[1]);
  if (!call) return false;
  if (words[0] == "used") {
    if (faults[*call].empty()) return false;
    faults[*call].pop_front();
    return true;
  }
  const auto fault = words.size() > 2 ? find_word(k_faults, words[2]) : std::nullopt;
  if (fault) faults[*call].push_back(static_cast<FakeFault>(*fault));
  return fault.has_value();
}

bool Replay::apply_limit(const Words& words) {
  if (words.size() != 3) return false;
  if (words[1] == "unknown_parent") {
    using enum FakeLimits::UnknownParent;
    cluster.limits.unknown_parent = words[2] == "refused" ? refused : met;
    return words[2] == "refused" || words[2] == "met";
  }
  const auto value = parse_integer(words[2]);
  if (!value || *value < 0 || *value > UINT32_MAX) return false;
  if (words[1] == "max_array_size") {
    cluster.limits.max_array_size = static_cast<std::uint32_t>(*value);
  } else if (words[1] == "max_submit") {
    cluster.limits.max_submit = static_cast<std::size_t>(*value);
  } else if (words[1] == "accounting") {
    cluster.limits.has_accounting = *value != 0;
  } else {
    return false;
  }
  return true;
}

bool Replay::apply(std::string_view event) {
  Words words = split(event, ' ', 2);
  if (const auto time = parse_integer(words.front()); time && words.size() == 2) {
    cluster.now = *time;
    return apply(words.back());
  }
  if (words.size() < 2) return false;
  if (words[0] == "submit") {
    const auto request = request_from_json(words[1]);
    return request && cluster.submit(*request);
  }
  words = split(event, ' ');
  if (words[0] == "release" || words[0] == "cancel") return apply_selectors(words);
  if (words[0] == "fault" || words[0] == "used") return apply_fault(words);
  if (words[0] == "limit") return apply_limit(words);
  if (words[0] == "purge") {
    const auto job = parse_job_id(words[1]);
    return job && cluster.can_purge(*job) && (cluster.purge(*job), true);
  }
  const bool of_a_task = words[0] == "start" || words[0] == "finish" || words[0] == "requeue";
  return of_a_task && apply_task(words);
}

Result<Replay> replay(std::string_view text) {
  Replay replay;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    if (replay.apply(trim(line))) continue;
    return fail(Code::invalid, fmt::format("event {} of the fake cluster cannot be: {}", number,
                                           quoted(line.substr(0, 200))));
  }
  return replay;
}

}  // namespace

Result<FakeCluster> replay_fake(std::string_view text) {
  FOZ_TRY(Replay done, replay(text));
  return std::move(done.cluster);
}

namespace {

/// One call: the events so far, a FakeScheduler over what they leave, and the events to add.
class FolderScheduler final : public Scheduler {
 public:
  FolderScheduler(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  [[nodiscard]] std::string_view name() const override { return "fake"; }

  [[nodiscard]] Result<Submission> submit(const SubmitRequest& request) override {
    return call<Submission>(FakeCall::submit, "submit " + to_json(request),
                            [&](FakeScheduler& fake) { return fake.submit(request); });
  }
  [[nodiscard]] Result<void> release(const std::vector<JobSelector>& jobs) override {
    if (jobs.empty()) return {};
    return call<void>(FakeCall::release, "release" + listing(jobs),
                      [&](FakeScheduler& fake) { return fake.release(jobs); });
  }
  [[nodiscard]] Result<void> cancel(const std::vector<JobSelector>& jobs) override {
    if (jobs.empty()) return {};
    return call<void>(FakeCall::cancel, "cancel" + listing(jobs),
                      [&](FakeScheduler& fake) { return fake.cancel(jobs); });
  }
  [[nodiscard]] Result<std::vector<JobRow>> jobs(const JobQuery& query) override {
    return call<std::vector<JobRow>>(FakeCall::jobs, {},
                                     [&](FakeScheduler& fake) { return fake.jobs(query); });
  }
  [[nodiscard]] Result<std::vector<AccountingRow>> history(const HistoryQuery& query) override {
    return call<std::vector<AccountingRow>>(
        FakeCall::history, {}, [&](FakeScheduler& fake) { return fake.history(query); });
  }
  [[nodiscard]] Result<ClusterFacts> facts() override {
    return call<ClusterFacts>(FakeCall::facts, {},
                              [](FakeScheduler& fake) { return fake.facts(); });
  }

 private:
  static std::string listing(const std::vector<JobSelector>& jobs) {
    std::string text;
    for (const JobSelector& job : jobs) text += ' ' + selector_text(job);
    return text;
  }

  /// Opens the events and locks them until the descriptor is closed.
  [[nodiscard]] Result<Fd> open_events() const {
    const std::string path = folder_ + "/events";
    Fd events(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!events) return fail(errno_error(fmt::format("cannot open '{}'", path), errno));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    while (::fcntl(events.get(), F_OFD_SETLKW, &lock) != 0) {
      if (errno != EINTR) return fail(errno_error(fmt::format("cannot lock '{}'", path), errno));
    }
    return events;
  }

  template <class T>
  Result<T> call(FakeCall kind, const std::string& event,
                 const std::function<Result<T>(FakeScheduler&)>& perform) const {
    FOZ_TRY(const Fd events, open_events());
    FOZ_TRY(const std::string text, read_file(folder_ + "/events"));
    FOZ_TRY(Replay now, replay(text));
    now.cluster.now = clock_.now();
    FakeScheduler fake(now.cluster);
    const auto& waiting = now.faults[static_cast<std::size_t>(kind)];
    const FakeFault fault = waiting.empty() ? FakeFault::none : waiting.front();
    fake.expect(kind, fault);
    bool reached = false;
    fake.watch([&reached](FakeCall, FakeMoment) { reached = true; });
    auto result = perform(fake);
    // Told late, an event of this file would have no later call to wait for: it is told at once.
    const bool done = result.has_value() || fault == FakeFault::lost_after ||
                      fault == FakeFault::late || (kind == FakeCall::release && reached);
    std::string added = text.empty() || text.ends_with('\n') ? "" : "\n";
    if (!waiting.empty())
      added += fmt::format("used {}\n", k_calls[static_cast<std::size_t>(kind)]);
    if (done && !event.empty()) added += fmt::format("{} {}\n", now.cluster.now, event);
    FOZ_CHECK(write_all(events.get(), added));
    return result;
  }

  std::string folder_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Scheduler> open_fake_folder(const std::string& folder, const Clock& clock) {
  return std::make_unique<FolderScheduler>(folder, clock);
}

}  // namespace foz::slurm
