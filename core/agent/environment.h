/// From a job's environment to a rank's. Pure: bytes in, bytes out, never a shell. Slurm's own
/// words about the *step* that the agent runs in would be false in a rank (every rank of a node
/// would see the same SLURM_PROCID), so they are dropped; what it says of the *job* stays.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/ids.h"
#include "core/base/spawn.h"
#include "core/task/matrix.h"

namespace foz::agent {

/// Who the task is, for its FOZ_* variables.
struct TaskIdentity {
  std::string run_dir;
  std::string stage;
  std::string name;  ///< "train.3"
  TaskIndex index;
  Attempt attempt;
  task::MatrixValues values;
};

/// `job` without what is about a step, with those of foz's own variables that `setup` sees too
/// (core/task/variables.h).
[[nodiscard]] Environment task_environment(const Environment& job, const TaskIdentity& task);

using Variables = std::vector<std::pair<std::string, std::string>>;
/// Later ones win.
void set_variables(Environment& environment, const Variables& variables);
/// Names, or prefixes ending in '*'.
void unset_variables(Environment& environment, const std::vector<std::string>& names);
/// Only where there is none of that name.
void set_if_unset(Environment& environment, std::string_view name, std::string_view value);

/// Which of its node's GPUs a rank sees.
struct GpuShare {
  enum class View { all, none, part } view = View::all;
  std::uint32_t first = 0, count = 0;  ///< positions in the node's list, for `part`
  bool operator==(const GpuShare&) const = default;
};

/// GPU names of a node: those of the first of CUDA_VISIBLE_DEVICES, ROCR_VISIBLE_DEVICES,
/// HIP_VISIBLE_DEVICES, ZE_AFFINITY_MASK that is set. Names, never numbers; "" and "NoDevFiles" are
/// none.
[[nodiscard]] std::vector<std::string> find_gpus(const Environment& environment);
/// Narrows every GPU variable that is set to the share, by position; `none` hides all GPUs.
void narrow_gpus(Environment& environment, const GpuShare& share);

/// Positions for `rank` of `ranks` on a node with `gpus`: equal neighbouring parts, the first ranks
/// take the rest; more ranks than GPUs share one. One rank alone sees all.
[[nodiscard]] GpuShare share_gpus(std::uint32_t gpus, std::uint32_t rank, std::uint32_t ranks);

}  // namespace foz::agent
