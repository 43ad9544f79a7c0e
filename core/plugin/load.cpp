#include "core/plugin/load.h"

#include <fmt/format.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/plugin/builtin.h"
#include "core/plugin/decode.h"
#include "core/plugin/program_form.h"
#include "core/plugin/template_form.h"
#include "core/plugin/value_json.h"

namespace foz::plugin {

namespace {

using Made = Result<std::unique_ptr<Plugin>>;

tl::unexpected<Error> refuse(const fs::path& file, std::string_view what) {
  return fail(Code::invalid, fmt::format("plugin file '{}': {}", printable(file.string()), what));
}

/// The contract number and the member that says which form it is.
struct Head {
  std::string builtin, program;
};

Result<Head> read_head(const fs::path& file, const Value& tree) {
  Faults faults;
  Head head;
  {
    Reader reader(tree, {}, Stage::filled, faults);
    check_contract(reader);
    head = {reader.text("builtin"), reader.text("program")};
  }
  if (!faults.errors.empty()) return refuse(file, first_of(faults));
  return head;
}

Made make_builtin(const fs::path& file, const std::string& name) {
  for (const Builtin& builtin : builtins()) {
    if (builtin.name == name) return builtin.make();
  }
  return refuse(file, fmt::format("this foz has no builtin '{}'", printable(name)));
}

Made start_program(const fs::path& file, const std::string& program) {
  if (program.find('/') != program.npos || program.starts_with('.')) {
    return refuse(file, fmt::format("program must be a file beside it, got {}", quoted(program)));
  }
  return start_program_plugin(file.parent_path() / program);
}

Made make_template(const fs::path& file, Value tree) {
  const Faults faults = check_template(tree);
  if (!faults.errors.empty()) return refuse(file, first_of(faults));
  return make_template_plugin(std::move(tree));
}

}  // namespace

Result<std::unique_ptr<Plugin>> load_json(const fs::path& file) {
  FOZ_TRY(const std::string text, read_file(file));
  auto tree = value_from_json(text);
  if (!tree) return refuse(file, tree.error().message);
  FOZ_TRY(const Head head, read_head(file, *tree));
  if (!head.builtin.empty()) return make_builtin(file, head.builtin);
  if (!head.program.empty()) return start_program(file, head.program);
  return make_template(file, std::move(*tree));
}

Result<std::unique_ptr<Plugin>> load_pinned(const fs::path& folder) {
  const fs::path file = folder / "plugin.json";
  const fs::path program = folder / "plugin";
  std::error_code ignored;
  if (!fs::exists(file, ignored) && ::access(program.c_str(), X_OK) == 0) {
    return start_program_plugin(fs::absolute(program));
  }
  return load_json(fs::absolute(file));
}

}  // namespace foz::plugin
