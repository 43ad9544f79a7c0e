// A request whose answer was lost, and whose job the queue did not show: its part was sent again.
// The first job may turn up at any later time; it must never run, nor stay in the queue.
#include "core/run/mark.h"
#include "tests/unit/run/forwarding.h"
#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

class Late : public RunTest {
 protected:
  /// A run of two stages whose first request was given up as unseen.
  void send_with_a_lost_request() {
    create({{"train", 2}, {"join", 1, {{"train", task::EdgeKind::success}}}});
    slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::lost_before);
    ASSERT_TRUE(advance());
    ASSERT_EQ(records(journal::kind::submit_failed).size(), 1U);
    ASSERT_EQ(records(journal::kind::submit_failed)[0].text("what"), "unseen");
  }

  /// The controller comes to that request only now.
  void let_it_turn_up() {
    const std::string nonce = records(journal::kind::submit_failed)[0].text("nonce");
    slurm::SubmitRequest request;
    request.name = job_name({"train", plan_.run_id, 0, nonce});
    request.script = folder().script("train").native();
    request.script_args = {"0"};
    request.array = "0-1";
    request.hold = slurm::Hold::yes;
    ASSERT_TRUE(cluster_.submit(request));
  }

  void expect_cancelled_by_advance() {
    const std::size_t before = cluster_.tasks_in_queue();
    const auto done = advance();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->cancelled, 1U);
    EXPECT_EQ(cluster_.tasks_in_queue(), before - 2);
    EXPECT_EQ(records(journal::kind::note).size(), 1U);
    EXPECT_EQ(advance().value().cancelled, 0U);
  }
};

TEST_F(Late, JobIsCancelledWhileItsRunGoesOn) {
  send_with_a_lost_request();
  let_it_turn_up();
  expect_cancelled_by_advance();
  run_all();
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(Late, JobIsCancelledWhenItsRunIsOver) {
  send_with_a_lost_request();
  run_all();
  ASSERT_TRUE(status().is_over);
  let_it_turn_up();
  expect_cancelled_by_advance();
}

TEST_F(Late, JobIsCancelledWhenItsRunWasCancelled) {
  send_with_a_lost_request();
  ASSERT_TRUE(cancel(folder(), "", slurm_, clock_, effects_));
  ASSERT_EQ(cluster_.tasks_in_queue(), 0U);
  let_it_turn_up();
  expect_cancelled_by_advance();
  EXPECT_EQ(status().state, "cancelled");
}

TEST_F(Late, JobOfARefusedRunIsCancelled) {
  create({{"train", 2}, {"join", 1, {{"train", task::EdgeKind::success}}}});
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::lost_before);
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::none);
  slurm_.expect(slurm::FakeCall::submit, slurm::FakeFault::refused);
  ASSERT_FALSE(advance());
  let_it_turn_up();
  expect_cancelled_by_advance();
  EXPECT_EQ(status().state, "failed");
}

/// An sbatch that waited for room and was killed: it may have been asking again by then.
class KilledWhileFull final : public Forwarding {
 public:
  enum class Came { nothing, job };
  KilledWhileFull(slurm::Scheduler& inner, Came came) : Forwarding(inner), came_(came) {}
  [[nodiscard]] Result<slurm::Submission> submit(const slurm::SubmitRequest& request) override {
    if (came_ == Came::job) {
      EXPECT_TRUE(inner_.submit(request));
    }
    return fail(Code::unknown_outcome, "Slurm job queue full, sleeping and retrying");
  }

 private:
  Came came_;
};

class FullQueue : public RunTest {
 protected:
  Result<Advanced> advance_with(KilledWhileFull::Came came) {
    KilledWhileFull full(slurm_, came);
    return run::advance(folder(), full, clock_, effects_);
  }
};

TEST_F(FullQueue, WhatAKilledSbatchHadSentIsAdopted) {
  create({{"a"}});
  const auto done = advance_with(KilledWhileFull::Came::job);
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->adopted, 1U);
  EXPECT_EQ(run_all(), 1U);
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(FullQueue, IsARefusalOnlyWhenNothingCameOfIt) {
  create({{"a"}});
  const auto done = advance_with(KilledWhileFull::Came::nothing);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(),
            (Error{Code::refused,
                   "cannot submit stage 'a': Slurm job queue full, sleeping and retrying"}));
  EXPECT_EQ(slurm_.calls(slurm::FakeCall::submit), 0U);
  EXPECT_GE(slurm_.calls(slurm::FakeCall::jobs), 3U);
  EXPECT_EQ(status().state, "failed");
}

}  // namespace
}  // namespace foz::run
