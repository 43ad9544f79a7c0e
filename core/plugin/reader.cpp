#include "core/plugin/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/diagnostic.h"
#include "core/base/text.h"
#include "core/plugin/fill.h"

namespace foz::plugin {

namespace {

const Value::Map& map_or_empty(const Value& value) {
  static const Value::Map empty;
  const Value::Map* map = value.as_map();
  return map != nullptr ? *map : empty;
}

std::string below(const std::string& path, std::string_view key) {
  if (key.empty()) return path;
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string number_wanted(std::uint64_t most) {
  return fmt::format("must be a whole number from 0 to {}", most);
}

}  // namespace

std::string describe(const Value& value) {
  if (value.as_list() != nullptr) return "a list";
  if (value.as_map() != nullptr) return "a map";
  return quoted(*value.as_text());
}

std::string first_of(const Faults& faults) {
  const Fault& first = faults.errors.front();
  std::string text = first.path.empty() ? first.message : first.path + " " + first.message;
  if (faults.errors.size() > 1) text += fmt::format(" (and {} more)", faults.errors.size() - 1);
  return text;
}

Reader::Reader(const Value& value, std::string path, Stage stage, Faults& faults)
    : map_(&map_or_empty(value)), path_(std::move(path)), stage_(stage), faults_(faults) {
  if (value.as_map() == nullptr) fault({}, "must be a map, got " + describe(value));
}

Reader::~Reader() {
  for (const auto& [key, value] : *map_) {
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
    faults_.unknown.push_back({path_of(key), "is not known here", suggest(key, asked_)});
  }
}

const Value* Reader::find(std::string_view key) {
  asked_.emplace_back(key);
  for (const auto& [name, value] : *map_) {
    if (name == key) return &value;
  }
  return nullptr;
}

bool Reader::has(std::string_view key) const {
  return std::any_of(map_->begin(), map_->end(),
                     [&](const auto& member) { return member.first == key; });
}

std::string Reader::path_of(std::string_view key) const {
  return below(path_, key);
}

void Reader::fault(std::string_view key, std::string message, std::string hint) {
  fault_at(path_of(key), std::move(message), std::move(hint));
}

void Reader::fault_at(std::string path, std::string message, std::string hint) {
  faults_.errors.push_back({std::move(path), std::move(message), std::move(hint)});
}

// ---- what stands here ---------------------------------------------------------------------------

void Reader::visit(const Value& value, const std::string& path, const Visit& visit_one) const {
  if (stage_ == Stage::filled || !is_choice(value)) return visit_one(value, path);
  for (const std::string_view branch : {k_then, k_else}) {
    const Value* chosen = value.find(branch);
    const Value::List* list = chosen != nullptr ? chosen->as_list() : nullptr;
    if (chosen == nullptr) continue;
    if (list == nullptr) visit(*chosen, below(path, branch), visit_one);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      visit((*list)[i], fmt::format("{}[{}]", below(path, branch), i), visit_one);
    }
  }
}

void Reader::visit_items(std::string_view key, const Visit& visit_one) {
  const Value* value = find(key);
  if (value == nullptr || (stage_ == Stage::open && is_open(*value))) return;
  const Value::List* list = value->as_list();
  if (list == nullptr) return fault(key, "must be a list, got " + describe(*value));
  for (std::size_t i = 0; i < list->size(); ++i) {
    visit((*list)[i], fmt::format("{}[{}]", path_of(key), i), visit_one);
  }
}

void Reader::items(std::string_view key, const Each& each) {
  visit_items(key, [&](const Value& value, const std::string& path) {
    Reader item(value, path, stage_, faults_);
    each(item);
  });
}

void Reader::members(std::string_view key,
                     const std::function<void(const std::string&, Reader&)>& each) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (value->as_map() == nullptr) return fault(key, "must be a map, got " + describe(*value));
  for (const auto& [name, member] : *value->as_map()) {
    Reader reader(member, below(path_of(key), name), stage_, faults_);
    each(name, reader);
  }
}

void Reader::member(std::string_view key, const Each& each) {
  const Value* value = find(key);
  if (value == nullptr) return;
  visit(*value, path_of(key), [&](const Value& one, const std::string& path) {
    Reader reader(one, path, stage_, faults_);
    each(reader);
  });
}

// ---- scalars ------------------------------------------------------------------------------------

std::string Reader::text_at(const Value& value, const std::string& path) {
  if (const std::string* text = value.as_text()) return *text;
  fault_at(path, "must be a text, got " + describe(value));
  return {};
}

const std::string* Reader::find_scalar(std::string_view key, std::string_view wanted) {
  const Value* value = find(key);
  if (value == nullptr || (stage_ == Stage::open && is_open(*value))) return nullptr;
  if (value->as_text() == nullptr) {
    fault(key, fmt::format("{}, got {}", wanted, describe(*value)));
  }
  return value->as_text();
}

std::string Reader::text(std::string_view key, std::string_view fallback) {
  const std::string* text = find_scalar(key, "must be a text");
  return text != nullptr ? *text : std::string(fallback);
}

std::string Reader::required_text(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return fault(key, "is missing"), std::string();
  if (stage_ == Stage::open && is_open(*value)) return {};
  std::string text = text_at(*value, path_of(key));
  if (text.empty() && value->as_text() != nullptr) fault(key, "must not be empty");
  return text;
}

std::uint64_t Reader::number(std::string_view key, std::uint64_t fallback, std::uint64_t most) {
  const std::string* text = find_scalar(key, number_wanted(most));
  if (text == nullptr) return fallback;
  const auto number = parse_integer(*text);
  if (number && *number >= 0 && static_cast<std::uint64_t>(*number) <= most) {
    return static_cast<std::uint64_t>(*number);
  }
  fault(key, fmt::format("{}, got {}", number_wanted(most), quoted(*text)));
  return fallback;
}

bool Reader::flag(std::string_view key, bool fallback) {
  const std::string* text = find_scalar(key, "must be true or false");
  if (text == nullptr) return fallback;
  if (*text != "true" && *text != "false") {
    fault(key, "must be true or false, got " + quoted(*text));
  }
  return *text == "true";
}

std::vector<std::string> Reader::texts(std::string_view key) {
  std::vector<std::string> out;
  visit_items(key, [&](const Value& value, const std::string& path) {
    out.push_back(text_at(value, path));
  });
  return out;
}

std::vector<std::pair<std::string, std::string>> Reader::pairs(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  const Value* value = find(key);
  if (value == nullptr || (stage_ == Stage::open && is_open(*value))) return out;
  if (value->as_map() == nullptr) fault(key, "must be a map, got " + describe(*value));
  for (const auto& entry : map_or_empty(*value)) {
    visit(entry.second, below(path_of(key), entry.first),
          [&](const Value& one, const std::string& path) {
            out.emplace_back(entry.first, text_at(one, path));
          });
  }
  return out;
}

std::size_t Reader::find_word(std::string_view key, std::vector<std::string_view> words,
                              std::size_t fallback) {
  const std::string wanted = fmt::format("must be one of {}", fmt::join(words, ", "));
  const std::string* text = find_scalar(key, wanted);
  if (text == nullptr) return fallback;
  const auto found = std::find(words.begin(), words.end(), *text);
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  fault(key, fmt::format("{}, got {}", wanted, quoted(*text)),
        suggest(*text, {words.begin(), words.end()}));
  return fallback;
}

}  // namespace foz::plugin
