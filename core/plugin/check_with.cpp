#include "core/plugin/check_with.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/base/text.h"
#include "core/base/units.h"
#include "core/plugin/fill.h"
#include "core/plugin/reader.h"

namespace foz::plugin {

namespace {

struct Mistake {
  std::string message;  ///< reads behind the key
  std::string hint;
};
using MaybeMistake = std::optional<Mistake>;

bool is_of(FieldType type, const std::string& text) {
  switch (type) {
    case FieldType::integer:
      return parse_integer(text).has_value();
    case FieldType::number:
      return parse_number(text).has_value();
    case FieldType::boolean:
      return text == "true" || text == "false";
    case FieldType::duration:
      return parse_duration(text).has_value();
    case FieldType::bytes:
      return parse_bytes(text).has_value();
    default:
      return true;
  }
}

std::string_view wanted(FieldType type) {
  switch (type) {
    case FieldType::integer:
      return "an integer";
    case FieldType::number:
      return "a number";
    case FieldType::boolean:
      return "true or false";
    case FieldType::duration:
      return "a duration like \"30m\"";
    case FieldType::bytes:
      return "a size like \"4GiB\"";
    case FieldType::list:
      return "a list";
    case FieldType::map:
      return "a mapping";
    case FieldType::path:
      return "a path";
    default:
      return "a text";
  }
}

MaybeMistake wrong_type(const Field& field, const Value& value) {
  return Mistake{fmt::format("must be {}, got {}", wanted(field.type), describe(value)), {}};
}

/// Items of lists and members of maps are texts.
MaybeMistake find_inner_mistake(const Value& value) {
  const auto not_text = [](const Value& item) { return item.as_text() == nullptr; };
  if (const auto* list = value.as_list()) {
    if (std::none_of(list->begin(), list->end(), not_text)) return std::nullopt;
    return Mistake{"must hold texts only, got " +
                       describe(*std::find_if(list->begin(), list->end(), not_text)),
                   {}};
  }
  for (const auto& [key, member] : *value.as_map()) {
    if (not_text(member)) {
      return Mistake{
          fmt::format("must hold texts only, got {} for '{}'", describe(member), printable(key)),
          {}};
    }
  }
  return std::nullopt;
}

MaybeMistake find_choice_mistake(const Field& field, const std::string& text) {
  const auto holds = [&](const std::vector<std::string>& texts) {
    return std::find(texts.begin(), texts.end(), text) != texts.end();
  };
  if (holds(field.not_yet)) return Mistake{fmt::format("cannot be '{}' yet", text), {}};
  if (field.choices.empty() || holds(field.choices)) return std::nullopt;
  return Mistake{fmt::format("must be one of {}, got {}", join(field.choices, ", "), quoted(text)),
                 suggest(text, field.choices)};
}

MaybeMistake find_mistake(const Field& field, const Value& value) {
  const bool wants_list = field.type == FieldType::list;
  const bool wants_map = field.type == FieldType::map;
  if (wants_list != (value.as_list() != nullptr) || wants_map != (value.as_map() != nullptr)) {
    return wrong_type(field, value);
  }
  const std::string* text = value.as_text();
  if (text == nullptr) return find_inner_mistake(value);
  if (is_open(value)) return std::nullopt;
  if (!is_of(field.type, *text)) return wrong_type(field, value);
  return find_choice_mistake(field, *text);
}

std::vector<std::string> names_of(const Description& description) {
  std::vector<std::string> names;
  for (const Field& field : description.fields) names.push_back(field.name);
  return names;
}

using Report = std::function<void(const std::string& key, std::string message, std::string hint)>;

/// Reports everything that is wrong; gives the block with its defaults.
Value check(const Description& description, const Value& with, const Report& report) {
  Value::Map out;
  for (const Field& field : description.fields) {
    const Value* value = with.find(field.name);
    if (value == nullptr && field.required) {
      report({}, fmt::format("'{}' is missing in 'with'", field.name), field.help);
    }
    if (value == nullptr && field.fallback) value = &*field.fallback;
    if (value == nullptr) continue;
    if (const auto mistake = find_mistake(field, *value)) {
      report(field.name, fmt::format("'{}' {}", field.name, mistake->message), mistake->hint);
    }
    out.emplace_back(field.name, *value);
  }
  return out;
}

void report_unknown(const Description& description, const Value& with, const Report& report) {
  const std::vector<std::string> names = names_of(description);
  const Value::Map* map = with.as_map();
  for (std::size_t i = 0; map != nullptr && i < map->size(); ++i) {
    const std::string& key = (*map)[i].first;
    if (std::find(names.begin(), names.end(), key) != names.end()) continue;
    report(key, fmt::format("plugin '{}' has no key '{}'", description.name, printable(key)),
           suggest(key, names, fmt::format("it knows {}", join(names, ", "))));
  }
}

}  // namespace

Value check_with(const Description& description, const Value& with,
                 const std::map<std::string, SourceRange>& where, const SourceRange& block,
                 Diagnostics& diagnostics) {
  const Report report = [&](const std::string& key, std::string message, std::string hint) {
    const auto place = where.find(key);
    diagnostics.error(place != where.end() ? place->second : block, std::move(message),
                      std::move(hint));
  };
  report_unknown(description, with, report);
  return check(description, with, report);
}

Result<void> check_filled(const Description& description, const Value& with) {
  std::optional<std::string> first;
  static_cast<void>(
      check(description, with, [&](const std::string&, std::string message, const std::string&) {
        if (!first) first = std::move(message);
      }));
  if (first) return fail(Code::invalid, *first);
  return {};
}

Value map_texts(const Value& value, const std::function<std::string(const std::string&)>& change) {
  if (const std::string* text = value.as_text()) return change(*text);
  if (const auto* list = value.as_list()) {
    Value::List out;
    for (const Value& item : *list) out.push_back(map_texts(item, change));
    return out;
  }
  Value::Map out;
  for (const auto& [key, member] : *value.as_map())
    out.emplace_back(key, map_texts(member, change));
  return out;
}

}  // namespace foz::plugin
