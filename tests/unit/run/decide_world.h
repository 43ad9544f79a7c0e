/// Small random runs in a simulated world, for decide(): a run, its journal and its cluster in
/// memory. Actions are carried out as act does; what happens otherwise is drawn by chance.
#pragma once

#include <random>
#include <set>

#include "core/run/decide.h"
#include "core/run/mark.h"
#include "core/run/selectors.h"
#include "tests/unit/run/actions.h"

namespace foz::run {

using slurm::FakeTask;
using slurm::State;

class World {
 public:
  enum class Size { fits, in_waves };
  explicit World(unsigned seed, Size size = Size::fits) : random_(seed), plan_(random_plan(size)) {
    if (plan_.waves) cluster_.limits.max_submit = plan_.waves->jobs_at_once;
  }

  [[nodiscard]] const plan::Plan& plan() const { return plan_; }
  [[nodiscard]] const Observation& look_at() {
    seen_.queue = cluster_.rows();
    seen_.now = cluster_.now;
    return seen_;
  }
  [[nodiscard]] std::uint32_t pick(std::uint32_t below) {
    return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(random_);
  }

  void apply(const Action& action) {
    using Kind = Action::Kind;
    switch (action.kind) {
      case Kind::submit:
        return submit(action, "n" + std::to_string(++nonces_));
      case Kind::settle:  // an answering queue did not show it
        tell(record_of(journal::kind::submit_failed, {{"stage", action.stage},
                                                      {"part", number(action.part)},
                                                      {"nonce", action.nonce},
                                                      {"what", text("unseen")}}));
        return submit(action, "n" + std::to_string(++nonces_));
      case Kind::adopt:
        return tell(Told::submitted(action.stage, action.part, action.nonce, action.job.value));
      case Kind::submit_advance_job:
        return send_advance_job();
      case Kind::cancel_advance_job:
        return cluster_.cancel({{action.job, ""}});
      case Kind::record_jobs:
        seen_.parts = submitted_parts(gather(plan_, seen_));
        return;
      case Kind::cancel_orphan:
        return cluster_.cancel({{action.job, ""}});
      case Kind::mark_lost:
        return tell(record_of(journal::kind::task_lost, {{"stage", action.stage},
                                                         {"index", number(action.index)},
                                                         {"last", number(action.last)},
                                                         {"attempt", number(action.attempt)},
                                                         {"class", action.cls},
                                                         {"sentence", action.sentence}}));
      case Kind::release_stage:
        return release(action.stage);
      case Kind::release_partner:
        (void)cluster_.release({{action.job, action.elements}});
        return;
      case Kind::cancel_partner:
        return cluster_.cancel({{action.job, action.elements}});
      case Kind::forget_release:
        std::erase(seen_.pending_releases, std::pair(action.stage, action.index));
        return;
      default:
        ADD_FAILURE() << line_of(action);
    }
  }

  /// Something happens that foz has no hand in.
  void happen() {
    switch (pick(10)) {
      case 0:
        return interrupt_submission();
      case 1:
        return cluster_.purge_ended();
      case 2:
      case 3:
      case 4:
      case 5:
        return start_one();
      default:
        return end_one();
    }
  }

  [[nodiscard]] bool can_go_on() const {
    return !cluster_.startable().empty() || !running_.empty();
  }
  void start_one() {
    const auto ready = cluster_.startable();
    if (ready.empty()) return;
    const FakeTask task = ready[pick(static_cast<std::uint32_t>(ready.size()))];
    cluster_.start(task);
    if (is_advance_job(task.job)) {
      is_advance_job_at_work_ = true;
      return running_.push_back(task);
    }
    const auto place = place_of(task);
    ++starts_[place];
    has_spoken_[place] =
        are_keepers_sound_ || pick(10) != 0;  // else it dies before it can say a word
    if (has_spoken_[place]) tell(Told::started(place.first, place.second, task.job.value));
    running_.push_back(task);
  }

  void end_one() {
    if (running_.empty()) return;
    const std::uint32_t which = pick(static_cast<std::uint32_t>(running_.size()));
    const FakeTask task = running_[which];
    running_.erase(running_.begin() + which);
    if (is_advance_job(task.job)) return running_.push_back(task);  // not yet
    const auto [name, index] = place_of(task);
    const bool is_well = pick(5) != 0;
    const bool says_so = has_spoken_[{name, index}] && (are_keepers_sound_ || pick(8) != 0);
    if (says_so) tell(Told::ended(name, index, is_well ? "succeeded" : "failed", "", ""));
    if (says_so && pick(4) == 0) leave_releases(stage(name), index);
    if (says_so && pick(2) == 0) see_to_partners(stage(name), index, is_well);
    cluster_.finish(task, {is_well ? State::completed : State::failed, is_well ? 0 : 1, 0});
    time_passes();
    if (are_keepers_sound_) sweep();
  }

  /// Keepers record all that happens, and sweep up after each other.
  void make_keepers_sound() { are_keepers_sound_ = true; }
  void time_passes() { cluster_.now += 60'000; }

  /// Whether an advance job has started since it was last asked: it is about to settle the run.
  [[nodiscard]] bool is_advance_job_at_work() {
    return std::exchange(is_advance_job_at_work_, false);
  }

  /// They end when they have settled the run.
  void end_advance_jobs() {
    std::erase_if(running_, [this](const FakeTask& task) {
      if (!is_advance_job(task.job)) return false;
      cluster_.finish(task, {State::completed, 0, 0});
      return true;
    });
  }

  /// Somebody ends an advance job, before it has done anything.
  void kill_an_advance_job() {
    for (const JobId job : cluster_.jobs()) {
      if (!is_advance_job(job) || cluster_.state({job, {}}) != State::pending) continue;
      if (pick(2) == 0) return cluster_.cancel({{job, ""}});
    }
  }

  [[nodiscard]] std::size_t living() const {
    const auto rows = cluster_.rows();
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(),
                      [](const slurm::JobRow& row) { return !slurm::is_final(row.state); }));
  }
  [[nodiscard]] const std::map<std::pair<std::string, std::uint64_t>, int>& starts() const {
    return starts_;
  }

 private:
  plan::Plan random_plan(Size size) {
    std::optional<plan::Waves> waves;
    if (size == Size::in_waves) waves = plan::Waves{plan::k_advance_jobs + 1 + pick(6), {}, ""};
    const std::uint32_t limit =
        waves ? std::max(1U, (waves->jobs_at_once - plan::k_advance_jobs) / 2) : 2 + pick(3);
    const std::uint32_t most = waves ? 8 : 4;
    std::vector<StageWords> stages;
    const std::uint32_t count = 1 + pick(4);
    for (std::uint32_t i = 0; i < count; ++i) {
      StageWords stage{std::string(1, static_cast<char>('a' + i)), 1 + pick(most), {}, 0};
      for (const StageWords& above : stages) {
        if (pick(3) != 0) continue;
        const auto edge = static_cast<task::EdgeKind>(pick(3));
        if (edge == task::EdgeKind::each) stage.tasks = above.tasks;
        stage.needs.emplace_back(above.name, edge);
      }
      const bool has_unequal_partner =
          std::any_of(stage.needs.begin(), stage.needs.end(), [&](const auto& need) {
            const auto parent = std::find_if(stages.begin(), stages.end(), [&](const auto& one) {
              return one.name == need.first;
            });
            return need.second == task::EdgeKind::each && parent->tasks != stage.tasks;
          });
      if (has_unequal_partner) stage.needs.clear();
      stages.push_back(std::move(stage));
    }
    plan::Plan plan = make_plan(stages, "/w", limit);
    plan.waves = waves;
    return plan;
  }

  void tell(journal::Record record) { seen_.records.push_back(std::move(record)); }

  [[nodiscard]] const plan::StagePlan& stage(const std::string& name) const {
    return *std::find_if(plan_.stages.begin(), plan_.stages.end(),
                         [&name](const plan::StagePlan& one) { return one.name == name; });
  }

  [[nodiscard]] std::string dependency(const plan::StagePlan& stage) const {
    std::string text;
    const Facts facts = gather(plan_, seen_);
    for (const plan::Dependency& edge : stage.dependencies) {
      if (edge.kind == plan::DependencyKind::held_partner) continue;
      for (const StageFacts& parent : facts.stages) {
        if (parent.plan->name != edge.stage) continue;
        for (const PartFacts& part : parent.parts) {
          if (part.sent() == nullptr || !cluster_.knows(part.sent()->job)) continue;
          text +=
              (text.empty() ? "" : ",") +
              std::string(edge.kind == plan::DependencyKind::afterok ? "afterok:" : "afterany:") +
              std::to_string(part.sent()->job.value);
        }
      }
    }
    return text;
  }

  JobId send(const plan::StagePlan& stage, std::uint32_t part, const std::string& nonce) {
    slurm::SubmitRequest request;
    request.name = job_name({stage.name, plan_.run_id, part, nonce});
    request.script_args = {std::to_string(stage.tasks.parts[part].offset)};
    if (stage.tasks.is_array) request.array = array_spec(stage.tasks.parts[part].count, 0);
    request.dependency = dependency(stage);
    const bool is_held = is_released_by_foz(plan_, stage) || has_held_partner(stage);
    request.hold = is_held ? slurm::Hold::yes : slurm::Hold::no;
    tell(Told::intended(stage.name, part, nonce));
    return cluster_.submit(request).value().id;
  }

  void submit(const Action& action, const std::string& nonce) {
    const JobId job = send(stage(action.stage), action.part, nonce);
    tell(Told::submitted(action.stage, action.part, nonce, job.value));
  }

  [[nodiscard]] bool is_advance_job(JobId job) const {
    return cluster_.request(job).name.starts_with(plan::k_advance_job);
  }

  /// It waits for the first end of whatever is in the queue.
  void send_advance_job() {
    slurm::SubmitRequest request;
    request.name = job_name(
        {std::string(plan::k_advance_job), plan_.run_id, 0, "n" + std::to_string(++nonces_)});
    for (const slurm::JobRow& row : cluster_.rows()) {
      if (slurm::is_final(row.state) || is_advance_job(job_of(row))) continue;
      request.dependency += request.dependency.empty() ? "" : "?";
      request.dependency += "afterany:" + std::to_string(job_of(row).value);
    }
    const auto sent = cluster_.submit(request);
    ASSERT_TRUE(sent) << sent.error().message;
  }

  /// foz is killed between an intent and its record; now and then before the request itself.
  void interrupt_submission() {
    const Facts facts = gather(plan_, seen_);
    for (const StageFacts& facts_of_stage : facts.stages) {
      for (std::uint32_t part = 0; part < facts_of_stage.parts.size(); ++part) {
        if (!facts_of_stage.parts[part].requests.empty()) continue;
        if (!is_next(facts_of_stage.plan->name, part)) continue;
        const std::string nonce = "x" + std::to_string(++nonces_);
        if (pick(2) == 0) return tell(Told::intended(facts_of_stage.plan->name, part, nonce));
        (void)send(*facts_of_stage.plan, part, nonce);
        return;
      }
    }
  }

  /// What foz would send now; all of it where the whole run fits.
  [[nodiscard]] bool is_next(const std::string& stage, std::uint32_t part) {
    if (!plan_.waves) return true;
    const std::vector<Action> actions = decide(plan_, look_at());
    return std::any_of(actions.begin(), actions.end(), [&](const Action& action) {
      return action.kind == Action::Kind::submit && action.stage == stage && action.part == part;
    });
  }

  void release(const std::string& name) {
    const Facts facts = gather(plan_, seen_);
    for (const StageFacts& one : facts.stages) {
      if (one.plan->name != name) continue;
      for (std::uint32_t part = 0; part < one.parts.size(); ++part) {
        const bool is_sent = one.parts[part].sent() != nullptr;
        ASSERT_TRUE(is_sent || plan_.waves) << "released before it was sent";
        if (!is_sent || one.parts[part].released) continue;
        (void)cluster_.release({{one.parts[part].sent()->job, ""}});
        tell(Told::released(name, part));
      }
    }
  }

  [[nodiscard]] std::pair<std::string, std::uint64_t> place_of(const FakeTask& task) const {
    const slurm::SubmitRequest& request = cluster_.request(task.job);
    return {request.name.substr(0, request.name.find('@')),
            std::stoull(request.script_args.at(0)) + (task.index ? task.index->value : 0)};
  }

  void sweep() {
    for (const Action& action : decide(plan_, look_at())) {
      const bool is_sweep = action.kind == Action::Kind::release_partner ||
                            action.kind == Action::Kind::cancel_partner;
      if (is_sweep) apply(action);
    }
  }

  void leave_releases(const plan::StagePlan& stage, std::uint64_t index) {
    for (const task::EachChild& child : stage.tasks.each_children) {
      const std::pair release(child.stage, index);  // a file: there once, whoever makes it
      std::erase(seen_.pending_releases, release);
      seen_.pending_releases.push_back(release);
    }
  }

  /// Only what has one parent is a keeper's business here.
  void see_to_partners(const plan::StagePlan& above, std::uint64_t index, bool is_well) {
    for (const task::EachChild& child : above.tasks.each_children) {
      if (stage(child.stage).tasks.parents.size() != 1) continue;
      for (const journal::SubmittedPart& part : seen_.parts) {
        const bool is_its =
            part.stage == child.stage && index >= part.offset && index < part.offset + part.count;
        if (!is_its || !cluster_.knows(part.job)) continue;
        const std::string element = part.is_array ? std::to_string(index - part.offset) : "";
        if (is_well) {
          (void)cluster_.release({{part.job, element}});
        } else {
          cluster_.cancel({{part.job, element}});
        }
      }
    }
  }

  std::mt19937 random_;
  plan::Plan plan_;
  slurm::FakeCluster cluster_;
  Observation seen_;
  std::vector<FakeTask> running_;
  std::map<std::pair<std::string, std::uint64_t>, int> starts_;
  std::map<std::pair<std::string, std::uint64_t>, bool> has_spoken_;
  int nonces_ = 0;
  bool is_advance_job_at_work_ = false;
  bool are_keepers_sound_ = false;
};

}  // namespace foz::run
