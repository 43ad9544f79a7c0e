/// Slurm as values: what is asked, what is answered, in Slurm's own words. No effects, no JSON, no
/// commands here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/ids.h"
#include "core/base/spawn.h"
#include "core/base/units.h"

namespace foz::slurm {

/// State of a job or array task. `unknown` is a word that this foz does not know: neither failure
/// nor success.
enum class State {
  pending,
  configuring,
  running,
  suspended,
  completing,
  stopped,
  signaling,
  stage_out,
  resizing,
  requeued,
  requeue_hold,
  special_exit,
  resv_del_hold,
  completed,
  failed,
  cancelled,
  timeout,
  node_fail,
  preempted,
  out_of_memory,
  boot_fail,
  deadline,
  launch_failed,
  revoked,
  unknown,
};

/// Reads "CANCELLED by 1000", "PD", "COMPLETING", "RUNNING": long or short form; the actor is left
/// aside.
[[nodiscard]] State parse_state(std::string_view word);
[[nodiscard]] std::string_view state_name(State state);
/// Will this job change by itself no more? Unknown words are not final, nor is `revoked`: another
/// cluster of a federation has the job.
[[nodiscard]] bool is_final(State state);

/// A reading of squeue's, scontrol's or sacct's time limit: absent, unlimited, the partition's own,
/// or a duration.
struct TimeLimit {
  enum class Kind { absent, unlimited, partition, value } kind = Kind::absent;
  Seconds value{0};
  bool operator==(const TimeLimit&) const = default;
};
/// "90" (minutes), "05:30" (m:s), "1:02:03", "2-03", "1-3:5", "1-12:00:00", "UNLIMITED",
/// "infinite", "NOT_SET", "Partition_Limit", "N/A", "". nullopt: none of these.
[[nodiscard]] std::optional<TimeLimit> parse_time_limit(std::string_view text);

struct Memory {
  enum class Kind { unset, per_node, per_cpu, per_gpu, all } kind = Kind::unset;
  std::uint64_t mebibytes = 0;
  bool operator==(const Memory&) const = default;
};

enum class Hold { no, yes };
/// keeps_job: --no-kill, the job goes on with the nodes that are left.
enum class NodeLoss { ends_job, keeps_job };

/// One batch submission: a single job, or one array. Options that foz sets are members; the rest of
/// the user's goes verbatim into extra_args.
struct SubmitRequest {
  std::string name;  ///< made safe; carries run id and nonce (see core/run)
  std::string comment;
  std::string script;  ///< path of the batch script
  std::vector<std::string> script_args;
  std::string workdir;
  std::string output;  ///< path with Slurm's % patterns
  Hold hold = Hold::no;
  NodeLoss node_loss = NodeLoss::ends_job;
  std::string array;       ///< "0-99%10"; empty: no array
  std::string dependency;  ///< "afterok:12:13,afterany:14"; empty: none
  std::uint32_t nodes_min = 1, nodes_max = 1;
  std::uint32_t tasks_per_node = 1;
  std::uint32_t cpus_per_task = 1;
  Memory memory;
  std::string gres;  ///< per node, Slurm's spelling: "gpu:a100:4"; empty: none
  bool exclusive = false;
  std::optional<Seconds> time_limit;
  std::optional<std::uint32_t> switches;
  std::optional<bool> hyperthreads;  ///< false: --hint=nomultithread
  std::string partition, qos, account, reservation, constraint, nodelist, exclude, licenses, begin;
  std::optional<std::int32_t> nice;
  std::string mail_type, mail_user;
  std::uint64_t tmp_mib = 0;
  std::vector<std::string> extra_args;  ///< verbatim sbatch options
  Environment environment;  ///< of the submission, becomes the job's: already cleaned of an outer
                            ///< job's variables
};

struct Submission {
  JobId id;
  std::string cluster;             ///< empty: the default one
  std::vector<std::string> notes;  ///< what the site printed beside the id
};

/// A job, or some elements of an array: "12", "12_3", "12_[0-9]".
struct JobSelector {
  JobId id;
  std::string elements;  ///< empty: the whole job; else an index list "0-9,12"
};

/// One row of the queue: a job, an array task that has a record of its own, or the pending rest of
/// an array.
///
/// Tasks of an array that are cancelled before they were split off have no row afterwards. Only
/// where all that were left are cancelled at once there is one: with the array's id, and like a
/// single job's, without array_id and indices.
struct JobRow {
  JobId id;                         ///< raw id; a pending rest has the array's, and its last task
  JobId array_id;                   ///< 0: no array
  std::optional<ArrayIndex> index;  ///< a single array task
  /// "3-16,20", "0-998:2": elements not yet split off (then `index` is empty); expand_indices() of
  /// indices.h reads it.
  std::string pending_indices;
  State state = State::unknown;
  std::string state_text;  ///< as Slurm said it
  std::string reason;
  std::string name;
  std::string comment;
  std::string nodes;  ///< host list
  std::string partition;
  UnixMillis submit_time = 0, start_time = 0, end_time = 0;  ///< 0: not known
  int restarts = 0;
  std::string dependency;
};

/// One accounting row of a job or array task (steps are folded away).
struct AccountingRow {
  JobId id;  ///< raw id
  JobId array_id;
  std::optional<ArrayIndex> index;
  std::string pending_indices;  ///< elements that never ran, in one row
  State state = State::unknown;
  std::string state_text;
  std::string name;
  int exit_code = 0, exit_signal = 0;
  UnixMillis submit_time = 0, start_time = 0, end_time = 0;
  std::string nodes;
  std::string reason;
};

/// One kind of GRES of a node: "gpu:a100:4(S:0-1)" -> {"gpu","a100",4}.
struct Gres {
  std::string name, type;
  std::uint64_t count = 0;
  bool operator==(const Gres&) const = default;
};
/// All GRES of "gpu:l4:4(S:1,3),ssd:1"; "(null)", "N/A" and "" are none. Brackets hold commas.
/// Forms of requests ("gres:gpu:a40", "gres/gpu:l4=2") are read too; a name or type without a count
/// means one.
[[nodiscard]] std::vector<Gres> parse_gres(std::string_view text);
/// GPUs in a TRES line: "cpu=192,gres/gpu=16,gres/gpu:b200=4" has 16, of which 4 are named: the two
/// are never added.
[[nodiscard]] std::uint64_t count_gpus_of_tres(std::string_view tres);

struct PartitionFacts {
  std::string name;
  bool is_default = false;
  bool is_up = true;
  TimeLimit max_time;
  std::optional<std::uint32_t> max_nodes;  ///< nullopt: unlimited
  std::uint32_t total_nodes = 0;
  std::string nodes;  ///< host list
};

/// A group of equal nodes.
struct NodeShape {
  std::string partition;
  std::uint32_t count = 0;
  std::uint32_t cpus = 0;
  std::uint64_t memory_mib = 0;
  std::vector<Gres> gres;
};

struct ClusterFacts {
  std::string name;
  std::string version;                  ///< "22.05.8"
  std::uint32_t max_array_size = 1001;  ///< indices 0 .. this-1; 0: arrays are off
  std::uint32_t max_job_count = 10'000;
  std::uint32_t kill_wait_s = 30;
  bool has_accounting = false;
  std::vector<PartitionFacts> partitions;
  std::vector<NodeShape> shapes;
  /// Why `partitions` and `shapes` are empty though the cluster has nodes (the site forbids
  /// sinfo); empty: they are known.
  std::string nodes_unknown;
};

}  // namespace foz::slurm
