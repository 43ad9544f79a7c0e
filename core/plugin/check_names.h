/// Whether the roles and ports that a template's launch names are in its shape: said at the line of
/// the file, before anything is filled. What is itself a template is not known yet and passes;
/// check_launch() (expand.h) looks at the answer.
#pragma once

#include "core/plugin/reader.h"
#include "plugins/api/value.h"

namespace foz::plugin {

void check_names(const Value& shape, const Value& launch, Faults& faults);

}  // namespace foz::plugin
