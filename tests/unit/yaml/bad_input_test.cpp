/// The test that all cases of bad_*_test.cpp go through.
#include "tests/unit/yaml/bad_input.h"

namespace foz::yaml {
namespace {

TEST_P(BadYaml, IsAnsweredInFull) {
  Diagnostics diagnostics;
  (void)read_yaml(GetParam().text, "f.yaml", diagnostics);
  EXPECT_EQ(diagnostics.render(), GetParam().rendered);
  EXPECT_TRUE(diagnostics.has_errors());
}

}  // namespace
}  // namespace foz::yaml
