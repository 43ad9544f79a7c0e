#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/slurm/types.h"

namespace foz::slurm {

namespace {

struct StateWord {
  State state;
  std::string_view name;
  std::string_view code;  ///< squeue's short form
};

/// In the order of `State`, so that state_name() is an index.
constexpr std::array<StateWord, 25> k_states = {{
    {State::pending, "PENDING", "PD"},
    {State::configuring, "CONFIGURING", "CF"},
    {State::running, "RUNNING", "R"},
    {State::suspended, "SUSPENDED", "S"},
    {State::completing, "COMPLETING", "CG"},
    {State::stopped, "STOPPED", "ST"},
    {State::signaling, "SIGNALING", "SI"},
    {State::stage_out, "STAGE_OUT", "SO"},
    {State::resizing, "RESIZING", "RS"},
    {State::requeued, "REQUEUED", "RQ"},
    {State::requeue_hold, "REQUEUE_HOLD", "RH"},
    {State::special_exit, "SPECIAL_EXIT", "SE"},
    {State::resv_del_hold, "RESV_DEL_HOLD", "RD"},
    {State::completed, "COMPLETED", "CD"},
    {State::failed, "FAILED", "F"},
    {State::cancelled, "CANCELLED", "CA"},
    {State::timeout, "TIMEOUT", "TO"},
    {State::node_fail, "NODE_FAIL", "NF"},
    {State::preempted, "PREEMPTED", "PR"},
    {State::out_of_memory, "OUT_OF_MEMORY", "OOM"},
    {State::boot_fail, "BOOT_FAIL", "BF"},
    {State::deadline, "DEADLINE", "DL"},
    {State::launch_failed, "LAUNCH_FAILED", "LF"},
    {State::revoked, "REVOKED", "RV"},
    {State::unknown, "UNKNOWN", "?"},
}};

/// Words that say the same as one above.
constexpr std::array<StateWord, 2> k_other_words = {{
    {State::requeued, "REQUEUE_FED", "RF"},
    {State::requeued, "REQUEUE", "RQ"},
}};

std::optional<State> find_state(const auto& table, std::string_view word) {
  const auto* const found = std::find_if(table.begin(), table.end(), [word](const auto& entry) {
    return entry.name == word || entry.code == word;
  });
  if (found == table.end()) return std::nullopt;
  return found->state;
}

}  // namespace

State parse_state(std::string_view text) {
  std::string_view word = split(trim(text), ' ', 2).front();
  if (word.ends_with('+')) word.remove_suffix(1);  // sacct marks a cut column so
  if (const auto state = find_state(k_states, word)) return *state;
  return find_state(k_other_words, word).value_or(State::unknown);
}

std::string_view state_name(State state) {
  return k_states.at(static_cast<std::size_t>(state)).name;
}

bool is_final(State state) {
  switch (state) {
    case State::completed:
    case State::failed:
    case State::cancelled:
    case State::timeout:
    case State::node_fail:
    case State::preempted:
    case State::out_of_memory:
    case State::boot_fail:
    case State::deadline:
    case State::launch_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace foz::slurm
