#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/slurm/types.h"

namespace foz::slurm {
namespace {

TEST(SlurmState, ReadsEveryLongName) {
  for (int i = 0; i < static_cast<int>(State::unknown); ++i) {
    const auto state = static_cast<State>(i);
    EXPECT_EQ(parse_state(state_name(state)), state) << state_name(state);
  }
}

TEST(SlurmState, ReadsTheShortForms) {
  EXPECT_EQ(parse_state("PD"), State::pending);
  EXPECT_EQ(parse_state("R"), State::running);
  EXPECT_EQ(parse_state("CG"), State::completing);
  EXPECT_EQ(parse_state("CF"), State::configuring);
  EXPECT_EQ(parse_state("CA"), State::cancelled);
  EXPECT_EQ(parse_state("CD"), State::completed);
  EXPECT_EQ(parse_state("F"), State::failed);
  EXPECT_EQ(parse_state("S"), State::suspended);
  EXPECT_EQ(parse_state("SO"), State::stage_out);
  EXPECT_EQ(parse_state("SI"), State::signaling);
  EXPECT_EQ(parse_state("SE"), State::special_exit);
  EXPECT_EQ(parse_state("ST"), State::stopped);
  EXPECT_EQ(parse_state("RS"), State::resizing);
  EXPECT_EQ(parse_state("RQ"), State::requeued);
  EXPECT_EQ(parse_state("RF"), State::requeued);
  EXPECT_EQ(parse_state("RH"), State::requeue_hold);
  EXPECT_EQ(parse_state("RD"), State::resv_del_hold);
  EXPECT_EQ(parse_state("RV"), State::revoked);
  EXPECT_EQ(parse_state("TO"), State::timeout);
  EXPECT_EQ(parse_state("NF"), State::node_fail);
  EXPECT_EQ(parse_state("PR"), State::preempted);
  EXPECT_EQ(parse_state("BF"), State::boot_fail);
  EXPECT_EQ(parse_state("DL"), State::deadline);
  EXPECT_EQ(parse_state("OOM"), State::out_of_memory);
}

TEST(SlurmState, LeavesTheActorAside) {
  EXPECT_EQ(parse_state("CANCELLED by 4711"), State::cancelled);
  EXPECT_EQ(parse_state("CANCELLED+"), State::cancelled);
  EXPECT_EQ(parse_state(" COMPLETED \n"), State::completed);
}

TEST(SlurmState, AnUnknownWordIsNeitherFailureNorSuccess) {
  for (const auto* word : {"", "?", "SOMETHING_NEW", "EXPEDITING", "COMPLETINInvalidQOS",
                           "OUT_OF_ME+", "completed", "CANCELLEDby"}) {
    EXPECT_EQ(parse_state(word), State::unknown) << word;
    EXPECT_FALSE(is_final(parse_state(word))) << word;
  }
}

TEST(SlurmState, OnlyEndsAreFinal) {
  for (const auto* word : {"COMPLETED", "FAILED", "CANCELLED by 0", "TIMEOUT", "NODE_FAIL",
                           "PREEMPTED", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE"}) {
    EXPECT_TRUE(is_final(parse_state(word))) << word;
  }
  for (const auto* word :
       {"PENDING", "RUNNING", "SUSPENDED", "COMPLETING", "CONFIGURING", "RESIZING", "REQUEUED",
        "REQUEUE_HOLD", "SPECIAL_EXIT", "RESV_DEL_HOLD", "STAGE_OUT", "SIGNALING", "STOPPED"}) {
    EXPECT_FALSE(is_final(parse_state(word))) << word;
  }
}

TEST(SlurmState, AJobThatAnotherClusterTookHasNotEnded) {
  EXPECT_FALSE(is_final(parse_state("REVOKED")));
}

}  // namespace
}  // namespace foz::slurm
