// What is read and asked, when, and what becomes of answers that do not come.
#include "tests/unit/run/support.h"

namespace foz::run {
namespace {

using slurm::FakeCall;
using slurm::FakeFault;
using slurm::FakeMoment;

class Observe : public RunTest {
 protected:
  void send(const std::vector<StageWords>& stages) {
    create(stages);
    ASSERT_TRUE(advance());
  }
  /// Starts the first task that can, and has it forgotten without a word.
  void lose_one() {
    const auto task = cluster_.startable().at(0);
    cluster_.start(task);
    cluster_.finish(task);
    clock_.time += 60'000;
    cluster_.purge(task.job);
  }
};

TEST_F(Observe, AsksNobodyUnderNever) {
  send({{"a"}});
  const std::size_t before = slurm_.calls(FakeCall::jobs);
  const Observation now = *observe(folder(), plan_, nullptr, AskQueue::never, clock_);
  EXPECT_FALSE(now.queue);
  EXPECT_EQ(now.parts.size(), 1U);
  EXPECT_EQ(now.now, clock_.time);
  EXPECT_EQ(slurm_.calls(FakeCall::jobs), before);
}

TEST_F(Observe, AsksOnlyWhereSomethingThatWasSentIsNotOver) {
  create({{"a"}});
  EXPECT_FALSE(seen().queue);
  ASSERT_TRUE(advance());
  EXPECT_TRUE(seen().queue);
  run_all();
  EXPECT_FALSE(seen().queue);
  EXPECT_TRUE(seen(AskQueue::always).queue);
}

TEST_F(Observe, AsksForItsOwnJobsAlone) {
  slurm::SubmitRequest other;
  other.name = "other";
  ASSERT_TRUE(cluster_.submit(other));
  send({{"a", 3}, {"b"}});
  const Observation now = seen();
  ASSERT_EQ(now.queue->size(), 2U);
  EXPECT_THAT((*now.queue)[0].name, testing::StartsWith("a@"));
}

TEST_F(Observe, LooksAtAllJobsForAMark) {
  slurm::SubmitRequest other;
  other.name = "other";
  ASSERT_TRUE(cluster_.submit(other));
  create({{"a"}});
  tell(Told::intended("a", 0, "12345678"));
  EXPECT_EQ(seen().queue->size(), 1U);
}

TEST_F(Observe, ASilentControllerIsNoError) {
  send({{"a"}});
  slurm_.expect(FakeCall::jobs, FakeFault::away);
  const Observation now = seen();
  EXPECT_FALSE(now.queue);
  EXPECT_EQ(now.queue_error,
            "the controller does not answer: Unable to contact slurm controller (connect failure)");
  EXPECT_EQ(slurm_.calls(FakeCall::history), 0U);
}

TEST_F(Observe, ReadsTheJournalAgainBehindTheAnswer) {
  send({{"a"}});
  const auto task = cluster_.startable().at(0);
  cluster_.start(task);
  slurm_.watch([&](FakeCall call, FakeMoment moment) {
    if (call != FakeCall::jobs || moment != FakeMoment::before) return;
    tell(Told::started("a", 0, task.job.value));
    tell(Told::ended("a", 0, "succeeded"));
    cluster_.finish(task);
    slurm_.watch({});
  });
  EXPECT_EQ(status().state, "succeeded");
}

TEST_F(Observe, AsksAccountingOnlyForWhatTheQueueForgot) {
  send({{"a"}, {"x"}});
  ASSERT_TRUE(seen().queue);
  EXPECT_EQ(slurm_.calls(FakeCall::history), 0U);
  lose_one();
  const Observation now = seen();
  ASSERT_TRUE(now.history);
  ASSERT_EQ(now.history->size(), 1U);
  EXPECT_EQ(now.history->at(0).id.value, 1U);
  EXPECT_EQ(status().stages[0].known.at(0).sentence,
            "Slurm says COMPLETED, and its keeper recorded no start");
}

TEST_F(Observe, TellsASiteWithoutAccountingFromOneThatIsSilent) {
  send({{"a"}});
  lose_one();
  cluster_.limits.has_accounting = false;
  Observation now = seen();
  EXPECT_FALSE(now.history);
  EXPECT_EQ(now.history_error, "");
  slurm_.expect(FakeCall::history, FakeFault::away);
  now = seen();
  EXPECT_FALSE(now.history);
  EXPECT_EQ(now.history_error,
            "the controller does not answer: Unable to contact slurm controller (connect failure)");
}

TEST_F(Observe, KeepsWhatCanChangeAStateAlone) {
  send({{"a"}});
  tell(record_of(journal::kind::world_up, {{"stage", text("a")}, {"index", number(0)}}));
  tell(record_of("some_day", {}));
  for (const journal::Record& record : seen().records) {
    EXPECT_THAT(record.kind,
                testing::AnyOf("submit_intended", "submitted", "release_intended", "released"));
  }
}

TEST_F(Observe, ReadsTheNamesOfReleases) {
  send({{"a", 3}, {"b", 3, {{"a", task::EdgeKind::each}}}});
  for (const char* name : {"b.2", "b.0", "b.x", ".5", "b.-1", "b"}) {
    ASSERT_TRUE(write_file(folder().pending_releases() / name, "", Durability::cached));
  }
  EXPECT_THAT(seen().pending_releases,
              testing::ElementsAre(std::pair("b", 0U), std::pair("b", 2U)));
}

TEST_F(Observe, DamageOfTheJournalIsSeenAndTheRestRead) {
  send({{"a"}});
  run_all();
  const fs::path keepers = folder().journal() / "n1.jsonl";
  std::string text = read_file(keepers).value();
  text.insert(text.find('\n') + 1, "what is this?\n");
  ASSERT_TRUE(write_file(keepers, text, Durability::cached));
  const RunStatus now = status();
  EXPECT_EQ(now.state, "succeeded");
  ASSERT_EQ(now.remarks.size(), 1U);
  EXPECT_THAT(now.remarks[0], testing::MatchesRegex("journal 'n1.jsonl' at byte [0-9]+: record "
                                                    "does not parse"));
}

TEST_F(Observe, ADamagedJobsFileIsAnError) {
  send({{"a"}});
  ASSERT_TRUE(write_file(folder().jobs(), "[", Durability::cached));
  EXPECT_FALSE(observe(folder(), plan_, &slurm_, AskQueue::never, clock_));
}

}  // namespace
}  // namespace foz::run
