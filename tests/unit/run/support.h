/// What the tests of this room share: plans made in a few words, a folder of their own, a fake
/// cluster, and keepers that write the records that foz-agent writes.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/run/run.h"
#include "core/slurm/fake.h"
#include "tests/support/temporary_folder.h"

namespace foz::run {

class TestClock final : public Clock {
 public:
  [[nodiscard]] UnixMillis now() const override { return time; }
  UnixMillis time = 1'795'576'551'000;
};

/// "train" with its edges: {{"features", task::EdgeKind::success}}.
struct StageWords {
  std::string name;
  std::uint64_t tasks = 1;
  std::vector<std::pair<std::string, task::EdgeKind>> needs = {};
  std::uint32_t at_most = 0;
};

inline plan::DependencyKind dependency_of(task::EdgeKind edge) {
  if (edge == task::EdgeKind::success) return plan::DependencyKind::afterok;
  if (edge == task::EdgeKind::each) return plan::DependencyKind::held_partner;
  return plan::DependencyKind::afterany;
}

inline plan::StagePlan make_stage(const StageWords& words, const std::string& run_folder,
                                  std::uint32_t max_array_size) {
  plan::StagePlan stage;
  stage.name = words.name;
  stage.at_most = words.at_most;
  stage.is_root = words.needs.empty();
  stage.script = "#!/bin/bash\n";
  stage.tasks.stage = words.name;
  stage.tasks.tasks = words.tasks;
  stage.tasks.is_array = words.tasks > 1;
  stage.tasks.parts = plan::split_parts(words.tasks, max_array_size);
  if (words.tasks > 1) {
    const auto last = static_cast<std::int64_t>(words.tasks) - 1;
    stage.tasks.matrix.axes = {{"i", task::RangeAxis{0, last, 1, 0}}};
  }
  for (const auto& [parent, edge] : words.needs) {
    stage.dependencies.push_back({parent, dependency_of(edge)});
    task::Parent& known = stage.tasks.parents.emplace_back();
    known.stage = parent;
    known.kind = edge;
    known.tasks = edge == task::EdgeKind::each ? words.tasks : 1;
  }
  stage.request.output = run_folder + "/logs/" + words.name +
                         (stage.tasks.is_array ? "/slurm-%A_%a.out" : "/slurm-%j.out");
  return stage;
}

/// Stages in topological order.
inline plan::Plan make_plan(const std::vector<StageWords>& stages,
                            const std::string& folder = "/w/.foz/runs/brave-tide-4f2a",
                            std::uint32_t max_array_size = 1001) {
  plan::Plan plan;
  plan.workflow = "flights";
  plan.run_id = "brave-tide-4f2a";
  plan.workdir = "/w";
  plan.run_folder = folder;
  for (const StageWords& words : stages) {
    plan.stages.push_back(make_stage(words, folder, max_array_size));
    for (const auto& [parent, edge] : words.needs) {
      if (edge != task::EdgeKind::each) continue;
      for (plan::StagePlan& above : plan.stages) {
        if (above.name == parent) above.tasks.each_children.push_back({words.name});
      }
    }
  }
  return plan;
}

/// A record as some writer would have written it.
inline journal::Record record_of(std::string_view kind,
                                 std::vector<std::pair<std::string, journal::Scalar>> fields) {
  return {std::string(kind), "1-00000000", 1, 1'795'576'551'000, std::move(fields)};
}

inline journal::Scalar text(std::string value) {
  return value;
}
inline journal::Scalar number(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

/// The records of submissions and keepers, in short.
struct Told {
  static journal::Record intended(const std::string& stage, std::uint32_t part,
                                  const std::string& nonce) {
    return record_of(journal::kind::submit_intended,
                     {{"stage", stage}, {"part", number(part)}, {"nonce", nonce}});
  }
  static journal::Record submitted(const std::string& stage, std::uint32_t part,
                                   const std::string& nonce, std::uint32_t job) {
    return record_of(
        journal::kind::submitted,
        {{"stage", stage}, {"part", number(part)}, {"nonce", nonce}, {"job", number(job)}});
  }
  static journal::Record released(const std::string& stage, std::uint32_t part = 0) {
    return record_of(journal::kind::released, {{"stage", stage}, {"part", number(part)}});
  }
  static journal::Record started(const std::string& stage, std::uint64_t index, std::uint32_t job,
                                 std::uint32_t attempt = 1) {
    return record_of(journal::kind::task_started, {{"stage", stage},
                                                   {"index", number(index)},
                                                   {"attempt", number(attempt)},
                                                   {"job", number(job)},
                                                   {"nodes", text("n1")},
                                                   {"restart", number(attempt - 1)}});
  }
  static journal::Record ended(const std::string& stage, std::uint64_t index,
                               const std::string& outcome, const std::string& cls = "",
                               const std::string& sentence = "", std::uint32_t attempt = 1) {
    return record_of(journal::kind::task_ended, {{"stage", stage},
                                                 {"index", number(index)},
                                                 {"attempt", number(attempt)},
                                                 {"outcome", outcome},
                                                 {"class", cls},
                                                 {"sentence", sentence},
                                                 {"log", text("logs/" + stage + "/x.log")}});
  }
};

/// A test makes hundreds of durable records, and none of them asks for the disk.
inline fs::path in_memory() {
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

/// A run in a folder of its own, on a fake cluster.
class RunTest : public testing::Test {
 protected:
  RunTest() {
    effects_.pause = [this](std::chrono::milliseconds time) { paused_ += time; };
    effects_.environment = Environment{"PATH=/bin"};
  }

  [[nodiscard]] std::string run_folder() const {
    return (root_ / ".foz" / "runs" / "brave-tide-4f2a").native();
  }

  void create(const std::vector<StageWords>& stages, std::uint32_t max_array_size = 1001) {
    plan_ = make_plan(stages, run_folder(), max_array_size);
    const auto made = create_run(plan_, "foz: 1\n", {}, clock_);
    ASSERT_TRUE(made) << made.error().message;
  }

  /// A run that is larger than the queue: the cluster refuses what is over it.
  void create_in_waves(const std::vector<StageWords>& stages, std::uint32_t jobs_at_once) {
    plan_ =
        make_plan(stages, run_folder(), std::max(1U, (jobs_at_once - plan::k_advance_jobs) / 2));
    plan_.waves = plan::Waves{jobs_at_once, {}, "#!/bin/bash\n"};
    for (const StageWords& words : stages) plan_.tasks += words.tasks;
    cluster_.limits.max_submit = jobs_at_once;
    const auto made = create_run(plan_, "foz: 1\n", {}, clock_);
    ASSERT_TRUE(made) << made.error().message;
  }

  [[nodiscard]] journal::RunFolder folder() const { return journal::RunFolder(run_folder()); }

  [[nodiscard]] Result<Advanced> advance() {
    return run::advance(folder(), slurm_, clock_, effects_);
  }

  [[nodiscard]] std::string advance_error() {
    const auto done = advance();
    return done ? "no error" : done.error().message;
  }

  [[nodiscard]] Observation seen(AskQueue ask = AskQueue::if_needed) {
    auto seen = observe(folder(), plan_, &slurm_, ask, clock_);
    EXPECT_TRUE(seen) << seen.error().message;
    return *seen;
  }

  [[nodiscard]] RunStatus status(AskQueue ask = AskQueue::if_needed) {
    return judge(plan_, seen(ask));
  }

  [[nodiscard]] std::vector<journal::Record> records(std::string_view kind) const {
    std::vector<journal::Record> found;
    const auto contents = journal::read(folder().journal());
    EXPECT_TRUE(contents) << contents.error().message;
    for (const journal::Record& record : contents->records) {
      if (record.kind == kind) found.push_back(record);
    }
    return found;
  }

  /// A keeper's record, from a node of its own.
  void tell(journal::Record record) const {
    auto writer = journal::Writer::open(folder().journal(), "n1", clock_);
    ASSERT_TRUE(writer) << writer.error().message;
    const auto done = writer->append(std::move(record), Durability::cached);
    ASSERT_TRUE(done) << done.error().message;
  }

  /// Where a job of this run belongs, by the mark in its name: stage and first task.
  [[nodiscard]] std::pair<const plan::StagePlan*, std::uint64_t> place_of(
      const slurm::SubmitRequest& request) const {
    const std::string name = request.name.substr(0, request.name.find('@'));
    for (const plan::StagePlan& stage : plan_.stages) {
      if (stage.name == name) return {&stage, std::stoull(request.script_args.at(0))};
    }
    ADD_FAILURE() << "no stage " << name;
    return {nullptr, 0};
  }

  using Outcome = std::function<std::string(const std::string& stage, std::uint64_t index)>;

  /// What a keeper does for a task that starts: gate, records, partners. `outcome` gives the word
  /// of its end.
  slurm::FakeEnd keep(const slurm::FakeTask& task, const slurm::SubmitRequest& request,
                      const Outcome& outcome) {
    if (request.name.starts_with(plan::k_advance_job)) {
      ++advance_jobs_;
      const auto done = advance();
      return {done ? slurm::State::completed : slurm::State::failed, done ? 0 : 3, 0};
    }
    const auto [stage, offset] = place_of(request);
    const std::uint64_t index = offset + (task.index ? task.index->value : 0);
    ++starts_[{stage->name, index}];
    tell(Told::started(stage->name, index, task.job.value));
    const std::string word = outcome(stage->name, index);
    const bool is_well = word == "succeeded";
    tell(Told::ended(stage->name, index, word, is_well ? "" : "user_error", is_well ? "" : "no"));
    for (const task::EachChild& child : stage->tasks.each_children) {
      see_to_partner(child.stage, index, is_well);
    }
    return {is_well ? slurm::State::completed : slurm::State::failed, is_well ? 0 : 1, 0};
  }

  void see_to_partner(const std::string& child, std::uint64_t index, bool is_well) {
    if (!keepers_see_to_partners_) return;
    const auto jobs = journal::jobs_from_json(read_file(folder().jobs()).value());
    for (const journal::SubmittedPart& part : *jobs) {
      if (part.stage != child || index < part.offset || index >= part.offset + part.count) continue;
      const slurm::JobSelector partner{part.job, std::to_string(index - part.offset)};
      if (is_well) {
        EXPECT_TRUE(cluster_.release({partner}));
      } else {
        cluster_.cancel({partner});
      }
    }
  }

  /// Lets the cluster run everything that can.
  std::size_t run_all(const Outcome& outcome) {
    return cluster_.run([&](const slurm::FakeTask& task, const slurm::SubmitRequest& request) {
      return keep(task, request, outcome);
    });
  }
  std::size_t run_all() {
    return run_all([](const std::string&, std::uint64_t) { return "succeeded"; });
  }

  /// The ids of this run's jobs in the cluster, by stage.
  [[nodiscard]] std::vector<JobId> jobs_of(const std::string& stage) const {
    std::vector<JobId> jobs;
    for (const JobId job : cluster_.jobs()) {
      if (cluster_.request(job).name.starts_with(stage + "@")) jobs.push_back(job);
    }
    return jobs;
  }

  test::TemporaryFolder temporary_{in_memory()};
  const fs::path& root_ = temporary_.path();
  TestClock clock_;
  plan::Plan plan_;
  slurm::FakeCluster cluster_;
  slurm::FakeScheduler slurm_{cluster_};
  Effects effects_;
  std::chrono::milliseconds paused_{0};
  bool keepers_see_to_partners_ = true;
  std::map<std::pair<std::string, std::uint64_t>, int> starts_;
  int advance_jobs_ = 0;
};

/// "2 succeeded, 1 failed", in the order of the states.
inline std::string counts_text(const StageStatus& stage) {
  std::string out;
  for (const auto& [state, count] : stage.counts) {
    if (count == 0) continue;
    out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + std::string(state_name(state));
  }
  return out;
}

}  // namespace foz::run
