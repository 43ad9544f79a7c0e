// The record at hand is cut anywhere: a killed process, or a node without power, leaves part of it.
#include <fmt/format.h>

#include "core/base/host.h"
#include "tests/unit/run/crash_world.h"

namespace foz::run {
namespace {

class CrashTorn : public CrashTest {
 protected:
  CrashTorn() { may_repeat_records_ = true; }

  [[nodiscard]] fs::path own_journal() const {
    return folder().journal() / journal::host_file_name(host_name());
  }

  /// Bytes of the newest record, its LF included.
  [[nodiscard]] std::size_t last_record() const {
    const std::string text = read_file(own_journal()).value();
    const std::size_t before = text.rfind('\n', text.size() - 2);
    return text.size() - before - 1;
  }

  void cut(std::size_t bytes) const {
    fs::resize_file(own_journal(), fs::file_size(own_journal()) - bytes);
  }

  /// The gaps behind a record.
  std::vector<std::size_t> gaps(const std::function<void()>& first_life) {
    first_life();
    std::vector<std::size_t> found;
    for (std::size_t gap = 0; gap < effects_seen_.size(); ++gap) {
      if (effects_seen_[gap].starts_with("after record")) found.push_back(gap);
    }
    return found;
  }
};

TEST_F(CrashTorn, SubmissionsAreFinishedWhateverIsLeftOfTheLastRecord) {
  const Subject subject = subjects()[0];
  const auto all = gaps([&] {
    begin(subject);
    advance_once();
  });
  ASSERT_EQ(all.size(), 4U);
  for (const std::size_t gap : all) {
    for (std::size_t bytes = 1, size = 1; bytes <= size && !HasFailure(); ++bytes) {
      begin(subject);
      stop_at_ = gap;
      EXPECT_FALSE(advance_once());
      size = last_record();
      cut(bytes);
      live();
      SCOPED_TRACE(
          fmt::format("stopped {}, {} of {} bytes cut", effects_seen_.at(gap), bytes, size));
      expect_whole();
    }
  }
}

TEST_F(CrashTorn, EachPartOfASplitArrayIsSentOnce) {
  const Subject subject = subjects()[1];
  const auto all = gaps([&] {
    begin(subject);
    advance_once();
  });
  for (const std::size_t gap : all) {
    for (const std::size_t bytes : {1U, 2U, 12U, 60U}) {
      begin(subject);
      stop_at_ = gap;
      EXPECT_FALSE(advance_once());
      cut(bytes);
      live();
      SCOPED_TRACE(fmt::format("stopped {}, {} bytes cut", effects_seen_.at(gap), bytes));
      expect_whole();
    }
  }
}

TEST_F(CrashTorn, CancellationsAreFinishedWhateverIsLeftOfTheLastRecord) {
  const Subject subject = subjects()[0];
  const auto all = gaps([&] {
    begin(subject);
    advance_once();
    effects_seen_.clear();
    cancel_once();
  });
  ASSERT_EQ(all.size(), 2U);
  for (const std::size_t gap : all) {
    for (std::size_t bytes = 1, size = 1; bytes <= size && !HasFailure(); ++bytes) {
      begin(subject);
      advance_once();
      effects_seen_.clear();
      stop_at_ = gap;
      EXPECT_FALSE(cancel_once());
      size = last_record();
      cut(bytes);
      SCOPED_TRACE(
          fmt::format("stopped {}, {} of {} bytes cut", effects_seen_.at(gap), bytes, size));
      EXPECT_TRUE(cancel_once());
      EXPECT_EQ(error_, "");
      EXPECT_EQ(status().state, "cancelled");
      expect_gone();
    }
  }
}

/// A keeper's end is cut: the task is not taken for a success.
TEST_F(CrashTorn, AnEndThatIsNotWholeIsNoSuccess) {
  begin(subjects()[0]);
  advance_once();
  slurm_runs();
  const fs::path keepers = folder().journal() / "n1.jsonl";
  const std::string whole = read_file(keepers).value();
  const std::size_t end = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = end; size < whole.size(); ++size) {
    ASSERT_TRUE(write_file(keepers, whole.substr(0, size), Durability::cached));
    const RunStatus now = status(AskQueue::always);
    EXPECT_EQ(now.state, "failed") << size;
    EXPECT_EQ(now.stages[0].known.at(0).sentence,
              "Slurm says COMPLETED, and its keeper recorded no end");
  }
}

}  // namespace
}  // namespace foz::run
