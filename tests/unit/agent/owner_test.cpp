#include "core/agent/owner.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace foz::agent {
namespace {

class Owner : public testing::Test {
 protected:
  Owner() { stage_.stage = "train"; }

  void sent(const std::vector<journal::SubmittedPart>& parts) {
    ASSERT_TRUE(write_file(root_ / "jobs.json", journal::jobs_to_json(parts), Durability::cached));
  }
  [[nodiscard]] std::uint32_t other(std::uint64_t index, const JobFacts& job) const {
    return find_other_owner(journal::RunFolder(root_), stage_, TaskIndex{index}, job).value;
  }

  static JobFacts job(std::uint32_t id, std::uint32_t array = 0) {
    JobFacts facts;
    facts.job = JobId{id};
    facts.array_job = JobId{array};
    return facts;
  }

  test::TemporaryFolder temporary_;
  const fs::path& root_ = temporary_.path();
  task::StageTasks stage_;
};

TEST_F(Owner, IsThisJobWhereJobsJsonNamesIt) {
  sent({{"train", 0, 0, 1, false, JobId{7}, "", "n"}});
  EXPECT_EQ(other(0, job(7)), 0U);
}

TEST_F(Owner, IsTheJobThatWasSentInItsPlace) {
  sent({{"train", 0, 0, 1, false, JobId{9}, "", "n"}});
  EXPECT_EQ(other(0, job(7)), 9U);
}

TEST_F(Owner, OfAnElementIsTheArrayOfItsPart) {
  sent({{"train", 0, 0, 4, true, JobId{7}, "", "n"}, {"train", 1, 4, 4, true, JobId{20}, "", "n"}});
  EXPECT_EQ(other(3, job(12, 7)), 0U);
  EXPECT_EQ(other(4, job(25, 20)), 0U);
  EXPECT_EQ(other(4, job(30, 29)), 20U);
}

TEST_F(Owner, IsNotKnownBeforeJobsJsonTellsOfTheTask) {
  EXPECT_EQ(other(0, job(7)), 0U);
  sent({{"evaluate", 0, 0, 1, false, JobId{9}, "", "n"}});
  EXPECT_EQ(other(0, job(7)), 0U);
}

TEST_F(Owner, IsNobodyElseWithoutAJobAround) {
  sent({{"train", 0, 0, 1, false, JobId{9}, "", "n"}});
  EXPECT_EQ(other(0, job(0)), 0U);
}

}  // namespace
}  // namespace foz::agent
