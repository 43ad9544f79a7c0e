#include <cstddef>
#include <cstdint>

#include "tests/fuzz/workflow_target.h"

// NOLINTNEXTLINE(readability-identifier-naming): the fuzzer's own name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  foz::spec::try_workflow({reinterpret_cast<const char*>(data), size});
  return 0;
}
