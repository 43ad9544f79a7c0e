/// The contract between foz and a framework's plugin: four questions, each answered from its
/// arguments alone, so that every call can be replayed. The same contract in three forms: these
/// types (built in), YAML templates, and JSON lines to a program (README.md and
/// contract.schema.json beside this file). Standard library only.
///
/// | question | where asked       | when                                                     |
/// | -------- | ----------------- | -------------------------------------------------------- |
/// | describe | login node, job   | once                                                     |
/// | shape    | login node        | when planning, for each stage that uses the plugin       |
/// | launch   | inside the job    | at each start of the world, also within an attempt       |
/// | react    | inside the job    | at an event, only when describe says `reacts`            |
///
/// Strings marked *template* may hold ${{ }} references that the node agent fills for each rank:
/// rank, local_rank, world_size, role_rank, role_size, node.index, node.name, node.address,
/// node.cpus, node.memory_mib, node.gpus, node.scratch, hosts, addresses, attempt, rank_dir,
/// checkpoint.path, local_size, role, start, nonce, task_dir, plugin_dir, hostfile, node.switch,
/// port.NAME (the rank's own), endpoints.ROLE.PORT (comma-separated host:port list in rank order;
/// endpoints.ROLE.PORT.0 for one), endpoints_json.ROLE.PORT (the same as a JSON list). A value that
/// must not be read so goes through literal().
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plugins/api/value.h"

namespace foz::plugin {

/// Number of the contract. Unknown members are ignored; a plugin of another number is refused by
/// name.
inline constexpr int k_contract = 1;

// ---- describe -----------------------------------------------------------------------------------

/// A `path` is a file or folder that the step needs from its start, relative to the stage's folder;
/// one that is not there is warned of before anything is sent.
enum class FieldType { text, integer, number, boolean, duration, bytes, list, map, path };

/// One key of the plugin's `with:` block.
struct Field {
  std::string name;
  FieldType type = FieldType::text;
  bool required = false;
  std::optional<Value> fallback;     ///< the default
  std::vector<std::string> choices;  ///< allowed texts; empty: any
  std::vector<std::string> not_yet;  ///< texts that are known and not built: refused by that name
  std::string help;
};

enum class Restart { world, role, rank };  ///< what is started anew when a rank fails
enum class Terminate { shield, pass };     ///< whether SIGTERM from Slurm reaches ranks directly
enum class Spawner { agent, pmix };        ///< who starts the ranks

/// A text in a rank's last lines and what it means. First match wins.
struct LastWords {
  std::string contains;       ///< plain text, not a pattern
  std::string failure_class;  ///< a name of foz's failure classes: "oom", "communication",
                              ///< "user_error", "launch_failed" ...
  std::string sentence;       ///< what to tell the user
  bool bind_failure = false;  ///< a port was taken: start the world again with new ports, at the
                              ///< plugin's cost and not the user's
};

struct Description {
  int contract = k_contract;
  std::string name;
  std::string summary;  ///< one line
  std::vector<Field> fields;
  Spawner spawner = Spawner::agent;
  Restart restart = Restart::world;
  Terminate terminate = Terminate::shield;
  std::map<int, std::string> exit_codes;  ///< what they mean: 42 -> "checkpointed, start again"
  std::vector<LastWords> last_words;
  bool reacts = false;
};

// ---- shape --------------------------------------------------------------------------------------

/// What the stage asks of each node, after defaults. Zero: not asked.
struct StageResources {
  std::uint32_t nodes_min = 1, nodes_max = 1;
  std::uint32_t ranks_per_node = 0;
  std::uint32_t cpus_per_node = 0;
  std::uint32_t gpus_per_node = 0;
  std::uint64_t memory_per_node_mib = 0;
};

struct ShapeRequest {
  Value with;  ///< a map; templates unexpanded
  StageResources resources;
};

/// Every node, the first one, every node but the first (the first too if it is alone).
enum class Where { all, first, rest };

/// A part of the world: `per_node` ranks on each of its nodes, or `total` ranks spread in node
/// order.
struct Role {
  std::string name;
  Where where = Where::all;
  std::uint32_t per_node = 1;
  std::uint32_t total = 0;         ///< not 0: this many in all, instead of per_node
  std::uint32_t cpus = 0;          ///< for each rank; 0: an equal share
  bool sees_gpus = true;           ///< false: GPUs are hidden from its ranks
  std::vector<std::string> ports;  ///< named free ports wanted on the node of each rank
  /// Its ranks are numbered in rank and world_size; those of helpers (a Spark master) are not.
  bool counts_as_world = true;
};

struct Shape {
  std::vector<Role> roles;
  std::vector<std::string> warnings;
};

// ---- launch -------------------------------------------------------------------------------------

struct Node {
  std::string name;
  std::string address;      ///< how other nodes reach it
  std::string switch_path;  ///< "top.s1.n1"; empty when not known
  std::uint32_t cpus = 0;   ///< of this job
  std::uint64_t memory_mib = 0;
  std::vector<std::string> gpus;  ///< names as Slurm gave them: indices, UUIDs, MIG names; in order
  std::string scratch;            ///< node-local folder of this task
};

struct RankSlot {
  std::string role;
  std::uint32_t role_rank = 0;
  std::uint32_t rank = 0;  ///< within the world; for roles outside the world, equal to role_rank
  std::uint32_t node = 0;  ///< index into nodes
  std::uint32_t local_rank = 0;  ///< among ranks of its role on its node
  std::map<std::string, std::uint16_t> ports;
};

struct LaunchRequest {
  Value with;                 ///< templates; task-level references are already filled
  std::uint32_t attempt = 1;  ///< of the task, over requeues
  std::uint32_t start = 1;    ///< of the world within this attempt
  std::uint32_t world_size = 1;
  std::vector<Node> nodes;
  std::vector<RankSlot> ranks;
  std::string task_dir;    ///< on the shared filesystem, of this task and attempt, exists
  std::string plugin_dir;  ///< the plugin's own files as pinned with the run
  std::string checkpoint;  ///< newest complete checkpoint; empty: none
  std::string state;       ///< what the last answer returned
  std::string nonce;  ///< 32 hexadecimal digits from random bits, new at every start: what secrets
                      ///< are made of, so never shown or journalled
};

struct File {
  std::string path;     ///< *template*; relative to rank_dir
  std::string content;  ///< *template*
  unsigned mode = 0600;
};

/// How to see that a role is ready. Kind by the member that is set.
struct Readiness {
  std::string role;  ///< whose port is asked: empty: each rank's own; else the first rank of that
                     ///< role, once for all ranks
  std::string tcp_port;   ///< name of a port that must accept connections
  std::string http_port;  ///< name of a port whose `http_path` must answer 200
  std::string http_path = "/";
  std::vector<std::pair<std::string, std::string>>
      json_equals;   ///< top-level members of the JSON answer and their text, e.g.
                     ///< {"aliveworkers","2"}
  std::string file;  ///< *template*: exists
  std::string line;  ///< *template*: a line of output that contains this
  std::uint32_t timeout_s = 120;
};

/// How to see that the world really had the size asked for (a world of one that trains alone and
/// succeeds is a failure).
struct Proof {
  std::string file;    ///< *template*: after a good end of a rank, the first line of this file ...
  std::string equals;  ///< *template*: ... must be this
  std::string sentence;  ///< what to say when it is not
};

struct RoleLaunch {
  std::string role;
  std::vector<std::string> argv;                         ///< *templates*
  std::vector<std::pair<std::string, std::string>> env;  ///< name -> *template*
  std::vector<std::string> unset;                        ///< names, or prefixes ending in '*'
  std::vector<File> files;                               ///< written before the rank starts
  std::vector<std::string> after;                        ///< roles that must be ready first
  std::optional<Readiness> ready;                        ///< absent: ready when started
  std::optional<Proof> proof;
};

struct Launch {
  std::vector<RoleLaunch> roles;
  std::string ends_with;  ///< the role whose ranks' end is the step's end; empty: every role
  std::uint32_t stop_grace_s = 30;  ///< between TERM and KILL for the others
  std::string state;
};

// ---- react --------------------------------------------------------------------------------------

struct ReactRequest {
  std::string event;  ///< "rank_exited", "role_ready", "node_lost", "node_joined"
  std::string role;
  std::uint32_t role_rank = 0;
  int exit_code = 0;
  std::string state;
};

struct Reaction {
  std::string action;  ///< "", "restart_world", "restart_role", "restart_rank", "fail"
  std::string failure_class;
  std::string sentence;
  std::string state;
};

/// An answer, or why there is none (one sentence for the user).
template <class T>
using Answer = std::variant<T, std::string>;

/// What a built-in plugin implements, and what the host sees of the other two forms.
class Plugin {
 public:
  virtual ~Plugin() = default;
  [[nodiscard]] virtual Description describe() const = 0;
  [[nodiscard]] virtual Answer<Shape> shape(const ShapeRequest& request) const = 0;
  [[nodiscard]] virtual Answer<Launch> launch(const LaunchRequest& request) const = 0;
  [[nodiscard]] virtual Answer<Reaction> react(const ReactRequest&) const { return Reaction{}; }
};

/// A plugin that is compiled in. Its folder holds a plugin.json that says
/// {"contract":1,"builtin":NAME}, beside the files it needs.
struct Builtin {
  std::string name;
  std::unique_ptr<Plugin> (*make)() = nullptr;
};

}  // namespace foz::plugin
