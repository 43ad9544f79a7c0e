/// The gate: may this task start, as its parents' own records say? Slurm's dependency says only
/// when (and lifts one on a failed job that it has forgotten).
///
///   each             outcome/<parent>/<index>.json, else the journal: this element succeeded
///   success          every element of the parent succeeded
///   finished         nothing: Slurm has waited for the end, however it was
///   percent          that share of the elements succeeded
///
/// What a join needs of its parents is read once and kept as gates/<stage>.json, so that its
/// siblings do not read the journal again:
///
///   gate := {"foz_gate":1,"open":true} | {"foz_gate":1,"open":false,"sentence":TEXT}
///
/// Manifests that the stage refers to are written before it. A record that is missing is looked for
/// again within a bounded wait, as a shared filesystem may hide it for a while.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/agent/loop.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/journal/journal.h"
#include "core/journal/run_folder.h"
#include "core/task/stage.h"

namespace foz::agent {

/// How one element ended, from the record of its newest attempt.
struct ElementEnd {
  std::string state;  ///< "succeeded", "failed", "cancelled", "dependency_failed"
  std::string cls;
  std::string sentence;
  std::uint32_t attempt = 0;
};
using StageEnds = std::map<std::uint64_t, ElementEnd>;
/// Ends of every element of the named stages. Later attempts win; of one attempt, the keeper's
/// word.
[[nodiscard]] std::map<std::string, StageEnds> collect_ends(
    const std::vector<journal::Record>& records, const std::vector<task::Parent>& parents);

/// Open: nullopt. Closed: why; `may_open` when only records are missing, so that looking again
/// helps.
struct Closed {
  std::string sentence;
  bool may_open = false;
};
[[nodiscard]] std::optional<Closed> judge_join(const task::Parent& parent, const StageEnds& ends);
[[nodiscard]] std::optional<Closed> judge_element(const task::Parent& parent, TaskIndex index,
                                                  const std::optional<ElementEnd>& end);

/// gates/<stage>.json (gate_json.cpp). The sentence is empty when it is open.
[[nodiscard]] std::string gate_to_json(const std::string& sentence);
[[nodiscard]] Result<std::string> gate_from_json(std::string_view text);

class Gate {
 public:
  struct Context {
    const task::StageTasks& stage;
    TaskIndex index;
    const journal::RunFolder& folder;
  };
  /// Empty: open.
  using Done = std::function<void(Result<std::string> sentence)>;

  Gate(Loop& loop, Context context) : loop_(loop), context_(context) {}

  /// `done` may be called before this returns.
  void ask(Done done);

 private:
  void look();
  [[nodiscard]] Result<std::optional<Closed>> judge();
  [[nodiscard]] Result<std::optional<Closed>> judge_each();
  [[nodiscard]] Result<std::optional<Closed>> judge_joins();
  [[nodiscard]] bool misses_ends(const std::map<std::string, StageEnds>& ends) const;
  [[nodiscard]] std::optional<std::string> read_kept() const;
  [[nodiscard]] std::optional<ElementEnd> read_outcome(const std::string& stage) const;
  [[nodiscard]] Result<const std::map<std::string, StageEnds>*> read_journal();
  [[nodiscard]] Result<void> write_manifests();
  [[nodiscard]] Result<void> keep(const std::string& sentence) const;

  Loop& loop_;
  Context context_;
  Done done_;
  std::optional<std::map<std::string, StageEnds>> ends_;  ///< of this look
  std::chrono::steady_clock::time_point until_;
  std::chrono::milliseconds interval_{50};
  Loop::Handle next_;
};

}  // namespace foz::agent
