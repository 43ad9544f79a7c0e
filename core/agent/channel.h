/// How the keeper reaches its node agents. Behind it: a call within the process (one node), lines
/// over the stdio of one srun (several), later perhaps TCP or a tree. Reports never come from
/// within a call of send() or connect().
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/agent/loop.h"
#include "core/agent/messages.h"
#include "core/agent/node_agent.h"
#include "core/agent/reaper.h"
#include "core/base/ids.h"

namespace foz::agent {

class Channel {
 public:
  using Hear = std::function<void(NodeIndex, Report)>;
  virtual ~Channel() = default;

  /// Starts the agents; each says Hello, or is reported Lost.
  virtual void connect(const TaskPlan& task, Hear hear) = 0;
  /// To every node that is not lost, or to one.
  virtual void send(const Order& order, std::optional<NodeIndex> to = std::nullopt) = 0;
  /// Ends the agents and all below them; `done` when they are gone, or after a bound.
  virtual void close(std::function<void()> done) = 0;
};

/// The one node is this one, its agent part of this process.
[[nodiscard]] std::unique_ptr<Channel> make_local_channel(Loop& loop, Reaper& reaper,
                                                          NodeAgent::Options options);

}  // namespace foz::agent
