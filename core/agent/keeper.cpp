#include "core/agent/keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

#include "core/base/hostlist.h"

namespace foz::agent {

namespace {

using std::chrono::milliseconds;

/// How long, and how often, partners are tended while Slurm is silent: a controller that is started
/// anew is back in less.
constexpr std::chrono::minutes k_patience{10};
constexpr milliseconds k_first_pause{1'000};
constexpr milliseconds k_longest_pause{30'000};

/// What is left of Slurm's KillWait, the time between its SIGTERM and its SIGKILL, when ranks have
/// been ended and their end is to be recorded.
constexpr milliseconds k_time_to_record{10'000};

milliseconds told_grace(Seconds kill_wait) {
  const milliseconds whole = kill_wait;
  return whole - std::min(k_time_to_record, whole / 2);
}

Result<TaskPlan> make_task_plan(const KeeperSetting& setting, const References& references) {
  const task::StageTasks& stage = setting.stage;
  TaskPlan task;
  const std::string name = task::task_name(stage, setting.index);
  task.identity = {setting.folder.root().native(),
                   stage.stage,
                   name,
                   setting.index,
                   setting.attempt,
                   references.values()};
  task.task_dir = setting.folder.attempt(name, setting.attempt).native();
  task.log_dir = setting.folder.logs(stage.stage).native();
  FOZ_TRY(task.workdir, references.finish(stage.workdir));
  for (const auto& [variable, text] : stage.env)
    task.env.emplace_back(variable, references.fill(text));
  task.setup = stage.setup;
  task.umask = stage.umask;
  task.limits = stage.limits.values;
  task.scratch = references.fill(stage.scratch);
  task.address_form = stage.address_form;
  task.memory_mib = std::max(setting.job.memory_per_node_mib, stage.geometry.memory_per_node_mib);
  return task;
}

Result<std::vector<WantedOutput>> find_outputs(const task::StageTasks& stage,
                                               const References& references,
                                               const std::string& workdir) {
  std::vector<WantedOutput> outputs;
  for (const task::Output& output : stage.outputs) {
    FOZ_TRY(const std::string path, references.finish(output.path));
    outputs.push_back({output.name, (fs::path(workdir) / path).lexically_normal().native()});
  }
  return outputs;
}

std::vector<StepView> view_of_steps(const task::StageTasks& stage) {
  std::vector<StepView> steps;
  for (const task::Step& step : stage.steps) steps.push_back({step.name, step.may_fail});
  return steps;
}

}  // namespace

Result<std::unique_ptr<Keeper>> Keeper::make(Loop& loop, const KeeperSetting& setting,
                                             const References& references, Channel& channel,
                                             journal::Writer& journal,
                                             Partners::OpenScheduler open_scheduler) {
  FOZ_TRY(TaskPlan task, make_task_plan(setting, references));
  FOZ_TRY(auto outputs, find_outputs(setting.stage, references, task.workdir));
  return std::unique_ptr<Keeper>(new Keeper(loop, setting, references, channel, journal,
                                            std::move(open_scheduler), std::move(task),
                                            std::move(outputs)));
}

Keeper::Keeper(Loop& loop, const KeeperSetting& setting, const References& references,
               Channel& channel, journal::Writer& journal, Partners::OpenScheduler open_scheduler,
               TaskPlan task, std::vector<WantedOutput> outputs)
    : loop_(loop),
      setting_(setting),
      references_(references),
      channel_(channel),
      task_(std::move(task)),
      ledger_(journal, task_),
      partners_(setting.stage, setting.index, setting.folder, journal, open_scheduler),
      open_scheduler_(std::move(open_scheduler)),
      gate_(loop, {setting.stage, setting.index, setting.folder}),
      arranger_({setting.stage, references_, setting.folder, task_}, channel),
      wanted_outputs_(std::move(outputs)),
      nodes_(setting.job.nodes.size()),
      state_(make_state(view_of_steps(setting.stage),
                        static_cast<std::uint32_t>(setting.job.nodes.size()))) {
  state_.told_grace = told_grace(setting.stage.kill_wait);
}

Keeper::End Keeper::run() {
  Ledger::Start start{setting_.job.job.value, setting_.job.array_job.value, -1,
                      compress_hostlist(setting_.job.nodes), setting_.job.restarts};
  if (setting_.job.array_index) start.array_index = setting_.job.array_index->value;
  if (const auto started = ledger_.task_started(start); !started)
    return {Outcome::failed,
            fmt::format("the start of {} could not be recorded, so it was not started: {}",
                        task_.identity.name, started.error().message),
            1};
  loop_.post([this] { feed(event::Begin{}); });
  loop_.run();
  return end_;
}

/// Events that come up while one is being handled wait for their turn.
void Keeper::feed(Event event) {
  events_.push_back(std::move(event));
  if (is_stepping_) return;
  is_stepping_ = true;
  while (!events_.empty()) {
    const Event next = std::move(events_.front());
    events_.pop_front();
    Transition transition = step(std::move(state_), next);
    state_ = std::move(transition.state);
    for (const Action& action : transition.actions)
      std::visit([this](const auto& one) { perform(one); }, action);
  }
  is_stepping_ = false;
}

// ---- actions ------------------------------------------------------------------------------------

void Keeper::perform(const action::AskGate&) {
  gate_.ask([this](const Result<std::string>& sentence) {
    if (!sentence)
      return feed(event::GateClosed{
          fmt::format("the parents' records cannot be read: {}", sentence.error().message)});
    if (!sentence->empty()) return feed(event::GateClosed{*sentence});
    feed(event::GateOpened{});
  });
}

void Keeper::perform(const action::Connect&) {
  channel_.connect(task_, [this](NodeIndex node, Report report) { hear(node, std::move(report)); });
}

/// Nothing runs yet: what is there of the outputs is an older attempt's.
void Keeper::perform(const action::Prepare&) {
  outputs_.emplace(loop_, wanted_outputs_, setting_.stage.outputs_wait);
  channel_.send(order::Prepare{});
}

/// The outputs' folders only now: the setup may have put links where they lie.
void Keeper::perform(const action::ArrangeWorld& world) {
  if (const auto made = make_output_folders(wanted_outputs_, task_.workdir, task_.umask); !made)
    return feed(event::WorldImpossible{world.world, failure::Class::storage, made.error().message});
  arranger_.arrange(world, nodes_, [this](Event event) { feed(std::move(event)); });
}

void Keeper::perform(const action::StartRole& role) {
  channel_.send(order::StartRole{role.world, role.role});
}

void Keeper::perform(const action::StopWorld& stop) {
  channel_.send(order::StopWorld{stop.world, stop.grace, stop.teller});
}

void Keeper::perform(const action::Forward& forward) {
  channel_.send(order::Forward{forward.signal});
}

void Keeper::perform(const action::SetTimer& timer) {
  timers_[timer.timer] = loop_.after(timer.after, [this, timer] {
    feed(event::TimeUp{timer.timer, timer.world});
  });
}

void Keeper::perform(const action::AskReason&) {
  feed(find_reason(output_, setting_.job, open_scheduler_));
}

void Keeper::perform(const action::CheckOutputs&) {
  outputs_->check([this](const std::string& sentence) {
    sentence.empty() ? feed(event::OutputsFound{}) : feed(event::OutputsMissing{sentence});
  });
}

void Keeper::perform(const action::Finish& finish) {
  timers_.clear();
  record_end(finish);
  if (partners_.is_some_left()) {
    ledger_.note("Slurm does not answer: what waits for this task is seen to when it does");
    give_up_at_ = std::chrono::steady_clock::now() + k_patience;
    tend_partners(k_first_pause);
  }
  channel_.close([this] {
    is_closed_ = true;
    stop_when_done();
  });
}

// ---- after the end ------------------------------------------------------------------------------

/// As long as Slurm is silent, it could not take note of this job's end either.
void Keeper::tend_partners(milliseconds pause) {
  next_try_ = loop_.after(pause, [this, pause] {
    partners_.try_again();
    const bool is_over = !partners_.is_some_left();
    if (is_over || std::chrono::steady_clock::now() > give_up_at_) return leave_partners();
    tend_partners(std::min(pause * 2, k_longest_pause));
  });
}

void Keeper::leave_partners() {
  partners_.give_up();
  next_try_.reset();
  stop_when_done();
}

void Keeper::stop_when_done() {
  if (is_closed_ && !next_try_) loop_.stop();
}

/// What Slurm or a user sends after the end is for what is being tried still.
void Keeper::signalled(int number) {
  const bool is_to_end = number == SIGTERM || number == SIGINT;
  if (next_try_ && is_to_end) return leave_partners();
  feed(event::Signalled{number});
}

// ---- reports ------------------------------------------------------------------------------------

void Keeper::hear(NodeIndex node, Report report) {
  std::visit([&](auto& one) { on(node, one); }, report);
}

void Keeper::on(NodeIndex node, report::Hello& hello) {
  nodes_.at(node.value) = std::move(hello.node);
  feed(event::NodeUp{node});
}

void Keeper::on(NodeIndex, report::Ready& ready) {
  for (const std::size_t slot : ready.slots) feed(event::RankReady{ready.world, slot});
}

void Keeper::on(NodeIndex, report::Ended& one) {
  one.end.order = ends_seen_++;
  feed(event::RankEnded{one.world, one.slot, std::move(one.end), std::move(one.broken_promise)});
}

// ---- the end ------------------------------------------------------------------------------------

void Keeper::record_end(const action::Finish& finish) {
  end_ = {finish.outcome, finish.sentence, finish.exit_code};
  if (finish.outcome == Outcome::interrupted) return ledger_.note(finish.sentence);
  const bool succeeded = finish.outcome == Outcome::succeeded;
  if (succeeded) partners_.intend();
  if (const auto written = ledger_.task_ended(finish, main_log()); !written) {
    end_.exit_status = std::max(1, finish.exit_code);
    end_.sentence = fmt::format("the end of {} ({}) could not be recorded: {}", task_.identity.name,
                                outcome_name(finish.outcome), written.error().message);
    return;
  }
  if (!partners_.any()) return;
  if (const auto written = write_outcome(finish); !written) ledger_.note(written.error().message);
  succeeded ? partners_.release()
            : partners_.fail_all(fmt::format("{} ended as {}: {}", task_.identity.name,
                                             outcome_name(finish.outcome), finish.sentence));
}

Result<void> Keeper::write_outcome(const action::Finish& finish) {
  journal::TaskOutcome outcome{setting_.stage.stage,
                               setting_.index,
                               task_.identity.name,
                               setting_.attempt.value,
                               std::string(outcome_name(finish.outcome)),
                               finish.cls ? std::string(failure::class_name(*finish.cls)) : "",
                               finish.sentence,
                               task_.identity.values,
                               {}};
  for (const WantedOutput& output : wanted_outputs_)
    outcome.outputs.emplace_back(output.name, output.path);
  const fs::path path = setting_.folder.outcome(setting_.stage.stage, setting_.index);
  FOZ_CHECK(make_directories(path.parent_path()));
  return write_file(path, journal::outcome_to_json(outcome) + "\n", Durability::cached);
}

/// Where to look first, relative to the run folder: the culprit's log, else that of the first rank.
std::string Keeper::main_log() const {
  if (state_.world == 0) return {};
  std::string name = fmt::format("logs/{}/{}.{}", setting_.stage.stage, task_.identity.name,
                                 task_.identity.attempt.value);
  const std::string& step = state_.steps[state_.step].name;
  if (!step.empty()) name += ".s" + step;
  if (state_.ranks.size() <= 1) return name + ".log";
  if (state_.ended_well || state_.ends.empty())
    return name + "." + state_.roles[state_.ranks.front().role].name + ".0.log";
  const failure::ProcessEnd& culprit = state_.ends[failure::judge(state_.ends).culprit];
  return fmt::format("{}.{}.{}.log", name, culprit.role.empty() ? k_plain_role : culprit.role,
                     culprit.role_rank);
}

}  // namespace foz::agent
