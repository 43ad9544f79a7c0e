/// From a plugin's launch to the exact command of every rank: the rank-level references filled,
/// nothing started. Pure, the same for the node agent and for `foz plugin try`. It knows no
/// framework; what a reference means:
///
///   rank, world_size, role, role_rank, role_size, local_rank, local_size    of this rank
///   attempt, start, nonce, task_dir, plugin_dir, checkpoint.path            of the request
///   rank_dir                    this rank's own folder
///   port.NAME                   this rank's own port
///   hosts                       names of all nodes, comma-separated: as Slurm knows them, so each
///                               is another one, even where several stand on one host
///   addresses                   how to reach them, comma-separated
///   hostfile                    path of a file with one name a line, in rank_dir
///   node.index|name|address|switch|cpus|memory_mib|gpus|scratch
///                               of this rank's node (gpus comma-separated)
///   endpoints.ROLE.PORT         host:port of every rank of ROLE in role_rank order,
///                               comma-separated
///   endpoints.ROLE.PORT.N       that of role_rank N alone
///   endpoints_json.ROLE.PORT    the same list as JSON
///
/// What a reference names is there: hostfile is a file of the command, rank_dir and task_dir are
/// folders of it, wherever in the command they were named.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// What one rank is started with: final bytes, no template left.
struct RankCommand {
  std::vector<std::string> argv;
  Variables own_env;                 ///< the caller's, to be set before `unset` is carried out
  Variables env;                     ///< set after that; the last of a name wins
  std::vector<std::string> unset;    ///< names, or prefixes ending in '*'
  std::vector<std::string> folders;  ///< named by a reference: to be there before it starts
  std::vector<File> files;           ///< paths absolute
  std::vector<std::string> after;    ///< roles that must be ready first
  std::optional<Readiness> ready;    ///< file and line filled
  std::optional<Proof> proof;        ///< file absolute
};

/// Made once for a launch, asked for each rank. Holds the endpoint lists, so that a world of N
/// ranks costs one list and not N. Both arguments must outlive it.
class Expander {
 public:
  Expander(const Launch& launch, const LaunchRequest& request);

  /// The command of `request.ranks[slot]`; `own_env` are the caller's own templates (a stage's
  /// `env:`). Code::not_found where the launch says nothing of its role or a reference is not known
  /// here; Code::invalid for a malformed template, an empty argv, a name that no environment can
  /// hold, or a NUL byte.
  [[nodiscard]] Result<RankCommand> expand(std::size_t slot, std::string_view rank_dir,
                                           const Variables& own_env = {}) const;

 private:
  class Rank;
  [[nodiscard]] std::optional<std::string> find_value(std::size_t slot, std::string_view rank_dir,
                                                      std::string_view path) const;
  using Endpoints = std::vector<std::string>;
  [[nodiscard]] std::optional<std::string> find_endpoint(std::string_view path) const;

  const Launch& launch_;
  const LaunchRequest& request_;
  /// "ROLE.PORT" -> host:port by role_rank.
  std::map<std::string, Endpoints, std::less<>> endpoints_;
  std::map<std::string, std::string, std::less<>> joined_;   ///< the same, comma-separated
  std::map<std::string, std::string, std::less<>> as_json_;  ///< the same, as a JSON list
  std::map<std::string, std::uint32_t, std::less<>> role_size_;
  std::map<std::pair<std::string, std::uint32_t>, std::uint32_t> local_size_;  ///< by role and node
  std::string hosts_;
  std::string addresses_;
};

/// Whether a launch fits the world it is for, once for all ranks: Code::invalid for a role that the
/// shape has not or that stands twice, in `roles`, `after`, `ready` or `ends_with`; for roles that
/// wait for each other; for a port nobody has.
[[nodiscard]] Result<void> check_launch(const Launch& launch, const LaunchRequest& request);

/// True for the references of the table above (their form; whether the role and the port exist is
/// seen when they are filled).
[[nodiscard]] bool is_rank_reference(std::string_view path);

}  // namespace foz::plugin
