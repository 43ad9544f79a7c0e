/// A plugin whose answers are written down as templates: plugin.yaml, or its pinned JSON. Pure; the
/// reading of YAML is yaml_form's business.
///
/// The tree is describe's answer with three more members: `shape` and `launch`, those answers as
/// templates (fill.h), and nothing else. In `shape` may stand with.* and resources.*, in `launch`
/// with.* and the rank-level references (expand.h). An `error` that is there after filling is the
/// refusal.
#pragma once

#include <memory>

#include "core/plugin/reader.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// Everything that can be seen to be wrong before a question is asked: members, references to what
/// does not exist, and to a `with` key that may be absent and has no `if` around.
[[nodiscard]] Faults check_template(const Value& tree);

/// `tree` must have passed check_template() without errors.
[[nodiscard]] std::unique_ptr<Plugin> make_template_plugin(Value tree);

}  // namespace foz::plugin
