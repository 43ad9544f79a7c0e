#include "core/spec/documents.h"

#include <gtest/gtest.h>

#include "core/spec/keys.h"
#include "core/spec/references.h"

namespace foz::spec {
namespace {

TEST(Documents, HoldEveryKey) {
  const std::string schema = workflow_schema();
  const std::string page = workflow_reference();
  for (const Key& key : all_keys()) {
    EXPECT_NE(schema.find('"' + std::string(key.name) + "\": {"), std::string::npos) << key.name;
    EXPECT_NE(page.find("| `" + std::string(key.name) + "` |"), std::string::npos) << key.name;
  }
}

TEST(Documents, HoldEveryReference) {
  const std::string page = workflow_reference();
  for (const ReferenceKind& kind : all_references()) {
    EXPECT_NE(page.find("| `" + std::string(kind.pattern) + "` |"), std::string::npos)
        << kind.pattern;
  }
}

}  // namespace
}  // namespace foz::spec
