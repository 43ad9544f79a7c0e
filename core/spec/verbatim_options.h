/// Slurm's options as a table: what each takes, and what becomes of it when a user writes it.
/// Options that are not here (newer releases) are let through in the form `--name=value`.
#pragma once

#include <span>
#include <string_view>

#include "core/spec/verbatim.h"

namespace foz::spec {

enum class Argument { none, optional, required };

struct SlurmOption {
  std::string_view name;
  char letter;  ///< 0: no short form
  Argument argument;
  /// "": let through; "=key": has this key; else why foz sets it: "foz sets it: ..."
  std::string_view fate;
};

[[nodiscard]] std::span<const SlurmOption> options_of(Program program);

}  // namespace foz::spec
