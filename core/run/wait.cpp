#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

#include "core/run/decide.h"
#include "core/run/observe.h"

namespace foz::run {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Pictures are made at most this often while things go on; the last one at once.
constexpr milliseconds k_between_pictures{100};
constexpr milliseconds k_soon{1'000};  ///< for an answer that may change by itself in a moment
/// Questions when all is over, for what may be left in the queue of tasks that can never start.
constexpr int k_last_questions = 5;

/// Tells of changes in some folders, where the filesystem does.
class Watch {
 public:
  explicit Watch(const journal::RunFolder& folder)
      : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    for (const fs::path& path : {folder.journal(), folder.pending_releases()}) {
      if (events_) {
        ::inotify_add_watch(events_.get(), path.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO);
      }
    }
  }

  /// Returns at the first change, or when `limit` has passed.
  void wait(milliseconds limit) const {
    pollfd polled{events_.get(), POLLIN, 0};
    if (!events_) {
      std::this_thread::sleep_for(limit);
    } else if (::poll(&polled, 1, static_cast<int>(limit.count())) > 0) {
      drain();
    }
  }

 private:
  void drain() const {
    std::array<char, 16'384> buffer;  // what happened where is found by reading the journal on
    while (::read(events_.get(), buffer.data(), buffer.size()) > 0) {
    }
  }

  Fd events_;
};

/// Whether two pictures say the same to a person.
bool is_same(const RunStatus& one, const RunStatus& other) {
  const auto same_stage = [](const StageStatus& a, const StageStatus& b) {
    return a.counts == b.counts && a.waits_for == b.waits_for;
  };
  return one.state == other.state && one.remarks == other.remarks &&
         std::equal(one.stages.begin(), one.stages.end(), other.stages.begin(), other.stages.end(),
                    same_stage);
}

bool is_nobodys(const Word& word) {
  return word.state == TaskState::unknown && word.source.empty();
}

/// Follows one run. The journal is read on as it grows; Slurm is asked at intervals.
class Follow {
 public:
  Follow(const journal::RunFolder& folder, plan::Plan plan, slurm::Scheduler& scheduler,
         const Clock& clock, const WaitOptions& options)
      : folder_(folder),
        plan_(std::move(plan)),
        scheduler_(scheduler),
        clock_(clock),
        options_(options),
        observer_(folder_, plan_, clock_),
        watch_(folder_) {}

  Result<RunStatus> to_the_end() {
    FOZ_CHECK(ask());  // before the first picture
    while (true) {
      make_picture();
      if (status_.is_over && (is_recorded_ || ++last_questions_ > k_last_questions)) break;
      if (is_given_up()) break;
      FOZ_CHECK(wait_for_news());
      if (steady_clock::now() >= next_question_) FOZ_CHECK(ask());
    }
    if (status_.is_over && plan_.waves && observer_.seen().queue) end_advance_jobs();
    return std::move(status_);
  }

 private:
  /// Asks Slurm, and does what is to be done; a controller that does not answer is a remark.
  Result<void> ask() {
    FOZ_CHECK(observer_.read_folder());
    FOZ_CHECK(observer_.ask(scheduler_));
    next_question_ = steady_clock::time_point::max();
    trouble_.clear();
    const Picture picture = look(plan_, observer_.seen());
    note_silence(picture);
    if (!decide(plan_, observer_.seen(), picture).empty()) {
      const auto done = advance(folder_, scheduler_, clock_, options_.effects);
      if (!done) trouble_ = done.error().message;
      FOZ_CHECK(observer_.read_folder());
    }
    return {};
  }

  /// Those that still wait have nothing left to do. Where it fails they find that out themselves.
  void end_advance_jobs() { [[maybe_unused]] const auto ignored = ask(); }

  /// Since when an answering queue, and nobody else, knows of what is left.
  void note_silence(const Picture& picture) {
    const bool is_silent =
        picture.queue_answered && picture.any(is_nobodys) &&
        !picture.any([](const Word& word) { return !is_over(word.state) && !is_nobodys(word); });
    if (!is_silent) silent_since_.reset();
    if (is_silent && !silent_since_) silent_since_ = steady_clock::now();
  }

  [[nodiscard]] bool is_given_up() const {
    return silent_since_ && steady_clock::now() - *silent_since_ >= options_.give_up_after;
  }

  void make_picture() {
    const Picture picture = look(plan_, observer_.seen());
    RunStatus status = report(plan_, picture, observer_.seen());
    if (!trouble_.empty()) status.remarks.push_back(trouble_);
    is_recorded_ = picture.is_recorded();
    ends_missing_ = 0;
    for (const StageStatus& stage : status.stages) {
      for (const auto& [state, count] : stage.counts) ends_missing_ += is_over(state) ? 0 : count;
    }
    pictured_ = steady_clock::now();
    is_behind_ = false;
    next_question_ = std::min(next_question_, pictured_ + interval(picture));
    const bool is_news = !has_status_ || !is_same(status, status_);
    status_ = std::move(status);
    has_status_ = true;
    if (is_news && options_.on_change) options_.on_change(status_);
  }

  /// How long no question is due.
  [[nodiscard]] milliseconds interval(const Picture& picture) const {
    const bool may_clear_up = picture.any([](const Word& word) {
      return word.state == TaskState::unknown && word.source == "queue";
    });
    if (may_clear_up || picture.is_over()) return std::min(k_soon, options_.queue_interval);
    if (silent_since_) return std::min(options_.give_up_after / 3, options_.queue_interval);
    return options_.queue_interval;
  }

  /// Returns when there is a new picture to be made, or a question is due.
  Result<void> wait_for_news() {
    while (steady_clock::now() < next_question_) {
      auto until = std::min(next_question_, steady_clock::now() + options_.journal_interval);
      if (is_behind_) until = std::min(until, pictured_ + k_between_pictures);
      const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
      watch_.wait(std::max(left, milliseconds{1}));
      FOZ_CHECK(read_on());
      const bool is_due = steady_clock::now() - pictured_ >= k_between_pictures;
      if (is_behind_ && (is_due || ends_missing_ == 0)) return {};
    }
    return {};
  }

  /// Counts the ends, so that the last one is pictured at once. What the queue
  /// said before a cancellation was done counts no more.
  Result<void> read_on() {
    const std::size_t before = observer_.seen().records.size();
    FOZ_CHECK(observer_.read_journal());
    const auto& records = observer_.seen().records;
    is_behind_ = is_behind_ || records.size() > before;
    for (std::size_t i = before; i < records.size(); ++i) {
      const bool is_end = records[i].kind == journal::kind::task_ended;
      if (is_end && ends_missing_ > 0) --ends_missing_;
      if (records[i].kind == journal::kind::cancelled) next_question_ = steady_clock::now();
    }
    return {};
  }

  const journal::RunFolder folder_;
  const plan::Plan plan_;
  slurm::Scheduler& scheduler_;
  const Clock& clock_;
  const WaitOptions& options_;
  Observer observer_;
  Watch watch_;

  RunStatus status_;
  bool has_status_ = false;
  bool is_recorded_ = false;  ///< Slurm need not be asked any more
  bool is_behind_ = false;    ///< the journal has grown since the picture was made
  std::uint64_t ends_missing_ = 0;
  int last_questions_ = 0;
  std::string trouble_;
  steady_clock::time_point pictured_, next_question_;
  std::optional<steady_clock::time_point> silent_since_;
};

}  // namespace

Result<RunStatus> wait_until_over(const journal::RunFolder& folder, slurm::Scheduler& scheduler,
                                  const Clock& clock, const WaitOptions& options) {
  FOZ_TRY(plan::Plan plan, load_plan(folder));
  return Follow(folder, std::move(plan), scheduler, clock, options).to_the_end();
}

}  // namespace foz::run
