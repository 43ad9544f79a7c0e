// A million tasks: what is made of them is in proportion to what is known of single ones, and the
// time in proportion to their number. Ratios in one process, never absolute times.
#include <sys/resource.h>

#include <chrono>

#include "core/run/decide.h"
#include "tests/unit/run/actions.h"

namespace foz::run {
namespace {

using slurm::State;

constexpr std::uint32_t k_part = 1'000'000;

struct Big {
  plan::Plan plan;
  Observation seen;
};

/// A stage of `tasks` with its partner; a thousand rows in the queue, a thousand tasks ended.
Big make_big(std::uint64_t tasks) {
  Big big{make_plan({{"a", tasks},
                     {"b", tasks, {{"a", task::EdgeKind::each}}},
                     {"c", 1, {{"b", task::EdgeKind::success}}}},
                    "/w", k_part),
          {}};
  Sights sights;
  sights.sent(big.plan, "a", 7)
      .sent(big.plan, "b", 8)
      .sent(big.plan, "c", 9)
      .tell({Told::released("a")});
  constexpr std::uint32_t k_known = 1000;
  std::vector<slurm::JobRow> rows;
  for (std::uint32_t i = 0; i < k_known; ++i) {
    sights.tell({Told::started("a", i, 1'000'007 + i), Told::ended("a", i, "succeeded")});
    auto row = element_of(7, k_known + i, State::running);
    row.id = JobId{2'000'000 + i};
    rows.push_back(row);
  }
  const std::string last = std::to_string(tasks - 1);
  rows.push_back(rest_of(7, std::to_string(2 * k_known) + "-" + last, "Resources"));
  rows.push_back(rest_of(8, "0-" + last, "JobHeldUser"));
  rows.push_back(row_of(9, State::pending, "Dependency"));
  sights.queue(std::move(rows));
  big.seen = std::move(sights.seen);
  return big;
}

double seconds_of(const std::function<void()>& work) {
  double best = 1e9;
  for (int i = 0; i < 3; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

TEST(Scale, AMillionTasksMakeAFewWords) {
  const Big big = make_big(1'000'000);
  const Picture picture = look(big.plan, big.seen);
  // 1,000 ended and 1,000 running tasks of a; groups and partners share theirs
  EXPECT_LT(picture.words.size(), 2'100U);
  const RunStatus status = report(big.plan, picture, big.seen);
  EXPECT_EQ(status.stages[0].known.size(), 2'000U);
  EXPECT_EQ(status.stages[0].groups.size(), 1U);
  EXPECT_EQ(status.stages[1].known.size(), 0U);
  EXPECT_EQ(status.stages[1].groups.size(), 1U);
  EXPECT_EQ(counts_text(status.stages[0]), "998000 queued, 1000 running, 1000 succeeded");
}

TEST(Scale, AMillionTasksNeedNoActionEach) {
  const Big big = make_big(1'000'000);
  const Picture picture = look(big.plan, big.seen);
  EXPECT_EQ(lines_of(decide(big.plan, big.seen, picture)),
            std::vector<std::string>{"release_partner b 8 [0-999]"});
}

TEST(Scale, AMillionLostTasksAreOneRecord) {
  auto plan = make_plan({{"a", 1'000'000}}, "/w", k_part);
  auto rest = row_of(7, State::cancelled);
  const auto seen = Sights().sent(plan, "a", 7).tell({Told::released("a")}).queue({rest});
  EXPECT_EQ(lines_of(decide(plan, seen.seen)),
            std::vector<std::string>{"mark_lost a 0-999999 attempt 0 cancelled 'Slurm says "
                                     "CANCELLED, before it had started'"});
}

TEST(Scale, TenTimesTheTasksTakeAboutTenTimesTheTime) {
  const Big small = make_big(100'000), large = make_big(1'000'000);
  const auto work = [](const Big& big) {
    return seconds_of([&big] {
      const Picture picture = look(big.plan, big.seen);
      EXPECT_EQ(decide(big.plan, big.seen, picture).size(), 1U);
    });
  };
  const double of_small = work(small), of_large = work(large);
  EXPECT_LT(of_large, 40 * of_small + 0.05);  // quadratic would be 100 times
}

/// Failed partners have a sentence each; their number must not multiply with anything.
TEST(Scale, TenTimesTheFailedPartnersTakeAboutTenTimesTheTime) {
  const auto work = [](std::uint32_t tasks) {
    const auto plan =
        make_plan({{"a", tasks}, {"b", tasks, {{"a", task::EdgeKind::each}}}}, "/w", k_part);
    Sights sights;
    sights.sent(plan, "a", 7).sent(plan, "b", 8).tell({Told::released("a")});
    for (std::uint32_t i = 0; i < tasks; ++i) {
      sights.tell({Told::started("a", i, 1'000'000 + i), Told::ended("a", i, "failed")});
      sights.seen.pending_releases.emplace_back("b", i);
    }
    sights.queue({rest_of(8, "0-" + std::to_string(tasks - 1), "JobHeldUser")});
    return seconds_of([&] {
      const auto actions = decide(plan, sights.seen);
      EXPECT_EQ(actions.size(), tasks + 1U);
    });
  };
  const double of_small = work(1'000), of_large = work(10'000);
  EXPECT_LT(of_large, 40 * of_small + 0.05);
}

/// Released one by one where keepers left it to others.
TEST(Scale, TenTimesTheReleasesLeftToOthersTakeAboutTenTimesTheTime) {
  const auto work = [](std::uint32_t tasks) {
    const auto plan =
        make_plan({{"a", tasks}, {"b", tasks, {{"a", task::EdgeKind::each}}}}, "/w", k_part);
    Sights sights;
    sights.sent(plan, "a", 7).sent(plan, "b", 8).tell({Told::released("a")});
    std::vector<slurm::JobRow> rows{rest_of(8, "0-" + std::to_string(tasks - 1), "JobHeldUser")};
    for (std::uint32_t i = 0; i < tasks; ++i) {
      sights.tell({Told::started("a", i, 1'000'000 + i), Told::ended("a", i, "succeeded")});
      sights.seen.pending_releases.emplace_back("b", i);
      auto row = element_of(7, i, State::running);
      row.id = JobId{1'000'000 + i};
      rows.push_back(row);
    }
    sights.queue(std::move(rows));
    return seconds_of([&] { EXPECT_EQ(decide(plan, sights.seen).size(), tasks + 1U); });
  };
  const double of_small = work(1'000), of_large = work(10'000);
  EXPECT_LT(of_large, 40 * of_small + 0.05);
}

/// Every task of a child asks whether its parent is over.
TEST(Scale, TenTimesTheTasksThatCanNeverStartTakeAboutTenTimesTheTime) {
  const auto work = [](std::uint32_t tasks) {
    const auto plan =
        make_plan({{"a", tasks}, {"b", tasks, {{"a", task::EdgeKind::success}}}}, "/w", k_part);
    Sights sights;
    sights.sent(plan, "a", 7).sent(plan, "b", 8).tell({Told::released("a")});
    for (std::uint32_t i = 0; i < tasks; ++i) {
      sights.tell({Told::started("a", i, 1'000'000 + i),
                   Told::ended("a", i, i == 0 ? "failed" : "succeeded")});
    }
    sights.queue({rest_of(8, "0-" + std::to_string(tasks - 1), "Dependency")});
    return seconds_of([&] {
      EXPECT_EQ(lines_of(decide(plan, sights.seen)),
                std::vector<std::string>{"cancel_partner b 8 []"});
    });
  };
  const double of_small = work(1'000), of_large = work(10'000);
  EXPECT_LT(of_large, 40 * of_small + 0.05);
}

}  // namespace
}  // namespace foz::run
