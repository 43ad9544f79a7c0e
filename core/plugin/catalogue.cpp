#include "core/plugin/catalogue.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.h"
#include "core/plugin/builtin.h"
#include "core/plugin/words.h"

namespace foz::plugin {

namespace {

std::string form_name(const Loaded& loaded) {
  const auto is_it = [&](const Builtin& builtin) { return builtin.name == loaded.name; };
  if (loaded.form == Form::yaml) return "yaml";
  if (loaded.form == Form::program) return "program";
  return std::any_of(builtins().begin(), builtins().end(), is_it) ? "builtin" : "json";
}

std::string default_of(const Field& field) {
  if (field.required) return "required";
  if (!field.fallback) return "";
  if (const auto* text = field.fallback->as_text()) return "default " + *text;
  return "default empty";
}

std::string describe_field(const Field& field) {
  std::string out = fmt::format("  {:<15} {:<9} {}", field.name,
                                k_field_types[static_cast<std::size_t>(field.type)], field.help);
  if (const std::string standing = default_of(field); !standing.empty()) {
    out += fmt::format(" ({})", standing);
  }
  if (!field.choices.empty()) out += "; one of " + join(field.choices, ", ");
  if (!field.not_yet.empty()) out += "; not yet: " + join(field.not_yet, ", ");
  return printable(out) + "\n";
}

}  // namespace

std::vector<Listed> list_plugins(Registry& registry) {
  std::vector<Listed> out;
  for (const std::string& name : registry.names()) {
    const auto found = registry.find(name);
    if (!found) {
      out.push_back({name, "", "", "", found.error().message});
      continue;
    }
    const Loaded& loaded = **found;
    out.push_back(
        {name, form_name(loaded), loaded.description.summary, loaded.folder().string(), ""});
  }
  return out;
}

std::string render_text(const std::vector<Listed>& plugins) {
  std::size_t width = 0;
  for (const Listed& plugin : plugins) width = std::max(width, plugin.name.size());
  std::string out;
  for (const Listed& plugin : plugins) {
    if (plugin.error.empty()) {
      out += printable(
          fmt::format("{:<{}}  {:<8} {}", plugin.name, width, plugin.form, plugin.summary));
    } else {
      out += printable(fmt::format("{:<{}}  unusable {}", plugin.name, width, plugin.error));
    }
    out += "\n";
  }
  return out;
}

std::string render_text(const Loaded& loaded) {
  const Description& description = loaded.description;
  std::string out = printable(fmt::format("{}: {}", loaded.name, description.summary)) + "\n";
  out += printable(fmt::format("{}, from {}", form_name(loaded), loaded.file.string())) +
         "\n\nwith:\n";
  for (const Field& field : description.fields) out += describe_field(field);
  out += "\nwhen a rank fails, the others are ended and the task has failed\n";
  for (const auto& [code, meaning] : description.exit_codes) {
    out += fmt::format("exit code {}: {}\n", code, printable(meaning));
  }
  for (const LastWords& words : description.last_words) {
    out += fmt::format("{} in the last lines: {}, {}\n", quoted(words.contains),
                       words.failure_class, printable(words.sentence));
  }
  return out;
}

}  // namespace foz::plugin
