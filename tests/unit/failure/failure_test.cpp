#include "core/failure/failure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/fd.h"
#include "tests/support/folders.h"

namespace foz::failure {
namespace {

constexpr int exit_status(int code) {
  return code << 8;
}

ProcessEnd end_of(unsigned rank, int wait_status, long order) {
  ProcessEnd end;
  end.role = "worker";
  end.role_rank = rank;
  end.node = "n" + std::to_string(rank);
  end.wait_status = wait_status;
  end.order = order;
  return end;
}

ProcessEnd connection_reset(unsigned rank, long order) {
  ProcessEnd end = end_of(rank, exit_status(1), order);
  end.last_words_class = Class::communication;
  end.last_words_sentence = "connection reset by peer";
  return end;
}

TEST(FailureClass, EveryOneStandsInTheManual) {
  const auto page = read_file(test::source_folder() / "docs/reference/states.md");
  ASSERT_TRUE(page);
  for (const Class cls : all_classes())
    EXPECT_THAT(*page, testing::HasSubstr("\n| `" + std::string(class_name(cls)) + "` | "));
}

TEST(FailureClass, EveryNameIsFoundAgain) {
  for (const Class value : all_classes()) EXPECT_EQ(find_class(class_name(value)), value);
  EXPECT_EQ(all_classes().size(), 15U);
  EXPECT_EQ(class_name(all_classes().front()), "user_error");
  EXPECT_EQ(class_name(all_classes().back()), "world_size");
}

TEST(FailureClass, AnotherWordIsNone) {
  EXPECT_EQ(find_class("OOM"), std::nullopt);
  EXPECT_EQ(find_class(""), std::nullopt);
}

TEST(Judge, NamesTheRankAndItsExitStatus) {
  const Verdict verdict = judge({end_of(1, exit_status(3), 0)});
  EXPECT_EQ(verdict.cls, Class::user_error);
  EXPECT_EQ(verdict.sentence, "rank worker.1 on n1 ended with exit status 3");
  EXPECT_EQ(verdict.culprit, 0U);
}

TEST(Judge, NamesTheSignal) {
  EXPECT_EQ(judge({end_of(2, 9, 0)}).sentence,
            "rank worker.2 on n2 was killed by signal 9 (SIGKILL)");
}

TEST(Judge, WithoutRoleOrNodeSaysTheRankAlone) {
  ProcessEnd end;
  end.wait_status = exit_status(1);
  EXPECT_EQ(judge({end}).sentence, "rank 0 ended with exit status 1");
}

TEST(Judge, FortyEchoesNeverWinOverTheDeathThatCausedThem) {
  std::vector<ProcessEnd> ends;
  for (unsigned rank = 0; rank < 40; ++rank) ends.push_back(connection_reset(rank, rank));
  ends.push_back(end_of(40, 9, 41));  // reaped last, yet the cause
  const Verdict verdict = judge(ends);
  EXPECT_EQ(verdict.culprit, 40U);
  EXPECT_EQ(verdict.cls, Class::user_error);
  EXPECT_EQ(verdict.sentence, "rank worker.40 on n40 was killed by signal 9 (SIGKILL)");
}

TEST(Judge, AnEchoWithoutACauseIsCommunication) {
  const Verdict verdict = judge({connection_reset(1, 2), connection_reset(0, 1)});
  EXPECT_EQ(verdict.culprit, 1U);
  EXPECT_EQ(verdict.cls, Class::communication);
  EXPECT_EQ(verdict.sentence,
            "rank worker.0 on n0 ended with exit status 1: connection reset by peer");
}

TEST(Judge, OutOfMemoryComesBeforeAnEarlierDeath) {
  ProcessEnd killed = end_of(3, 9, 7);
  killed.oom_killed = true;
  const Verdict verdict = judge({end_of(0, exit_status(1), 0), killed});
  EXPECT_EQ(verdict.cls, Class::oom);
  EXPECT_EQ(verdict.culprit, 1U);
  EXPECT_EQ(verdict.sentence,
            "rank worker.3 on n3 went over its memory limit: the kernel killed a process of it, "
            "and it was killed by signal 9 (SIGKILL)");
}

TEST(Judge, AMemoryKillHiddenByExitZeroIsOutOfMemory) {
  ProcessEnd hidden = end_of(0, 0, 0);
  hidden.oom_killed = true;
  const Verdict verdict = judge({hidden, end_of(1, 0, 1)});
  EXPECT_EQ(verdict.cls, Class::oom);
  EXPECT_EQ(verdict.sentence,
            "rank worker.0 on n0 went over its memory limit: the kernel killed a process of it, "
            "and it ended with exit status 0");
}

TEST(Judge, WhatWeStoppedIsNotTheCause) {
  ProcessEnd stopped = end_of(0, 15, 0);
  stopped.ended_by_us = true;
  const Verdict verdict = judge({stopped, end_of(1, exit_status(2), 1)});
  EXPECT_EQ(verdict.culprit, 1U);
  EXPECT_EQ(verdict.sentence, "rank worker.1 on n1 ended with exit status 2");
}

TEST(Judge, AllStoppedByUsIsCancelled) {
  ProcessEnd stopped = end_of(0, 15, 0);
  stopped.ended_by_us = true;
  const Verdict verdict = judge({stopped});
  EXPECT_EQ(verdict.cls, Class::cancelled);
  EXPECT_EQ(verdict.sentence,
            "rank worker.0 on n0 was stopped by foz and was killed by signal 15 (SIGTERM)");
}

TEST(Judge, ATakenPortIsAFailedLaunch) {
  ProcessEnd end = end_of(0, exit_status(1), 0);
  end.bind_failure = true;
  const Verdict verdict = judge({end, connection_reset(1, -1)});
  EXPECT_EQ(verdict.cls, Class::launch_failed);
  EXPECT_EQ(verdict.sentence,
            "rank worker.0 on n0 found its port taken and ended with exit status 1");
}

TEST(Judge, TheEarliestOfEqualCausesWins) {
  EXPECT_EQ(judge({end_of(0, exit_status(1), 5), end_of(1, exit_status(1), 2)}).culprit, 1U);
}

TEST(Judge, ThePluginsPatternGivesTheClass) {
  ProcessEnd end = end_of(0, exit_status(1), 0);
  end.last_words_class = Class::storage;
  end.last_words_sentence = "no space left on device";
  const Verdict verdict = judge({end});
  EXPECT_EQ(verdict.cls, Class::storage);
  EXPECT_EQ(verdict.sentence,
            "rank worker.0 on n0 ended with exit status 1: no space left on device");
}

}  // namespace
}  // namespace foz::failure
