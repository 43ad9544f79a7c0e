/// What the tests of the reader share: reading a text, and its messages without places.
#pragma once

#include <string>
#include <vector>

#include "core/spec/workflow.h"

namespace foz::spec {

struct Outcome {
  std::optional<Workflow> workflow;
  std::vector<std::string> messages;  ///< "error: ..." and "warning: ...", in their order
  std::string rendered;
};

inline Outcome read(const std::string& text, ReadOptions options = {}) {
  Diagnostics diagnostics;
  Outcome outcome;
  outcome.workflow = read_workflow(text, "w.yaml", options, diagnostics);
  for (const Diagnostic& one : diagnostics.all()) {
    outcome.messages.push_back((one.severity == Severity::error ? "error: " : "warning: ") +
                               one.message);
  }
  outcome.rendered = diagnostics.render();
  return outcome;
}

/// A file of these stages.
inline std::string with_stages(const std::string& stages) {
  return "foz: 1\nname: test\nstages:\n" + stages;
}

}  // namespace foz::spec
