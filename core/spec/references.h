/// `${{ }}` in a workflow file: which references there are, where each may stand, and whether what
/// it names exists. One table, which the reference page is written from too.
#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/spec/graph.h"

namespace foz::spec {

/// When a reference's value is known.
enum class Known {
  planning,  ///< the same for the whole run, or for a task
  running    ///< in the job, for each rank
};

struct ReferenceKind {
  std::string_view pattern;  ///< "needs.STAGE.OUTPUT": parts in capitals stand for names
  Known known;
  std::string_view help;
};

[[nodiscard]] std::span<const ReferenceKind> all_references();

/// Names that references may take, beside those of the stages.
struct DeclaredNames {
  const std::vector<Param>& params;
  const std::optional<std::set<std::string>>& site;  ///< nullopt: not known, any may stand
};

/// Every reference of every stage; and how long the texts become with the values of the params.
void check_references(const std::vector<Draft>& drafts, const StageIndex& index,
                      const ParamValues& values, const DeclaredNames& names,
                      Diagnostics& diagnostics);

}  // namespace foz::spec
