/// A plugin as it is pinned with a run: what the agent loads inside the job. No YAML here.
///
///   plugin.json := {"contract":1,"name":NAME,...}    templates: plugin.yaml's (template_form.h)
///                | {"contract":1,"builtin":NAME}     compiled in (builtin.h)
///                | {"contract":1,"program":FILE}     an executable beside it (program_form.h)
#pragma once

#include <memory>

#include "core/base/fd.h"
#include "core/base/result.h"
#include "plugins/api/api.h"

namespace foz::plugin {

/// From `folder`/plugin.json; a folder without one but with an executable `plugin` is a program
/// too. Code::not_found, or Code::invalid naming the file, the member, and what was found and
/// wanted.
[[nodiscard]] Result<std::unique_ptr<Plugin>> load_pinned(const fs::path& folder);

/// The plugin of one plugin.json.
[[nodiscard]] Result<std::unique_ptr<Plugin>> load_json(const fs::path& file);

}  // namespace foz::plugin
