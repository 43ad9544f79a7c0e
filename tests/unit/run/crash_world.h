/// A run whose foz is stopped dead at one effect, and that must come to the same end all the same.
///
/// Effects are counted over a whole life (advance, what Slurm then starts, advance again ..), so
/// that stop_at_ names one gap: "before" or "after" one effect. Stopping is an exception out of the
/// probe; before it is thrown the lock is made to look as a killed process leaves it, so that
/// unwinding gives nothing back. What the cluster holds and what lies on disk is all that is left.
#pragma once

#include <optional>

#include "core/run/mark.h"
#include "core/run/picture.h"
#include "tests/unit/run/forwarding.h"
#include "tests/unit/run/support.h"

namespace foz::run {

/// Thrown out of a probe.
struct Stopped {};

/// What Slurm does meanwhile.
struct Trouble {
  std::string name;
  slurm::FakeFault fault = slurm::FakeFault::none;  ///< of one submission
  int hidden_answers = 0;  ///< how many answers of the queue do not show what came of it
};

/// A queue that shows jobs late: the first `answers` answers leave out jobs from `first` on; or, by
/// hide_newest(), what comes of one submission.
class LateQueue final : public Forwarding {
 public:
  using Forwarding::Forwarding;
  std::uint32_t first = 0;  ///< 0: all is shown
  int answers = 0;

  void hide_newest(std::size_t submission, int for_answers) {
    to_hide_ = submission;
    answers = for_answers;
  }

  [[nodiscard]] Result<slurm::Submission> submit(const slurm::SubmitRequest& request) override {
    if (submissions_++ == to_hide_) {
      FOZ_TRY(const auto rows, inner_.jobs({}));
      first = 1;
      for (const slurm::JobRow& row : rows) first = std::max(first, row.id.value + 1);
    }
    return inner_.submit(request);
  }
  [[nodiscard]] Result<std::vector<slurm::JobRow>> jobs(const slurm::JobQuery& query) override {
    FOZ_TRY(auto rows, inner_.jobs(query));
    if (first == 0 || answers <= 0) return rows;
    --answers;
    std::erase_if(rows, [this](const slurm::JobRow& row) { return job_of(row).value >= first; });
    return rows;
  }

 private:
  std::size_t submissions_ = 0;
  std::optional<std::size_t> to_hide_;
};

/// A workflow to be stopped.
struct Subject {
  std::string name;
  std::vector<StageWords> stages;
  std::uint32_t max_array_size = 1001;
  std::uint32_t jobs_at_once = 0;  ///< where not 0: in waves
  [[nodiscard]] std::size_t parts() const {
    std::size_t count = 0;
    for (const StageWords& stage : stages) {
      count += plan::split_parts(stage.tasks, max_array_size).size();
    }
    return count;
  }
};

inline std::vector<Subject> subjects() {
  using enum task::EdgeKind;
  return {
      {"one", {{"a"}}},
      {"split", {{"a", 5}, {"b", 1, {{"a", success}}}}, 2},
      {"partners", {{"a", 3}, {"b", 3, {{"a", each}}}, {"c", 1, {{"b", finished}}}}},
      {"diamond",
       {{"a"},
        {"b", 1, {{"a", success}}},
        {"c", 1, {{"a", success}}},
        {"d", 1, {{"b", success}, {"c", success}}}}},
  };
}

class CrashTest : public RunTest {
 protected:
  /// A new run on a new cluster, nothing sent yet.
  void begin(const Subject& subject) {
    fs::remove_all(run_folder());
    cluster_ = slurm::FakeCluster{};
    fake_.emplace(cluster_);
    queue_.emplace(*fake_);
    starts_.clear();
    orphans_started_ = 0;
    effects_seen_.clear();
    stop_at_.reset();
    stop_again_after_.reset();
    advance_jobs_ = 0;
    has_stopped_ = false;
    if (subject.jobs_at_once == 0) {
      create(subject.stages, subject.max_array_size);
    } else {
      create_in_waves(subject.stages, subject.jobs_at_once);
    }
    effects_.probe = [this](std::string_view effect) { probe(effect); };
  }

  /// Whether the call came to its end, well or not.
  template <class Call>
  bool survives(const Call& call) {
    try {
      call();
      return true;
    } catch (const Stopped&) {
      return false;
    }
  }

  /// One advance; what went wrong is kept in error_ ("" when nothing).
  bool advance_once() {
    return survives([this] {
      const auto done = run::advance(folder(), *queue_, clock_, effects_);
      error_ = done ? "" : done.error().message;
      const auto as_expected = {Code::unavailable, Code::unknown_outcome, Code::refused,
                                Code::failed};
      if (!done) {
        EXPECT_THAT(as_expected, testing::Contains(done.error().code)) << error_;
      }
    });
  }
  bool cancel_once(const std::string& stage = "") {
    return survives([&] {
      const auto done = run::cancel(folder(), stage, *queue_, clock_, effects_);
      error_ = done ? "" : done.error().message;
    });
  }

  slurm::FakeEnd work(const slurm::FakeTask& task, const slurm::SubmitRequest& request) {
    if (request.name.starts_with(plan::k_advance_job)) return send_on();
    if (is_orphan(task, request)) {
      ++orphans_started_;
      return {};  // a keeper that is not of jobs.json ends without a word
    }
    return keep(task, request,
                [](const std::string&, std::uint64_t) { return std::string("succeeded"); });
  }

  /// Everything that Slurm can start runs, each job under its keeper.
  void slurm_runs() {
    cluster_.run([this](const slurm::FakeTask& task, const slurm::SubmitRequest& request) {
      return work(task, request);
    });
    clock_.time += 60'000;
    cluster_.now = clock_.time;
  }

  /// What an advance job does.
  slurm::FakeEnd send_on() {
    ++advance_jobs_;
    const bool is_well = advance_once() && error_.empty();
    return {is_well ? slurm::State::completed : slurm::State::failed, is_well ? 0 : 3, 0};
  }

  /// Advance and let run, again and again, until there is nothing left to do.
  void live(int rounds = 12) {
    for (int round = 0; round < rounds; ++round) {
      advance_once();
      slurm_runs();
      if (is_settled()) return;
    }
  }

  bool is_settled() {
    auto now = observe(folder(), plan_, &*queue_, AskQueue::always, clock_);
    EXPECT_TRUE(now) << now.error().message;
    return judge(plan_, *now).is_over && decide(plan_, *now).empty() && living_rows() == 0;
  }

  [[nodiscard]] bool is_orphan(const slurm::FakeTask& task,
                               const slurm::SubmitRequest& request) const {
    const auto mark = parse_job_name(request.name);
    const auto text = read_file(folder().jobs());
    if (!mark) return true;
    if (!text) return false;  // nobody else's, as far as a keeper can see
    const auto parts = journal::jobs_from_json(*text);
    return std::any_of(parts->begin(), parts->end(), [&](const journal::SubmittedPart& part) {
      return part.stage == mark->stage && part.part == mark->part && part.job != task.job;
    });
  }

  [[nodiscard]] std::size_t living_rows() const {
    const auto rows = cluster_.rows();
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(),
                      [](const slurm::JobRow& row) { return !slurm::is_final(row.state); }));
  }

  /// What an undisturbed run comes to: every task once, no job left, each thing recorded once.
  void expect_whole() {
    const RunStatus end = status();
    EXPECT_EQ(end.state, "succeeded") << error_;
    for (const StageStatus& stage : end.stages) {
      EXPECT_EQ(counts_text(stage), std::to_string(stage.tasks) + " succeeded") << stage.name;
      for (std::uint64_t index = 0; index < stage.tasks; ++index) {
        EXPECT_EQ((starts_[{stage.name, index}]), 1) << stage.name << " " << index;
      }
    }
    EXPECT_EQ(living_rows(), 0U);
    EXPECT_EQ(orphans_started_, 0);
    expect_recorded_once(journal::kind::submitted);
    expect_recorded_once(journal::kind::released);
  }

  void expect_recorded_once(std::string_view kind) {
    std::map<std::pair<std::string, std::int64_t>, std::vector<std::int64_t>> jobs;
    for (const journal::Record& record : records(kind)) {
      if (record.text("stage") == plan::k_advance_job) continue;  // one for each wave
      auto& known = jobs[std::pair(record.text("stage"), record.integer("part"))];
      known.push_back(record.integer("job"));
      EXPECT_EQ(known.front(), known.back()) << kind << " " << record.text("stage");
      EXPECT_TRUE(may_repeat_records_ || known.size() == 1) << kind << " " << record.text("stage");
    }
  }

  /// Nothing of the run lives, and nothing of it can start any more.
  void expect_gone() {
    EXPECT_EQ(living_rows(), 0U);
    const auto before = starts_;
    slurm_runs();
    EXPECT_EQ(starts_, before);
    EXPECT_EQ(orphans_started_, 0);
  }

  void probe(std::string_view effect) {
    effects_seen_.emplace_back(effect);
    if (has_stopped_ || !stop_at_ || effects_seen_.size() != *stop_at_ + 1) return;
    has_stopped_ = !stop_again_after_;
    if (stop_again_after_) stop_at_ = effects_seen_.size() + *stop_again_after_;
    stop_again_after_.reset();
    leave_lock_behind();
    throw Stopped{};
  }

  /// The lock's holder becomes a process that is gone.
  void leave_lock_behind() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(folder().root() / "lock")) {
      const auto number = [](const fs::path& path) { return std::stoull(path.filename()); };
      if (newest.empty() || number(entry.path()) > number(newest)) newest = entry.path();
    }
    std::string holder = read_file(newest).value();
    const std::size_t random = holder.rfind(' ');
    const std::size_t start = holder.rfind(' ', random - 1);
    holder.replace(start + 1, random - start - 1, "1");  // another process of the same pid
    ASSERT_TRUE(write_file(newest, holder, Durability::cached));
  }

  std::optional<slurm::FakeScheduler> fake_;
  std::optional<LateQueue> queue_;
  std::vector<std::string> effects_seen_;
  std::optional<std::size_t> stop_at_;
  std::optional<std::size_t> stop_again_after_;  ///< effects between the first stop and a second
  bool has_stopped_ = false;
  /// A record that lost its LF alone is whole again as soon as something is appended.
  bool may_repeat_records_ = false;
  int orphans_started_ = 0;
  std::string error_;
};

}  // namespace foz::run
