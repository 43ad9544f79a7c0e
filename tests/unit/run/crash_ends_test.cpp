// A foz that is killed anywhere changes no other end either: tasks that fail or die without a word,
// partners that their keepers left, jobs that Slurm has forgotten, a stage that was cancelled.
#include <fmt/format.h>

#include "tests/unit/run/crash_world.h"

namespace foz::run {
namespace {

enum class Slurm { remembers, forgets };

class CrashEnds : public CrashTest {
 protected:
  /// "succeeded", "failed", or "silent": the job dies and nobody writes a word.
  using Ends = std::function<std::string(const std::string& stage, std::uint64_t index)>;

  slurm::FakeEnd end_of(const slurm::FakeTask& task, const slurm::SubmitRequest& request) {
    if (is_orphan(task, request)) {
      ++orphans_started_;
      return {};
    }
    const auto [stage, offset] = place_of(request);
    const std::uint64_t index = offset + (task.index ? task.index->value : 0);
    if (ends_(stage->name, index) != "silent") return keep(task, request, ends_);
    ++starts_[{stage->name, index}];
    tell(Told::started(stage->name, index, task.job.value));
    return {slurm::State::node_fail, 0, 0};
  }

  void slurm_works() {
    cluster_.run([this](const slurm::FakeTask& task, const slurm::SubmitRequest& request) {
      return end_of(task, request);
    });
    if (memory_ == Slurm::forgets) cluster_.purge_ended();
    clock_.time += 60'000;
    cluster_.now = clock_.time;
  }

  void live_on() {
    constexpr int k_rounds = 12;
    for (int round = 0; round < k_rounds; ++round) {
      advance_once();
      slurm_works();
      if (is_settled()) return;
    }
    ADD_FAILURE() << "the run does not come to rest: " << error_;
  }

  /// "failed; a: 1 succeeded, 1 failed; b: 2 dependency_failed".
  [[nodiscard]] std::string ending() {
    const RunStatus now = status(AskQueue::always);
    std::string text = now.state;
    for (const StageStatus& stage : now.stages)
      text += fmt::format("; {}: {}", stage.name, counts_text(stage));
    return text;
  }

  void expect_end(const std::string& end) {
    EXPECT_EQ(ending(), end);
    EXPECT_EQ(living_rows(), 0U);
    EXPECT_EQ(orphans_started_, 0);
    for (const auto& [task, count] : starts_) EXPECT_EQ(count, 1) << task.first << task.second;
  }

  /// `end`: that of a run which nobody kills.
  void stop_everywhere(const Subject& subject, const std::string& end) {
    begin(subject);
    live_on();
    expect_end(end);
    const std::size_t effects = effects_seen_.size();
    for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
      begin(subject);
      stop_at_ = gap;
      live_on();
      SCOPED_TRACE(fmt::format("{}: stopped {}", subject.name, effects_seen_.at(gap)));
      EXPECT_TRUE(has_stopped_);
      expect_end(end);
    }
  }

  Ends ends_ = [](const std::string&, std::uint64_t) { return "succeeded"; };
  Slurm memory_ = Slurm::remembers;
};

TEST_F(CrashEnds, AJoinOfAFailedTaskNeverStarts) {
  ends_ = [](const std::string&, std::uint64_t index) {
    return index == 1 ? "failed" : "succeeded";
  };
  stop_everywhere(subjects()[1], "failed; a: 4 succeeded, 1 failed; b: 1 dependency_failed");
}

TEST_F(CrashEnds, PartnersOfFailedTasksNeverStartWhoeverSeesToThem) {
  ends_ = [](const std::string& stage, std::uint64_t index) {
    return stage == "a" && index == 1 ? "failed" : "succeeded";
  };
  for (const bool by_keepers : {true, false}) {
    keepers_see_to_partners_ = by_keepers;
    stop_everywhere(subjects()[2],
                    "failed; a: 2 succeeded, 1 failed; b: 2 succeeded, 1 "
                    "dependency_failed; c: 1 succeeded");
  }
}

TEST_F(CrashEnds, TasksThatDieWithoutAWordAreLostOnce) {
  ends_ = [](const std::string& stage, std::uint64_t index) {
    return stage == "a" && index == 2 ? "silent" : "succeeded";
  };
  stop_everywhere(subjects()[1], "failed; a: 4 succeeded, 1 failed; b: 1 dependency_failed");
  stop_everywhere(subjects()[2],
                  "failed; a: 2 succeeded, 1 failed; b: 2 succeeded, 1 "
                  "dependency_failed; c: 1 succeeded");
}

TEST_F(CrashEnds, WhatHasRunMayBeForgotten) {
  memory_ = Slurm::forgets;
  for (const Subject& subject : subjects()) {
    std::string end = "succeeded";
    for (const StageWords& stage : subject.stages)
      end += fmt::format("; {}: {} succeeded", stage.name, stage.tasks);
    stop_everywhere(subject, end);
  }
}

/// The answer of one submission is lost, and its job hidden for longer and longer.
TEST_F(CrashEnds, JobThatIsHiddenForLongIsCancelledInTheEnd) {
  for (const Subject& subject : {subjects()[0], subjects()[1]}) {
    for (std::size_t nth = 0; nth < subject.parts(); ++nth) {
      for (int answers = 1; answers < 12 && !HasFailure(); ++answers) {
        SCOPED_TRACE(
            fmt::format("{}: submission {} hidden from {} answers", subject.name, nth, answers));
        begin(subject);
        for (std::size_t i = 0; i < nth; ++i)
          fake_->expect(slurm::FakeCall::submit, slurm::FakeFault::none);
        fake_->expect(slurm::FakeCall::submit, slurm::FakeFault::lost_after);
        queue_->first = static_cast<std::uint32_t>(nth) + 1;
        queue_->answers = answers;
        for (int i = 0; i < answers; ++i) live_on();
        EXPECT_EQ(living_rows(), 0U);
        EXPECT_EQ(status().state, "succeeded");
        for (const auto& [task, count] : starts_) EXPECT_EQ(count, 1) << task.first << task.second;
      }
    }
  }
}

TEST_F(CrashEnds, CancelledStageLeavesTheOthersTheirEnd) {
  const Subject subject = subjects()[3];
  const std::string end =
      "failed; a: 1 succeeded; b: 1 cancelled; c: 1 succeeded; d: 1 dependency_failed";
  const auto begin_to_cancel = [&] {
    begin(subject);
    advance_once();
    effects_seen_.clear();
  };
  begin_to_cancel();
  cancel_once("b");
  const std::size_t effects = effects_seen_.size();
  live_on();
  expect_end(end);
  for (std::size_t gap = 0; gap < effects && !HasFailure(); ++gap) {
    begin_to_cancel();
    stop_at_ = gap;
    EXPECT_FALSE(cancel_once("b"));
    SCOPED_TRACE(fmt::format("stopped {}", effects_seen_.at(gap)));
    if (records(journal::kind::cancel_intended).empty()) cancel_once("b");  // it never happened
    live_on();
    expect_end(end);
  }
}

}  // namespace
}  // namespace foz::run
