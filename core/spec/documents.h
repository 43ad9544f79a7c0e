/// What is written from the table of keys for people and their editors. Checked in, and held fresh
/// by a test: `golden_spec --bless` writes both again.
#pragma once

#include <string>

namespace foz::spec {

/// templates/schema/workflow.schema.json: JSON Schema (draft 7) of a workflow file.
[[nodiscard]] std::string workflow_schema();

/// docs/reference/workflow.md: every key and every reference.
[[nodiscard]] std::string workflow_reference();

}  // namespace foz::spec
