#include "core/slurm/fake.h"
#include "tests/support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace foz::slurm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

SubmitRequest job(std::string name = "train") {
  SubmitRequest request;
  request.name = std::move(name);
  request.script = "x.sh";
  return request;
}

class FakeTrouble : public ::testing::Test {
 protected:
  std::size_t in_queue() { return cluster.rows().size(); }
  FakeCluster cluster;
  FakeScheduler fake{cluster};
};

TEST_F(FakeTrouble, NobodyAnswersAndNothingHappens) {
  fake.expect(FakeCall::submit, FakeFault::away);
  EXPECT_EQ(fake.submit(job()).error().code, Code::unavailable);
  EXPECT_EQ(in_queue(), 0);
  EXPECT_TRUE(fake.submit(job()));
}

TEST_F(FakeTrouble, TheRequestIsLost) {
  fake.expect(FakeCall::submit, FakeFault::lost_before);
  EXPECT_EQ(fake.submit(job()).error().code, Code::unknown_outcome);
  EXPECT_EQ(in_queue(), 0);
}

TEST_F(FakeTrouble, TheAnswerIsLost) {
  fake.expect(FakeCall::submit, FakeFault::lost_after);
  EXPECT_EQ(fake.submit(job()).error().code, Code::unknown_outcome);
  EXPECT_EQ(in_queue(), 1);
  EXPECT_EQ(fake.jobs({})->at(0).name, "train");
}

TEST_F(FakeTrouble, TheRequestArrivesLate) {
  fake.expect(FakeCall::submit, FakeFault::late);
  EXPECT_EQ(fake.submit(job()).error().code, Code::unknown_outcome);
  EXPECT_THAT(*fake.jobs({}), IsEmpty());
  EXPECT_THAT(*fake.jobs({}), SizeIs(1));
  EXPECT_THAT(*fake.jobs({}), SizeIs(1));
}

TEST_F(FakeTrouble, TheNthCallIsChosen) {
  fake.expect(FakeCall::submit, FakeFault::none);
  fake.expect(FakeCall::submit, FakeFault::refused);
  EXPECT_TRUE(fake.submit(job()));
  EXPECT_EQ(fake.submit(job()).error().code, Code::refused);
  EXPECT_TRUE(fake.submit(job()));
  EXPECT_EQ(fake.calls(FakeCall::submit), 3);
}

TEST_F(FakeTrouble, ASilentControllerAnswersNothing) {
  ASSERT_TRUE(fake.submit(job()));
  fake.go_away();
  EXPECT_EQ(fake.jobs({}).error().code, Code::unavailable);
  EXPECT_EQ(fake.release({{JobId{1}, ""}}).error().code, Code::unavailable);
  EXPECT_EQ(fake.cancel({{JobId{1}, ""}}).error().code, Code::unavailable);
  EXPECT_EQ(fake.history({{}, 1}).error().code, Code::unavailable);
  EXPECT_EQ(fake.facts().error().code, Code::unavailable);
  fake.come_back();
  EXPECT_THAT(*fake.jobs({}), SizeIs(1));
}

TEST_F(FakeTrouble, TheMomentsAroundAnEffectCanBeWatched) {
  std::vector<std::string> seen;
  fake.watch([&](FakeCall, FakeMoment moment) {
    seen.push_back((moment == FakeMoment::before ? "before " : "after ") +
                   std::to_string(in_queue()));
  });
  ASSERT_TRUE(fake.submit(job()));
  EXPECT_THAT(seen, ElementsAre("before 0", "after 1"));
}

TEST_F(FakeTrouble, HistoryFoldsAndBounds) {
  ASSERT_TRUE(fake.submit(job()));
  const FakeTask task{JobId{1}, std::nullopt};
  const UnixMillis begin = cluster.now;
  cluster.start(task);
  cluster.now += 1'000;
  cluster.requeue(task);
  cluster.start(task);
  cluster.finish(task);
  const auto rows = fake.history({{JobId{1}}, begin});
  ASSERT_TRUE(rows);
  ASSERT_THAT(*rows, SizeIs(1));
  EXPECT_EQ(rows->at(0).state, State::completed);
  EXPECT_THAT(*fake.history({{JobId{1}}, begin + 60'000}), IsEmpty());
  EXPECT_THAT(*fake.history({{JobId{2}}, begin}), IsEmpty());
  cluster.limits.has_accounting = false;
  EXPECT_EQ(fake.history({{JobId{1}}, begin}).error().code, Code::refused);
}

// ---- in a folder --------------------------------------------------------------------------------

class FakeFolder : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Scheduler> open() const { return open_fake_folder(folder, clock); }
  void tell(const std::string& event) const {
    std::ofstream(folder + "/events", std::ios::app) << event << '\n';
  }

  SystemClock clock;
  test::TemporaryFolder temporary;
  std::string folder = temporary.path().string();
};

TEST_F(FakeFolder, SeparateSchedulersSeeOneState) {
  SubmitRequest request = job();
  request.array = "0-3";
  request.hold = Hold::yes;
  const auto submission = open()->submit(request);
  ASSERT_TRUE(submission) << submission.error().message;
  ASSERT_TRUE(open()->release({{submission->id, "1-2"}}));
  tell("start 1_1");
  tell("finish 1_1 FAILED 3");
  ASSERT_TRUE(open()->cancel({{submission->id, "0"}}));
  const auto rows = open()->jobs({});
  ASSERT_TRUE(rows) << rows.error().message;
  ASSERT_THAT(*rows, SizeIs(3));
  EXPECT_EQ(rows->at(0).pending_indices, "3");
  EXPECT_EQ(rows->at(1).index, ArrayIndex{1});
  EXPECT_EQ(rows->at(1).state, State::failed);
  EXPECT_EQ(rows->at(2).state, State::pending);
  EXPECT_EQ(open()->history({{submission->id}, 1})->at(0).exit_code, 3);
}

TEST_F(FakeFolder, ToldTroubleIsMetOnce) {
  tell("fault submit lost_after");
  EXPECT_EQ(open()->submit(job("a")).error().code, Code::unknown_outcome);
  EXPECT_TRUE(open()->submit(job("b")));
  EXPECT_THAT(*open()->jobs({}), SizeIs(2));
  tell("fault submit away");
  EXPECT_EQ(open()->submit(job("c")).error().code, Code::unavailable);
  EXPECT_THAT(*open()->jobs({}), SizeIs(2));
}

TEST_F(FakeFolder, LimitsCanBeTold) {
  tell("limit max_submit 1");
  tell("limit accounting 0");
  ASSERT_TRUE(open()->submit(job()));
  EXPECT_EQ(open()->submit(job()).error().code, Code::refused);
  EXPECT_EQ(open()->history({{}, 1}).error().code, Code::refused);
  EXPECT_FALSE(open()->facts()->has_accounting);
}

TEST_F(FakeFolder, AnEventThatCannotBeIsNamed) {
  ASSERT_TRUE(open()->submit(job()));
  tell("finish 1 COMPLETED");
  EXPECT_EQ(open()->jobs({}).error().message,
            "event 2 of the fake cluster cannot be: \"finish 1 COMPLETED\"");
  for (const auto* event : {"start", "start 9", "start x", "finish 1", "jump 1", "fault x away",
                            "limit max_submit many", "used submit", "purge 1", "submit {"}) {
    const auto cluster = replay_fake(std::string("submit {}\n") + event + "\n");
    ASSERT_FALSE(cluster) << event;
    EXPECT_EQ(cluster.error().code, Code::invalid) << event;
  }
}

TEST_F(FakeFolder, ProcessesAtOnceLoseNothing) {
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      bool good = true;
      for (int n = 0; n < 10; ++n) good = good && open()->submit(job());
      ::_exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const auto rows = open()->jobs({});
  ASSERT_TRUE(rows);
  EXPECT_THAT(*rows, SizeIs(40));
}

}  // namespace
}  // namespace foz::slurm
