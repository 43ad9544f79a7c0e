/// The YAML library's complaints in foz's words: where, what, and what to do about it. The library
/// says what its grammar missed; a user needs to hear what is wrong with the line.
#pragma once

#include <yaml-cpp/exceptions.h>

#include "core/base/diagnostic.h"
#include "core/yaml/builder.h"
#include "core/yaml/source.h"

namespace foz::yaml {

/// One error for what the library threw after `builder` had seen its last event.
void explain(const YAML::Exception& problem, const Source& source, const Builder& builder,
             Diagnostics& diagnostics);

/// One error for a scalar or a list in brackets that does not end within k_max_stretch.
void explain_long_stretch(const Source& source, const Builder& builder, Diagnostics& diagnostics);

}  // namespace foz::yaml
