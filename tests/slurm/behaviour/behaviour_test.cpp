// What every back end must do, whichever it is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "core/slurm/indices.h"
#include "tests/slurm/behaviour/world.h"

namespace foz::slurm {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

class Behaviour : public ::testing::TestWithParam<WorldKind> {
 protected:
  void SetUp() override {
    if (GetParam() == WorldKind::fake) {
      world_ = make_fake_world();
      return;
    }
    if (!why_no_slurm().empty()) GTEST_SKIP() << "no Slurm to test with: " << why_no_slurm();
    if (GetParam() == WorldKind::libslurm && !why_no_helper().empty()) {
      GTEST_SKIP() << "no libslurm helper: " << why_no_helper();
    }
    world_ = make_slurm_world(GetParam());
  }

  World& world() { return *world_; }
  Scheduler& scheduler() { return world_->scheduler(); }

  JobId submit(const SubmitRequest& request) {
    const auto submission = scheduler().submit(request);
    EXPECT_TRUE(submission) << submission.error().message;
    return submission ? submission->id : JobId{0};
  }
  std::vector<JobRow> rows(std::vector<JobId> ids) {
    auto found = scheduler().jobs({std::move(ids)});
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(*found) : std::vector<JobRow>();
  }
  JobRow row(JobId id) {
    const auto found = rows({id});
    EXPECT_THAT(found, SizeIs(1)) << id.value;
    return found.empty() ? JobRow() : found.front();
  }
  /// The row of one element; unknown state where it has none.
  JobRow element(JobId id, std::uint32_t index) {
    for (JobRow& found : rows({id})) {
      if (found.index == ArrayIndex{index}) return std::move(found);
    }
    return {};
  }
  /// The array's row for what is not split off.
  JobRow rest(JobId id) {
    for (JobRow& found : rows({id})) {
      if (!found.index) return std::move(found);
    }
    return {};
  }
  bool becomes(JobId id, State state) {
    return eventually(world(), [&] { return row(id).state == state; });
  }
  bool element_becomes(JobId id, std::uint32_t index, State state) {
    return eventually(world(), [&] { return element(id, index).state == state; });
  }
  SubmitRequest array(std::vector<std::string> args, std::string indices, Hold hold = Hold::no) {
    SubmitRequest request = world().job(std::move(args));
    request.array = std::move(indices);
    request.hold = hold;
    return request;
  }

 private:
  std::unique_ptr<World> world_;
};

// ---- one job ------------------------------------------------------------------------------------

TEST_P(Behaviour, AJobRunsAndItsEndIsSeen) {
  const JobId good = submit(world().job({"exit", "0"}));
  const JobId bad = submit(world().job({"exit", "3"}));
  EXPECT_TRUE(becomes(good, State::completed));
  EXPECT_TRUE(becomes(bad, State::failed));
  EXPECT_EQ(row(good).array_id, JobId{0});
  EXPECT_EQ(row(good).index, std::nullopt);
  EXPECT_EQ(row(good).pending_indices, "");
}

TEST_P(Behaviour, ARunningJobShowsWhereAndSinceWhen) {
  const JobId id = submit(world().job({"wait", "gate"}));
  ASSERT_TRUE(becomes(id, State::running));
  const JobRow seen = row(id);
  EXPECT_NE(seen.nodes, "");
  EXPECT_GT(seen.submit_time, 0);
  EXPECT_GE(seen.start_time, seen.submit_time);
  EXPECT_EQ(seen.restarts, 0);
  EXPECT_EQ(seen.reason, "");
  world().open_gate("gate");
  EXPECT_TRUE(becomes(id, State::completed));
}

TEST_P(Behaviour, NamesAndCommentsComeBackAsTheyWereSent) {
  SubmitRequest request = world().job({"exit", "0"});
  request.name = "na|me with 'blanks' ; 12\n34 \xc3\xa9 \xe9";
  request.comment = "c|omment, \"quoted\" $HOME `x` \\ \xe9";
  request.hold = Hold::yes;
  const JobId id = submit(request);
  EXPECT_EQ(row(id).name, request.name);
  EXPECT_EQ(row(id).comment, request.comment);
}

TEST_P(Behaviour, AHeldJobWaitsForItsRelease) {
  SubmitRequest request = world().job({"exit", "0"});
  request.hold = Hold::yes;
  const JobId id = submit(request);
  EXPECT_EQ(row(id).state, State::pending);
  EXPECT_EQ(row(id).reason, "JobHeldUser");
  ASSERT_TRUE(scheduler().release({{id, ""}}));
  EXPECT_TRUE(becomes(id, State::completed));
}

// ---- arrays -------------------------------------------------------------------------------------

TEST_P(Behaviour, AHeldArrayIsOneRow) {
  const JobId id = submit(array({"exit", "0"}, "0-9", Hold::yes));
  const JobRow seen = row(id);
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.array_id, id);
  EXPECT_EQ(seen.index, std::nullopt);
  EXPECT_EQ(seen.pending_indices, "0-9");
  EXPECT_EQ(seen.reason, "JobHeldUser");
}

TEST_P(Behaviour, ALongListOfIndicesIsNotCut) {
  std::string indices;
  for (int i = 0; i < 1'000; i += 1 + i % 7) indices += (i > 0 ? "," : "") + std::to_string(i);
  const JobId id = submit(array({"exit", "0"}, indices, Hold::yes));
  EXPECT_EQ(expand_indices(row(id).pending_indices), expand_indices(indices));
}

TEST_P(Behaviour, EverySecondIndexMayComeBackAsAStep) {
  const JobId id = submit(array({"exit", "0"}, "0-998:2", Hold::yes));
  EXPECT_EQ(expand_indices(row(id).pending_indices), expand_indices("0-998:2"));
}

TEST_P(Behaviour, AnArrayCanBeSeenElementByElement) {
  const JobId id = submit(array({"exit", "0"}, "3-5%2", Hold::yes));
  const auto seen = scheduler().jobs({{id}, true});
  ASSERT_TRUE(seen);
  ASSERT_THAT(*seen, SizeIs(3));
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_EQ((*seen)[i].index, ArrayIndex{3 + i});
    EXPECT_EQ((*seen)[i].array_id, id);
  }
}

TEST_P(Behaviour, ElementsAreReleasedOneByOneAndTheRestAtOnce) {
  const JobId id = submit(array({"wait", "gate"}, "0-9", Hold::yes));
  ASSERT_TRUE(scheduler().release({{id, "3,5-6"}}));
  EXPECT_TRUE(element_becomes(id, 3, State::running));
  EXPECT_TRUE(element_becomes(id, 5, State::running));
  EXPECT_TRUE(element_becomes(id, 6, State::running));
  EXPECT_EQ(rest(id).pending_indices, "0-2,4,7-9");
  EXPECT_EQ(rest(id).reason, "JobHeldUser");
  EXPECT_NE(element(id, 3).id, element(id, 5).id);
  EXPECT_EQ(element(id, 3).array_id, id);
  ASSERT_TRUE(scheduler().release({{id, ""}}));
  for (std::uint32_t i = 0; i < 10; ++i) world().open_gate("gate." + std::to_string(i));
  for (std::uint32_t i = 0; i < 10; ++i) EXPECT_TRUE(element_becomes(id, i, State::completed)) << i;
}

TEST_P(Behaviour, AThrottleBoundsWhatRunsAtOnce) {
  const JobId id = submit(array({"wait", "gate"}, "0-3%2"));
  ASSERT_TRUE(element_becomes(id, 0, State::running));
  ASSERT_TRUE(element_becomes(id, 1, State::running));
  EXPECT_EQ(rest(id).pending_indices, "2-3");
  world().open_gate("gate.0");
  EXPECT_TRUE(element_becomes(id, 2, State::running));
  EXPECT_EQ(element(id, 3).state == State::running, false);
}

// ---- release and cancel -------------------------------------------------------------------------

TEST_P(Behaviour, ReleasingWhatIsNotHeldIsNoError) {
  const JobId waiting = submit(array({"wait", "gate"}, "0-1"));
  ASSERT_TRUE(element_becomes(waiting, 0, State::running));
  EXPECT_TRUE(scheduler().release({{waiting, "0"}}));
  EXPECT_TRUE(scheduler().release({{waiting, ""}}));
  const JobId done = submit(world().job({"exit", "0"}));
  ASSERT_TRUE(becomes(done, State::completed));
  const auto released = scheduler().release({{done, ""}});
  EXPECT_TRUE(released) << released.error().message;
}

TEST_P(Behaviour, ReleasingWhatIsGoneIsNotFoundAndTheOthersAreReleased) {
  SubmitRequest request = world().job({"exit", "0"});
  request.hold = Hold::yes;
  const JobId id = submit(request);
  const auto released = scheduler().release({{JobId{3'999'999}, ""}, {id, ""}});
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::not_found);
  EXPECT_EQ(released.error().message,
            "jobs to release are gone:\n  Invalid job id specified for job 3999999");
  EXPECT_TRUE(becomes(id, State::completed));
}

TEST_P(Behaviour, CancellingEndsWhatWaitsAndWhatRuns) {
  SubmitRequest request = world().job({"exit", "0"});
  request.hold = Hold::yes;
  const JobId waiting = submit(request);
  const JobId running = submit(world().job({"wait", "gate"}));
  ASSERT_TRUE(becomes(running, State::running));
  ASSERT_TRUE(scheduler().cancel({{waiting, ""}, {running, ""}}));
  EXPECT_TRUE(becomes(waiting, State::cancelled));
  EXPECT_TRUE(becomes(running, State::cancelled));
  EXPECT_TRUE(scheduler().cancel({{waiting, ""}, {running, ""}, {JobId{3'999'999}, ""}}));
}

TEST_P(Behaviour, ElementsCancelledBeforeTheyWereSplitOffVanish) {
  const JobId id = submit(array({"exit", "0"}, "0-9", Hold::yes));
  ASSERT_TRUE(scheduler().cancel({{id, "3,5"}}));
  EXPECT_TRUE(eventually(world(), [&] { return row(id).pending_indices == "0-2,4,6-9"; }));
  EXPECT_THAT(rows({id}), SizeIs(1));
}

TEST_P(Behaviour, ARestCancelledWholeIsOneRowWithoutIndices) {
  const JobId id = submit(array({"wait", "gate"}, "0-9", Hold::yes));
  ASSERT_TRUE(scheduler().release({{id, "7"}}));
  ASSERT_TRUE(element_becomes(id, 7, State::running));
  ASSERT_TRUE(scheduler().cancel({{id, "0-6,8-9"}}));
  EXPECT_TRUE(eventually(world(), [&] { return rest(id).state == State::cancelled; }));
  const JobRow seen = rest(id);
  EXPECT_EQ(seen.id, id);
  EXPECT_EQ(seen.array_id, JobId{0});
  EXPECT_EQ(seen.pending_indices, "");
  EXPECT_EQ(element(id, 7).state, State::running);
}

// ---- dependencies -------------------------------------------------------------------------------

TEST_P(Behaviour, ADependantWaitsAndThenRuns) {
  const JobId parent = submit(array({"wait", "gate"}, "0-1"));
  SubmitRequest request = world().job({"exit", "0"});
  request.dependency = "afterok:" + std::to_string(parent.value);
  const JobId child = submit(request);
  ASSERT_TRUE(element_becomes(parent, 1, State::running));
  EXPECT_TRUE(eventually(world(), [&] { return row(child).reason == "Dependency"; }));
  EXPECT_THAT(row(child).dependency, StartsWith(request.dependency));
  world().open_gate("gate.0");
  ASSERT_TRUE(element_becomes(parent, 0, State::completed));
  EXPECT_EQ(row(child).state, State::pending);
  world().open_gate("gate.1");
  EXPECT_TRUE(becomes(child, State::completed));
}

TEST_P(Behaviour, ADependantOfAFailureIsCancelledOrRunsAsAskedFor) {
  const JobId parent = submit(world().job({"exit", "1"}));
  SubmitRequest needs_success = world().job({"exit", "0"});
  needs_success.dependency = "afterok:" + std::to_string(parent.value);
  SubmitRequest needs_end = world().job({"exit", "0"});
  needs_end.dependency = "afterany:" + std::to_string(parent.value);
  const JobId dead = submit(needs_success);
  const JobId alive = submit(needs_end);
  EXPECT_TRUE(becomes(alive, State::completed));
  EXPECT_TRUE(becomes(dead, State::cancelled));
  EXPECT_EQ(row(dead).reason, "DependencyNeverSatisfied");
}

// ---- questions ----------------------------------------------------------------------------------

TEST_P(Behaviour, AnIdThatIsGoneHasNoRowAndIsNoError) {
  EXPECT_THAT(rows({JobId{3'999'999}}), IsEmpty());
  EXPECT_THAT(rows({JobId{3'999'999}, JobId{3'999'998}}), IsEmpty());
  const JobId id = submit(world().job({"wait", "gate"}));
  EXPECT_THAT(rows({JobId{3'999'999}, id}), SizeIs(1));
}

TEST_P(Behaviour, FactsOfTheCluster) {
  const auto facts = scheduler().facts();
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_NE(facts->name, "");
  EXPECT_THAT(facts->version, HasSubstr("."));
  EXPECT_EQ(facts->max_array_size, 1'001);
  EXPECT_FALSE(facts->has_accounting);
  EXPECT_EQ(facts->nodes_unknown, "");
  const auto standard =
      std::find_if(facts->partitions.begin(), facts->partitions.end(),
                   [](const PartitionFacts& partition) { return partition.is_default; });
  ASSERT_NE(standard, facts->partitions.end());
  EXPECT_TRUE(standard->is_up);
  EXPECT_GT(standard->total_nodes, 0);
  EXPECT_THAT(standard->nodes, StartsWith("n[1-"));
  ASSERT_THAT(facts->shapes, Not(IsEmpty()));
  EXPECT_EQ(facts->shapes[0].partition, standard->name);
  EXPECT_EQ(facts->shapes[0].count, standard->total_nodes);
  EXPECT_GT(facts->shapes[0].cpus, 0);
  ASSERT_THAT(facts->shapes[0].gres, SizeIs(1));
  EXPECT_EQ(facts->shapes[0].gres[0], (Gres{"gpu", "a100", 4}));
}

TEST_P(Behaviour, WithoutAccountingHistoryIsRefused) {
  const auto records = scheduler().history({{JobId{1}}, 1'795'576'551'000});
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error(), (Error{Code::refused, "this site has no accounting"}));
}

// ---- refusals -----------------------------------------------------------------------------------

TEST_P(Behaviour, AnArrayOverTheLimitIsRefused) {
  const auto submission = scheduler().submit(array({"exit", "0"}, "0-1001"));
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::refused);
  EXPECT_THAT(submission.error().message,
              HasSubstr("the array is larger than the site allows ('scontrol show config' says "
                        "MaxArraySize); it said:\n"));
  EXPECT_TRUE(scheduler().submit(array({"exit", "0"}, "0-1000", Hold::yes)));
}

TEST_P(Behaviour, AnUnknownPartitionIsRefused) {
  SubmitRequest request = world().job({"exit", "0"});
  request.partition = "nowhere";
  const auto submission = scheduler().submit(request);
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::refused);
  EXPECT_THAT(submission.error().message,
              StartsWith("Slurm refused job \"" + request.name +
                         "\": the partition is wrong, closed or not for you: set 'partition' under "
                         "'slurm' ('sinfo -s' lists those you may use); it said:\n"));
  EXPECT_THAT(submission.error().message, HasSubstr("Invalid partition name specified"));
}

// ---- trouble ------------------------------------------------------------------------------------

TEST_P(Behaviour, ASilentControllerIsNoAnswerAndASubmissionExistsAtMostOnce) {
  const JobId before = submit(world().job({"wait", "gate"}));
  ASSERT_TRUE(becomes(before, State::running));
  world().silence();
  Scheduler& impatient = world().impatient_scheduler();
  const auto seen = impatient.jobs({});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::unavailable);
  EXPECT_EQ(impatient.facts().error().code, Code::unavailable);
  const SubmitRequest request = world().job({"exit", "0"});
  const auto submission = impatient.submit(request);
  ASSERT_FALSE(submission);
  EXPECT_THAT(submission.error().code, AnyOf(Code::unavailable, Code::unknown_outcome));
  world().speak();

  const auto known = [&] {
    const auto all = rows({});
    return std::count_if(all.begin(), all.end(),
                         [&](const JobRow& found) { return found.name == request.name; });
  };
  // Where nothing happened it may be sent again; where nobody knows, Slurm did register it.
  if (submission.error().code == Code::unknown_outcome) {
    EXPECT_TRUE(eventually(world(), [&] { return known() == 1; }));
  } else {
    EXPECT_EQ(known(), 0);
  }
  EXPECT_EQ(row(before).state, State::running);
  EXPECT_TRUE(scheduler().submit(world().job({"exit", "0"})));
}

INSTANTIATE_TEST_SUITE_P(EveryBackEnd, Behaviour,
                         ::testing::Values(WorldKind::fake, WorldKind::commands,
                                           WorldKind::libslurm),
                         [](const auto& suite) { return world_name(suite.param); });

}  // namespace
}  // namespace foz::slurm
