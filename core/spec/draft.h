/// A stage while the file is being checked: what was read, and what later checks need beside it.
/// Behind workflow.h.
#pragma once

#include <cstdint>
#include <vector>

#include "core/spec/templates.h"
#include "core/spec/workflow.h"

namespace foz::spec {

struct Draft {
  Stage stage;
  std::vector<StageText> texts;
  /// The key `matrix`, also where the matrix itself is wrong.
  std::optional<SourceRange> matrix_where;
  std::optional<SourceRange> array_where;  ///< the key `array`

  /// After the graph is checked: the stage's own matrix, or the one its `each` parent has. Null:
  /// one task, or not known after errors.
  const task::MatrixRule* matrix = nullptr;
  std::uint64_t tasks = 1;
  bool has_sound_steps = false;  ///< nothing is wrong in what it does
  bool is_sound = false;         ///< nothing is wrong in the stage's own mapping
  bool is_matrix_known = true;   ///< false after errors: nothing is said about matrix values then
};

/// Reads one stage. `entry` is merged with the defaults.
[[nodiscard]] Draft read_stage(yaml::Entry entry, Reading& reading);

}  // namespace foz::spec
