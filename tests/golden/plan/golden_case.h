/// One golden case of planning: a workflow file, the circumstances that its own comments name, and
/// all that `foz plan` says of it.
///
///   # cluster: NAME      clusters/NAME.json, what the controller would answer; none: it was not
///   asked # site: NAME         sites/NAME.yaml; none: the shipped generic template # workflow:
///   PATH     plan that file, relative to this one, instead of this one # folder: PATH       where
///   the workflow is taken to lie; /home/ana/work where it is not said # param: NAME=VALUE  as
///   --param # env: NAME=VALUE    a variable of the shell that calls foz
#pragma once

#include <string>

#include "core/base/fd.h"

namespace foz::plan {

/// The warnings or errors, and of a plan: its text, JSON, three graphs and every batch script, each
/// under a title of its own.
[[nodiscard]] std::string outcome_of(const fs::path& file);

}  // namespace foz::plan
