#include "core/agent/node_agent.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "core/agent/hardware.h"
#include "core/agent/rank_start.h"
#include "core/base/ids.h"
#include "core/base/text.h"

namespace foz::agent {

namespace {

/// For a signal that Slurm sends to every node to come to this one too.
constexpr milliseconds k_patience_with_witness{1'000};

}  // namespace

NodeAgent::NodeAgent(Loop& loop, Reaper& reaper, Options options, Hear hear)
    : loop_(loop),
      reaper_(reaper),
      options_(std::move(options)),
      hear_(std::move(hear)),
      witness_(reaper),
      stopper_(loop) {
  reaper_.on_reaped([this] { stopper_.look(); });
}

NodeAgent::~NodeAgent() {
  reaper_.on_reaped(nullptr);
}

void NodeAgent::greet(TaskPlan task) {
  task_ = std::move(task);
  node_ = read_node(options_.environment, task_);
  hear_(report::Hello{node_});
}

void NodeAgent::take(const Order& order) {
  std::visit([this](const auto& one) { on(one); }, order);
}

// ---- once for the task --------------------------------------------------------------------------

void NodeAgent::on(const order::Prepare&) {
  if (base_) return hear_(report::Prepared{});
  if (setup_) return;
  if (auto made = make_directories(task_.log_dir); !made)
    return hear_(report::Unfit{failure::Class::storage,
                               fmt::format("on {}: {}", node_.name, made.error().message)});
  Environment environment = task_environment(options_.environment, task_.identity);
  set_variables(environment, node_variables(task_));
  set_up(std::move(environment));
}

void NodeAgent::set_up(Environment environment) {
  if (task_.setup.empty()) {
    base_ = std::move(environment);
    return hear_(report::Prepared{});
  }
  setup_ = std::make_unique<Setup>(loop_, reaper_);
  Setup::Request request{task_.setup, std::move(environment), task_.workdir,
                         {},          options_.program,       {}};
  request.log = fmt::format("{}/{}.{}.setup.{}.log", task_.log_dir, task_.identity.name,
                            task_.identity.attempt.value, node_.name);
  request.limit = std::chrono::minutes(10);
  setup_->start(std::move(request), [this](Result<Environment> result) {
    if (!result)
      return hear_(report::Unfit{failure::Class::launch_failed,
                                 fmt::format("on {}: {}", node_.name, result.error().message)});
    base_ = std::move(*result);
    hear_(report::Prepared{});
  });
}

void NodeAgent::on(const order::ReservePorts& ports) {
  ports_.release_all();
  ports_of_ = ports.world;
  auto reserved = ports_.reserve(ports.count, find_port_range(), random_bits());
  if (reserved) return hear_(report::Ports{ports.world, std::move(*reserved), {}});
  hear_(report::Ports{
      ports.world, {}, fmt::format("on {}: {}", node_.name, reserved.error().message)});
}

// ---- a world ------------------------------------------------------------------------------------

void NodeAgent::on(const order::TakeWorld& world) {
  if (is_current(world.plan->world)) return;
  ranks_.clear();
  probes_.clear();
  is_stopping_ = false;
  expander_.reset();
  world_ = world.plan;
  expander_.emplace(world_->launch, world_->request);
  if (ports_of_ != world_->world) ports_.release_all();
  if (world_->needs_scratch) make_scratch();
  witness_.call();
}

bool NodeAgent::is_here(std::size_t slot) const {
  return world_->channel_nodes.at(world_->request.ranks[slot].node) == options_.index;
}

std::vector<std::size_t> NodeAgent::slots_of(std::string_view role) const {
  std::vector<std::size_t> slots;
  for (std::size_t slot = 0; slot < world_->request.ranks.size(); ++slot)
    if (world_->request.ranks[slot].role == role) slots.push_back(slot);
  return slots;
}

void NodeAgent::on(const order::StartRole& role) {
  if (!is_current(role.world) || is_stopping_) return;
  for (const std::size_t slot : slots_of(world_->launch.roles.at(role.role).role))
    if (is_here(slot) && !ranks_.contains(slot)) start_rank(slot);
  start_role_probe(role.role);
}

void NodeAgent::start_rank(std::size_t slot) {
  const std::string title = rank_title(*world_, slot);
  auto start = make_rank_start(task_, *world_, *expander_, slot, base_ ? *base_ : Environment{});
  if (!start) return events_of(slot, title).not_started(start.error().message);
  release_ports(slot);
  auto& rank = ranks_[slot] =
      std::make_unique<Rank>(loop_, reaper_, std::move(*start), events_of(slot, title));
  rank->begin();
}

void NodeAgent::release_ports(std::size_t slot) {
  for (const auto& [name, port] : world_->request.ranks[slot].ports) ports_.release(port);
}

Rank::Events NodeAgent::events_of(std::size_t slot, const std::string& title) {
  const WorldId world = world_->world;
  Rank::Events events;
  events.running = [this, slot] { on_running(slot); };
  events.not_started = [this, world, slot, title](const std::string& why) {
    hear_(report::NotStarted{world, slot, fmt::format("{} could not be started: {}", title, why)});
  };
  events.ready = [this, world, slot] { hear_(report::Ready{world, {slot}}); };
  events.not_ready = [this, world, slot, title](const std::string& why) {
    hear_(report::NotReady{world, slot, fmt::format("{} was not ready: {}", title, why)});
  };
  events.ended = [this, slot](failure::ProcessEnd end, std::string broken_promise) {
    on_ended(slot, std::move(end), std::move(broken_promise));
  };
  return events;
}

void NodeAgent::on_running(std::size_t slot) {
  hear_(report::Running{world_->world, slot});
  const auto& wanted = ranks_.at(slot)->readiness();
  if (wanted && wanted->role.empty() && wanted->line.empty()) start_probe(*wanted, slot, {slot});
}

void NodeAgent::on_ended(std::size_t slot, failure::ProcessEnd end, std::string broken_promise) {
  probes_.erase(slot);
  hear_(report::Ended{world_->world, slot, std::move(end), std::move(broken_promise)});
}

/// One probe for all ranks of a role, where another role's first rank is asked: by the node of that
/// rank.
void NodeAgent::start_role_probe(std::size_t role) {
  const plugin::RoleLaunch& launch = world_->launch.roles.at(role);
  if (!launch.ready || launch.ready->role.empty()) return;
  const auto asked = slots_of(launch.ready->role);
  if (asked.empty() || !is_here(asked.front())) return;
  start_probe(*launch.ready, asked.front(), slots_of(launch.role));
}

void NodeAgent::start_probe(const plugin::Readiness& wanted, std::size_t asked,
                            std::vector<std::size_t> speaks_for) {
  if (speaks_for.empty()) return;
  const std::size_t first = speaks_for.front();
  const WorldId world = world_->world;
  const std::string title = rank_title(*world_, first);
  auto done = [this, world, title, slots = std::move(speaks_for)](const std::string& why) {
    if (why.empty()) return hear_(report::Ready{world, slots});
    hear_(report::NotReady{world, slots.front(), fmt::format("{} was not ready: {}", title, why)});
  };
  probes_[first] =
      std::make_unique<Probe>(loop_, wanted, world_->request.ranks[asked].ports, std::move(done));
}

/// A TERM from outside may have been sent to the ranks as well, a moment ago or in a moment.
void NodeAgent::on(const order::StopWorld& stop) {
  if (!is_current(stop.world)) return hear_(report::Clear{stop.world});
  is_stopping_ = true;
  probes_.clear();
  for (const auto& [slot, rank] : ranks_)
    if (rank->is_alive()) rank->mark_stopped();
  stop_grace_ = stop.grace;
  if (stop.teller == Teller::agent || !witness_.is_standing()) return stop_world();
  witness_.on_ended([this] { stop_world(); });
  patience_ = loop_.after(k_patience_with_witness, [this] { stop_world(); });
}

void NodeAgent::stop_world() {
  patience_.reset();
  witness_.dismiss();
  stopper_.stop(living_ranks(), stop_grace_, witness_.was_told() ? Teller::outside : Teller::agent,
                [this](const std::vector<std::string>& left) { close_world(left); });
}

std::vector<pid_t> NodeAgent::living_ranks() const {
  std::vector<pid_t> living;
  for (const auto& [slot, rank] : ranks_)
    if (rank->is_alive()) living.push_back(rank->pid());
  return living;
}

void NodeAgent::close_world(const std::vector<std::string>& left) {
  for (const auto& [slot, rank] : ranks_)
    if (const std::string complaint = rank->close(); !complaint.empty())
      hear_(report::LogLost{complaint});
  if (!left.empty())
    hear_(report::Noted{fmt::format("on {}: could not end {}", node_.name, join(left, ", "))});
  ports_.release_all();
  hear_(report::Clear{world_->world});
}

void NodeAgent::on(const order::Forward& forward) {
  const ProcessTree tree = ProcessTree::read();
  for (const auto& [slot, rank] : ranks_) {
    if (!rank->is_alive()) continue;
    const auto hearers = tree.hearers(rank->pid(), forward.signal);
    for (const Process& process : hearers) send_signal(process, forward.signal);
    if (hearers.empty())
      hear_(report::Noted{fmt::format("{} does not handle signal {}: it was not sent",
                                      rank->title(), forward.signal)});
  }
}

// ---- scratch, and the end -----------------------------------------------------------------------

/// Only a folder of our own making is used, and removed at the end.
void NodeAgent::make_scratch() {
  if (has_scratch_) return;
  const auto made = make_new_directory(node_.scratch);
  if (!made)
    return hear_(report::Noted{fmt::format("on {}: {}", node_.name, made.error().message)});
  has_scratch_ = true;
}

void NodeAgent::remove_scratch() {
  if (!std::exchange(has_scratch_, false)) return;
  std::error_code ignored;  // what cannot be removed is the site's epilog's
  fs::remove_all(node_.scratch, ignored);
}

void NodeAgent::leave(milliseconds grace, std::function<void()> done) {
  patience_.reset();
  witness_.dismiss();
  setup_.reset();
  stopper_.stop(living_ranks(), grace, witness_.was_told() ? Teller::outside : Teller::agent,
                [this, done = std::move(done)](const std::vector<std::string>&) {
                  remove_scratch();
                  done();
                });
}

}  // namespace foz::agent
