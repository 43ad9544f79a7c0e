#include "core/slurm/fake_cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace foz::slurm {

std::ostream& operator<<(std::ostream& out, const FakeTask& task) {
  out << task.job.value;
  return task.index ? out << '_' << task.index->value : out;
}

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class FakeClusterTest : public ::testing::Test {
 protected:
  JobId submit(SubmitRequest request) {
    request.script = "x.sh";
    const auto submission = cluster.submit(request);
    EXPECT_TRUE(submission) << submission.error().message;
    return submission ? submission->id : JobId{0};
  }
  JobId submit_single() { return submit({}); }
  JobId submit_array(const std::string& array, Hold hold = Hold::no) {
    SubmitRequest request;
    request.array = array;
    request.hold = hold;
    return submit(request);
  }
  JobId submit_after(const std::string& dependency, const std::string& array = {}) {
    SubmitRequest request;
    request.dependency = dependency;
    request.array = array;
    return submit(request);
  }
  void run(const FakeTask& task, const FakeEnd& end = {}) {
    cluster.start(task);
    cluster.finish(task, end);
  }
  static FakeTask single(JobId id) { return {id, std::nullopt}; }
  static FakeTask element(JobId id, std::uint32_t index) { return {id, ArrayIndex{index}}; }

  FakeCluster cluster;
};

const FakeEnd k_failure{State::failed, 1, 0};

TEST_F(FakeClusterTest, AJobIsPendingThenRunsThenEnds) {
  const JobId id = submit_single();
  EXPECT_THAT(cluster.startable(), ElementsAre(single(id)));
  cluster.start(single(id));
  EXPECT_EQ(cluster.rows().at(0).state, State::running);
  EXPECT_EQ(cluster.rows().at(0).nodes, "n1");
  cluster.finish(single(id), {State::failed, 3, 0});
  EXPECT_EQ(cluster.rows().at(0).state, State::failed);
  ASSERT_THAT(cluster.records(), SizeIs(1));
  EXPECT_EQ(cluster.records()[0].exit_code, 3);
}

TEST_F(FakeClusterTest, AHeldArrayIsOneRecordThatReleasingElementsSplits) {
  const JobId id = submit_array("0-9", Hold::yes);
  EXPECT_THAT(cluster.startable(), IsEmpty());
  auto rows = cluster.rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].id, id);
  EXPECT_EQ(rows[0].pending_indices, "0-9");
  EXPECT_EQ(rows[0].reason, "JobHeldUser");

  ASSERT_TRUE(cluster.release({{id, "3,5"}}));
  EXPECT_THAT(cluster.startable(), ElementsAre(element(id, 3), element(id, 5)));
  rows = cluster.rows();
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].pending_indices, "0-2,4,6-9");
  EXPECT_EQ(rows[1].index, ArrayIndex{3});
  EXPECT_EQ(rows[1].array_id, id);
  EXPECT_NE(rows[1].id, id);

  ASSERT_TRUE(cluster.release({{id, ""}}));
  EXPECT_THAT(cluster.startable(), SizeIs(10));
  EXPECT_THAT(cluster.rows(), SizeIs(3));
}

TEST_F(FakeClusterTest, TheLastElementTakesTheArraysId) {
  const JobId id = submit_array("0-1");
  cluster.start(element(id, 0));
  cluster.start(element(id, 1));
  const auto rows = cluster.rows();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_NE(rows[0].id, id);
  EXPECT_EQ(rows[1].id, id);
}

TEST_F(FakeClusterTest, TheThrottleBoundsWhatRunsAtOnce) {
  const JobId id = submit_array("0-9%2");
  EXPECT_THAT(cluster.startable(), SizeIs(2));
  cluster.start(element(id, 0));
  EXPECT_THAT(cluster.startable(), ElementsAre(element(id, 1)));
}

TEST_F(FakeClusterTest, CancellingPartOfTheRestMakesItVanish) {
  const JobId id = submit_array("0-9", Hold::yes);
  cluster.cancel({{id, "3,5"}});
  auto rows = cluster.rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].pending_indices, "0-2,4,6-9");
  EXPECT_EQ(cluster.state(element(id, 3)), State::cancelled);

  cluster.cancel({{id, ""}});
  rows = cluster.rows();
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].id, id);
  EXPECT_EQ(rows[0].array_id, JobId{0});
  EXPECT_EQ(rows[0].pending_indices, "");
  EXPECT_EQ(rows[0].index, std::nullopt);
  EXPECT_EQ(rows[0].state, State::cancelled);
}

TEST_F(FakeClusterTest, CancellingIsDoneOnce) {
  const JobId id = submit_array("0-1");
  run(element(id, 0));
  cluster.start(element(id, 1));
  cluster.cancel({{id, ""}, {id, ""}, {JobId{404}, ""}});
  EXPECT_EQ(cluster.state(element(id, 0)), State::completed);
  EXPECT_EQ(cluster.state(element(id, 1)), State::cancelled);
  EXPECT_THAT(cluster.records(), SizeIs(2));
}

TEST_F(FakeClusterTest, ADependantWaitsForEveryElement) {
  const JobId parent = submit_array("0-1");
  const JobId child = submit_after("afterok:1");
  run(element(parent, 0));
  EXPECT_THAT(cluster.startable(), ElementsAre(element(parent, 1)));
  EXPECT_EQ(cluster.rows().back().reason, "Dependency");
  EXPECT_EQ(cluster.rows().back().dependency, "afterok:1");
  run(element(parent, 1));
  EXPECT_THAT(cluster.startable(), ElementsAre(single(child)));
  EXPECT_EQ(cluster.rows().back().dependency, "");
}

TEST_F(FakeClusterTest, AnImpossibleDependencyCancelsAllThatHangsOnIt) {
  const JobId parent = submit_single();
  const JobId child = submit_after("afterok:1", "0-2");
  const JobId grandchild = submit_after("afterok:2");
  const JobId any = submit_after("afterany:1:2:3");
  run(single(parent), k_failure);
  EXPECT_EQ(cluster.state(element(child, 0)), State::cancelled);
  EXPECT_EQ(cluster.state(single(grandchild)), State::cancelled);
  EXPECT_THAT(cluster.startable(), ElementsAre(single(any)));
  EXPECT_EQ(cluster.rows().at(1).reason, "DependencyNeverSatisfied");
}

TEST_F(FakeClusterTest, ElementsMayFollowTheirPartners) {
  const JobId parent = submit_array("0-2");
  const JobId child = submit_after("aftercorr:1", "0-2");
  run(element(parent, 1));
  run(element(parent, 2), k_failure);
  EXPECT_THAT(cluster.startable(), ElementsAre(element(parent, 0), element(child, 1)));
  EXPECT_EQ(cluster.state(element(child, 2)), State::cancelled);
}

TEST_F(FakeClusterTest, AForgottenParentHoldsNothingUp) {
  const JobId parent = submit_single();
  run(single(parent), k_failure);
  cluster.purge(parent);
  const JobId child = submit_after("afterok:1,afterok:999999");
  EXPECT_THAT(cluster.startable(), ElementsAre(single(child)));
}

TEST_F(FakeClusterTest, ANewerSlurmRefusesAnUnknownParent) {
  cluster.limits.unknown_parent = FakeLimits::UnknownParent::refused;
  SubmitRequest request;
  request.name = "late";
  request.dependency = "afterok:999999";
  const auto submission = cluster.submit(request);
  ASSERT_FALSE(submission);
  EXPECT_EQ(submission.error().code, Code::refused);
  EXPECT_EQ(submission.error().message,
            "Slurm refused job \"late\": a job that this one waits for is not known to Slurm any "
            "more: run it again; it said:\n"
            "  sbatch: error: Batch job submission failed: Job dependency problem");
}

TEST_F(FakeClusterTest, LimitsRefuse) {
  cluster.limits.max_submit = 5;
  submit_array("0-2");
  SubmitRequest request;
  request.array = "0-2";
  EXPECT_EQ(cluster.submit(request).error().code, Code::refused);
  request.array = "0-1";
  EXPECT_TRUE(cluster.submit(request));
  cluster.limits.max_submit = SIZE_MAX;
  request.array = "0-1001";
  EXPECT_EQ(cluster.submit(request).error().code, Code::refused);
  request.array = "0-1000";
  EXPECT_TRUE(cluster.submit(request));
  request.array = "0--1";
  EXPECT_EQ(cluster.submit(request).error().code, Code::refused);
}

TEST_F(FakeClusterTest, PurgingForgetsTheQueueNotTheRecords) {
  const JobId id = submit_single();
  EXPECT_FALSE(cluster.can_purge(id));
  run(single(id));
  cluster.purge_ended();
  EXPECT_THAT(cluster.rows(), IsEmpty());
  EXPECT_FALSE(cluster.knows(id));
  EXPECT_THAT(cluster.records(), SizeIs(1));
  const auto released = cluster.release({{id, ""}});
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().code, Code::not_found);
  EXPECT_EQ(released.error().message,
            "jobs to release are gone:\n  Invalid job id specified for job 1");
}

TEST_F(FakeClusterTest, ARequeuedJobKeepsItsIdAndHasTwoRecords) {
  const JobId id = submit_single();
  cluster.start(single(id));
  cluster.now += 5'000;
  cluster.requeue(single(id));
  const auto row = cluster.rows().at(0);
  EXPECT_EQ(row.state, State::pending);
  EXPECT_EQ(row.restarts, 1);
  EXPECT_EQ(row.reason, "BeginTime");
  run(single(id));
  ASSERT_THAT(cluster.records(), SizeIs(2));
  EXPECT_EQ(cluster.records()[0].state, State::node_fail);
  EXPECT_LT(cluster.records()[0].submit_time, cluster.records()[1].submit_time);
}

TEST_F(FakeClusterTest, RunsEverythingInOrder) {
  const JobId parent = submit_array("0-3%2");
  const JobId child = submit_after("afterok:1");
  std::vector<FakeTask> order;
  EXPECT_EQ(cluster.run([&order](const FakeTask& task, const SubmitRequest&) {
    order.push_back(task);
    return FakeEnd{};
  }),
            5);
  EXPECT_THAT(order, ElementsAre(element(parent, 0), element(parent, 1), element(parent, 2),
                                 element(parent, 3), single(child)));
}

}  // namespace
}  // namespace foz::slurm
