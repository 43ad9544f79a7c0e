/// What nodes are told: of a task once, and of each world (one start of one step). Plain data, and
/// the pure rules by which a world is laid out over the nodes. On one node it is handed over as it
/// is; over a channel it goes by a file, since lines are short.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/agent/environment.h"
#include "core/agent/machine.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/task/stage.h"
#include "plugins/api/api.h"

namespace foz::agent {

/// The same for every node and every world of an attempt.
struct TaskPlan {
  TaskIdentity identity;
  std::string task_dir;  ///< <run>/tasks/<name>/<attempt>; made when something is put into it
  std::string log_dir;   ///< <run>/logs/<stage>
  std::string workdir;
  Variables env;                   ///< *templates*, only rank-level references left
  std::vector<std::string> setup;  ///< shell lines, once per node
  std::optional<unsigned> umask;
  std::map<std::string, std::string> limits;
  std::string scratch;  ///< folder for node-local files, may name variables ("$TMPDIR"); "" =
                        ///< $TMPDIR or /tmp
  std::string address_form;
  std::uint64_t memory_mib = 0;  ///< of a node as the job says; 0: not said
};

/// What a rank gets of its node.
struct Share {
  std::uint32_t cpus = 1;
  GpuShare gpus;
};

/// One start of one step. `request` and `launch` together give every rank's command
/// (core/plugin/expand.h).
struct WorldPlan {
  WorldId world = 0;
  std::string step;  ///< its name; "" for an only step
  plugin::LaunchRequest request;
  plugin::Launch launch;
  std::vector<NodeIndex> channel_nodes;  ///< request.nodes[i] is this node of the channel
  std::vector<Share> shares;             ///< by slot
  bool needs_scratch = false;            ///< the nodes' scratch folders must be there
  plugin::Terminate terminate = plugin::Terminate::pass;
  std::vector<plugin::LastWords> last_words;
  std::map<int, std::string> exit_codes;  ///< what the plugin says that an exit status means
};

/// Positions of nodes so that those of one switch are neighbours: switches, and nodes in them, stay
/// in order of first appearance (node 0 stays first). Paths as in SLURM_TOPOLOGY_ADDR; empty: not
/// known.
[[nodiscard]] std::vector<std::size_t> order_by_switch(
    const std::vector<std::string>& switch_paths);

/// The one role of a step without a plugin.
inline constexpr std::string_view k_plain_role = "rank";
/// Shape and launch of a step without a plugin. `script_file`: where a long script was put, else
/// "".
[[nodiscard]] plugin::Shape plain_shape(const task::Step& step, const task::Geometry& geometry);
[[nodiscard]] plugin::Launch plain_launch(const task::Step& step, const std::string& script_file);
/// Over this a script does not fit into one argument of a command line (128 KiB in Linux).
inline constexpr std::size_t k_max_inline_script = 100U << 10U;

/// CPUs and GPUs of every slot: a role's own CPUs, or an equal part of the node's for those who do
/// not say; GPUs split among the ranks of a node that may see them.
[[nodiscard]] std::vector<Share> share_out(const plugin::Shape& shape,
                                           const plugin::LaunchRequest& request);

/// Ports wanted on each of the request's nodes, and their numbers put into the slots in that order.
[[nodiscard]] std::vector<std::uint32_t> count_ports(const plugin::LaunchRequest& request);
void assign_ports(plugin::LaunchRequest& request,
                  const std::vector<std::vector<std::uint16_t>>& ports);

/// How the machine sees it. Code::invalid where the launch names a role that is not there, waits in
/// a circle, or says nothing of a role.
[[nodiscard]] Result<event::WorldArranged> view_of(const WorldPlan& plan);

/// "logs/train/train.3.1.s0.worker.2.log" below the run folder's logs of the stage: a world of one
/// rank has no role and rank in it.
[[nodiscard]] std::string log_name(const TaskPlan& task, const WorldPlan& world, std::size_t slot);
/// "tasks/<name>/<attempt>/<step>.<start>/<role>.<rank>", made when something is put into it.
[[nodiscard]] std::string rank_dir(const TaskPlan& task, const WorldPlan& world, std::size_t slot);
/// "rank worker.1 on n2"; "rank 3 on n1" in a step without a plugin.
[[nodiscard]] std::string rank_title(const WorldPlan& world, std::size_t slot);

}  // namespace foz::agent
