/// What users get wrong, and the whole of what foz answers: one case for each mistake, in the files
/// bad_*_test.cpp. A test instantiates BadYaml with its cases.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/yaml/tree.h"

namespace foz::yaml {

struct BadInput {
  std::string name;
  std::string text;
  std::string rendered;
};

inline void PrintTo(const BadInput& input, std::ostream* out) {
  *out << input.name;
}

class BadYaml : public testing::TestWithParam<BadInput> {};

/// Every message about the text, as a user sees it.
inline std::string messages_of(std::string_view text) {
  Diagnostics diagnostics;
  (void)read_yaml(text, "f.yaml", diagnostics);
  return diagnostics.render();
}

}  // namespace foz::yaml
