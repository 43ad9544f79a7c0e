/// The reader under any bytes: what must hold whatever they are. Used by the fuzzer and by the test
/// that runs the corpus.
#pragma once

#include <string_view>

namespace foz::spec {

/// Reads `bytes` as a workflow, looks at everything that comes of it, and aborts where a promise is
/// broken.
void try_workflow(std::string_view bytes);

}  // namespace foz::spec
