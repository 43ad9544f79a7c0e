/// A workflow as text, one fact a line, for golden files. No positions: those are the business of
/// the bad files.
#pragma once

#include <string>

#include "core/spec/workflow.h"

namespace foz::spec {

[[nodiscard]] std::string dump(const Workflow& workflow);

}  // namespace foz::spec
