#include <set>

#include "core/base/text.h"
#include "core/slurm/fake.h"
#include "tests/slurm/behaviour/world.h"

namespace foz::slurm {

namespace {

class FakeWorld final : public World {
 public:
  Scheduler& scheduler() override { return scheduler_; }
  Scheduler& impatient_scheduler() override { return scheduler_; }

  SubmitRequest job(std::vector<std::string> args) override {
    SubmitRequest request;
    request.name = "job-" + std::to_string(++jobs_);
    request.script = "/behave.sh";
    request.script_args = std::move(args);
    return request;
  }

  void open_gate(const std::string& gate) override { open_.insert(gate); }
  void silence() override { scheduler_.go_away(); }
  void speak() override { scheduler_.come_back(); }

  void go_on() override {
    cluster_.now += 1'000;
    for (const FakeTask& task : cluster_.startable()) {
      cluster_.start(task);
      running_.push_back(task);
    }
    const auto over = [this](const FakeTask& task) { return has_ended(task); };
    std::erase_if(running_, over);
  }

 private:
  bool has_ended(const FakeTask& task) {
    if (cluster_.state(task) != State::running) return true;
    const auto& args = cluster_.request(task.job).script_args;
    if (args.at(0) == "exit") {
      const int code = static_cast<int>(parse_integer(args.at(1)).value());
      cluster_.finish(task, {code == 0 ? State::completed : State::failed, code, 0});
      return true;
    }
    const std::string own =
        task.index ? args.at(1) + "." + std::to_string(task.index->value) : args.at(1);
    if (!open_.contains(own)) return false;
    cluster_.finish(task);
    return true;
  }

  FakeCluster cluster_ = [] {
    FakeCluster cluster;
    cluster.limits.has_accounting = false;
    return cluster;
  }();
  FakeScheduler scheduler_{cluster_};
  std::set<std::string> open_;
  std::vector<FakeTask> running_;
  int jobs_ = 0;
};

}  // namespace

std::unique_ptr<World> make_fake_world() {
  return std::make_unique<FakeWorld>();
}

}  // namespace foz::slurm
