#include "core/plugin/fill.h"

#include <fmt/format.h>

#include "core/base/text.h"
#include "core/task/template.h"

namespace foz::plugin {

namespace {

constexpr std::string_view k_open = "${{";
constexpr std::string_view k_close = "}}";

std::string below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

/// The path of a text that is one reference and nothing else.
std::optional<std::string> whole_reference(std::string_view text) {
  if (!text.starts_with(k_open) || text.find(k_close) != text.size() - k_close.size()) return {};
  const auto references = task::find_references(text);
  if (!references || references->size() != 1) return {};
  return references->front().path;
}

bool is_true(const Meaning& meaning) {
  if (meaning.kind != Meaning::Kind::given) return false;
  if (const auto* list = meaning.value.as_list()) return !list->empty();
  if (const auto* map = meaning.value.as_map()) return !map->empty();
  const std::string& text = *meaning.value.as_text();
  return !text.empty() && text != "false" && text != "0";
}

/// A template put into another: a `$` at its end must not run into what follows.
std::string insertable(const std::string& text) {
  if (!text.ends_with('$')) return text;
  return text.substr(0, text.size() - 1) + "${{ dollar }}";
}

/// Fills one tree. A nullopt is "left out".
class Filler {
 public:
  explicit Filler(const Meanings& meanings) : meanings_(meanings) {}

  Result<std::optional<Value>> fill(const Value& tree, const std::string& at) {
    if (const auto* text = tree.as_text()) return fill_text(*text, at);
    if (const auto* list = tree.as_list()) return fill_list(*list, at);
    if (is_choice(tree)) return fill_choice(tree, at);
    return fill_map(*tree.as_map(), at);
  }

 private:
  static tl::unexpected<Error> refuse(const std::string& at, std::string_view what) {
    return foz::fail(Code::invalid,
                     at.empty() ? std::string(what) : fmt::format("{} {}", at, what));
  }

  Result<Meaning> given(const std::string& path, const std::string& at) {
    Meaning meaning = meanings_(path);
    if (meaning.kind != Meaning::Kind::absent) return meaning;
    return refuse(
        at, fmt::format("uses '{}', which was not given: put it below {{if: {}}}", path, path));
  }

  Result<std::optional<Value>> fill_text(const std::string& text, const std::string& at) {
    if (const auto path = whole_reference(text)) {
      FOZ_TRY(Meaning meaning, given(*path, at));
      if (meaning.kind == Meaning::Kind::later) return Value(text);
      return std::move(meaning.value);
    }
    FOZ_TRY(std::string filled, fill_pieces(text, at));
    return Value(std::move(filled));
  }

  Result<std::string> fill_pieces(std::string_view text, const std::string& at) {
    const auto references = task::find_references(text);
    if (!references) return refuse(at, "has " + references.error().message);
    std::string out;
    std::size_t done = 0;
    for (const auto& reference : *references) {
      FOZ_TRY(const Meaning meaning, given(reference.path, at));
      if (meaning.kind == Meaning::Kind::later) continue;
      const std::string* inserted = meaning.value.as_text();
      if (inserted == nullptr) {
        return refuse(
            at, fmt::format("has '{}', a list or a map, in the middle of a text", reference.path));
      }
      out += text.substr(done, reference.offset - done);
      out += insertable(*inserted);
      done = text.find(k_close, reference.offset) + k_close.size();
    }
    out += text.substr(done);
    return out;
  }

  Result<std::optional<Value>> fill_list(const Value::List& list, const std::string& at) {
    Value::List out;
    for (std::size_t i = 0; i < list.size(); ++i) {
      FOZ_TRY(std::optional<Value> item, fill(list[i], fmt::format("{}[{}]", at, i)));
      if (!item) continue;
      if (item->as_list() != nullptr && list[i].as_list() == nullptr) {
        const Value::List& spliced = *item->as_list();
        out.insert(out.end(), spliced.begin(), spliced.end());
      } else {
        out.push_back(std::move(*item));
      }
    }
    return Value(std::move(out));
  }

  Result<std::optional<Value>> fill_map(const Value::Map& map, const std::string& at) {
    Value::Map out;
    for (const auto& [key, member] : map) {
      FOZ_TRY(std::optional<Value> value, fill(member, below(at, key)));
      if (value) out.emplace_back(key, std::move(*value));
    }
    return Value(std::move(out));
  }

  Result<std::optional<Value>> fill_choice(const Value& choice, const std::string& at) {
    const Value* path = choice.find(k_if);
    if (path->as_text() == nullptr) return refuse(at, "has an 'if' that is no path");
    const Meaning meaning = meanings_(*path->as_text());
    if (meaning.kind == Meaning::Kind::later) {
      return refuse(at,
                    fmt::format("asks '{}', which is not known here", printable(*path->as_text())));
    }
    const Value* wanted = choice.find(k_is);
    const bool yes = wanted == nullptr
                         ? is_true(meaning)
                         : meaning.kind == Meaning::Kind::given && meaning.value == *wanted;
    const std::string_view branch = yes ? k_then : k_else;
    const Value* chosen = choice.find(branch);
    if (chosen == nullptr) return std::optional<Value>();
    return fill(*chosen, below(at, branch));
  }

  const Meanings& meanings_;
};

/// Collects references, with what the choices around them ask.
class Collector {
 public:
  std::vector<TreeReference> found;

  void walk(const Value& tree, const std::string& at) {
    if (const auto* text = tree.as_text()) return collect(*text, at);
    if (is_choice(tree)) return walk_choice(tree, at);
    if (const auto* list = tree.as_list()) {
      for (std::size_t i = 0; i < list->size(); ++i) walk((*list)[i], fmt::format("{}[{}]", at, i));
      return;
    }
    for (const auto& [key, member] : *tree.as_map()) walk(member, below(at, key));
  }

 private:
  void collect(std::string_view text, const std::string& at) {
    const auto references = task::find_references(text);
    if (!references) found.push_back({at, {}, "has " + references.error().message, {}});
    if (!references) return;
    for (const auto& reference : *references) found.push_back({at, reference.path, {}, guards_});
  }

  void walk_choice(const Value& choice, const std::string& at) {
    const std::string* asked = choice.find(k_if)->as_text();
    const std::string path = asked != nullptr ? *asked : std::string();
    guards_.push_back(path);
    found.push_back({below(at, k_if), path, path.empty() ? "must be a path" : "", guards_});
    if (const Value* then = choice.find(k_then)) walk(*then, below(at, k_then));
    guards_.pop_back();
    if (const Value* other = choice.find(k_else)) walk(*other, below(at, k_else));
  }

  std::vector<std::string> guards_;
};

}  // namespace

bool is_choice(const Value& value) {
  return value.find(k_if) != nullptr;
}

bool is_open(const Value& value) {
  const std::string* text = value.as_text();
  return text != nullptr ? text->find(k_open) != text->npos : is_choice(value);
}

Result<Value> fill(const Value& tree, const Meanings& meanings) {
  FOZ_TRY(std::optional<Value> value, Filler(meanings).fill(tree, {}));
  return value ? std::move(*value) : Value(Value::Map{});
}

std::vector<TreeReference> references_of(const Value& tree, const std::string& member) {
  Collector collector;
  collector.walk(tree, member);
  return std::move(collector.found);
}

}  // namespace foz::plugin
