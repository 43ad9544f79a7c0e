#include "core/plugin/template_form.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/diagnostic.h"
#include "core/base/text.h"
#include "core/plugin/check_names.h"
#include "core/plugin/decode.h"
#include "core/plugin/expand.h"
#include "core/plugin/fill.h"

namespace foz::plugin {

namespace {

constexpr std::string_view k_with = "with.";
constexpr std::string_view k_resources = "resources.";
constexpr std::array<std::string_view, 6> k_resource_names{"nodes_min",      "nodes_max",
                                                           "ranks_per_node", "cpus_per_node",
                                                           "gpus_per_node",  "memory_per_node_mib"};

std::uint64_t resource(const StageResources& resources, std::size_t index) {
  const std::array<std::uint64_t, k_resource_names.size()> values{
      resources.nodes_min,     resources.nodes_max,     resources.ranks_per_node,
      resources.cpus_per_node, resources.gpus_per_node, resources.memory_per_node_mib};
  return values[index];
}

// ---- references ---------------------------------------------------------------------------------

enum class Question { shape, launch };

/// Checks the references of one question's template.
class ReferenceCheck {
 public:
  ReferenceCheck(const Description& description, Question question, Faults& faults)
      : description_(description), question_(question), faults_(faults) {}

  void check(const TreeReference& reference) {
    if (!reference.mistake.empty()) return fault(reference, reference.mistake);
    const std::string_view path = reference.path;
    if (path.starts_with(k_with)) return check_with_key(reference, path.substr(k_with.size()));
    if (question_ == Question::shape ? is_resource(path) : is_rank_reference(path)) return;
    const bool is_shape = question_ == Question::shape;
    fault(reference,
          fmt::format("refers to '{}', which is not known in '{}'", path,
                      is_shape ? "shape" : "launch"),
          is_shape
              ? "known are with.KEY and resources.NAME; what a workflow knows comes by 'with'"
              : "known are with.KEY and what a rank knows of its world (plugins/api/README.md); "
                "what a workflow knows comes by 'with'");
  }

 private:
  static bool is_resource(std::string_view path) {
    return path.starts_with(k_resources) &&
           std::find(k_resource_names.begin(), k_resource_names.end(),
                     path.substr(k_resources.size())) != k_resource_names.end();
  }

  void check_with_key(const TreeReference& reference, std::string_view key) {
    std::vector<std::string> names;
    for (const Field& field : description_.fields) {
      if (field.name == key) return check_given(reference, field);
      names.push_back(field.name);
    }
    const auto nearest = find_nearest(key, names);
    fault(reference, fmt::format("refers to '{}', but 'with' has no such key", reference.path),
          nearest ? fmt::format("did you mean 'with.{}'?", *nearest) : "");
  }

  void check_given(const TreeReference& reference, const Field& field) {
    if (field.required || field.fallback) return;
    const auto& guards = reference.guards;
    if (std::find(guards.begin(), guards.end(), reference.path) != guards.end()) return;
    fault(reference, fmt::format("refers to '{}', which may not be given", reference.path),
          fmt::format("put it below {{if: {}, then: ...}}, or give the key a default",
                      reference.path));
  }

  void fault(const TreeReference& reference, std::string message, std::string hint = {}) {
    faults_.errors.push_back({reference.member, std::move(message), std::move(hint)});
  }

  const Description& description_;
  Question question_;
  Faults& faults_;
};

void check_references(const Value& tree, const std::string& member, const Description& description,
                      Question question, Faults& faults) {
  ReferenceCheck check(description, question, faults);
  for (const TreeReference& reference : references_of(tree, member)) check.check(reference);
}

// ---- the plugin ---------------------------------------------------------------------------------

Meaning with_meaning(const Value& with, std::string_view key) {
  const Value* value = with.find(key);
  return value != nullptr ? Meaning::given(*value) : Meaning::absent();
}

/// Answers by filling; the decoder says what is wrong with the outcome.
template <class T, class Decode>
Answer<T> answer(const Value& tree, std::string_view question, const Meanings& meanings,
                 Decode decode) {
  const auto filled = fill(tree, meanings);
  if (!filled) return fmt::format("{}.{}", question, filled.error().message);
  const Value* error = filled->find("error");
  const std::string* refusal = error != nullptr ? error->as_text() : nullptr;
  if (refusal != nullptr && !refusal->empty()) return *refusal;
  Faults faults;
  T decoded = decode(*filled, std::string(question), Stage::filled, faults);
  if (!faults.errors.empty()) return first_of(faults);
  return decoded;
}

class TemplatePlugin final : public Plugin {
 public:
  TemplatePlugin(Value tree, Description description)
      : tree_(std::move(tree)), description_(std::move(description)) {}

  [[nodiscard]] Description describe() const override { return description_; }

  [[nodiscard]] Answer<Shape> shape(const ShapeRequest& request) const override {
    const auto meanings = [&](std::string_view path) {
      if (path.starts_with(k_with)) return with_meaning(request.with, path.substr(k_with.size()));
      for (std::size_t i = 0; i < k_resource_names.size(); ++i) {
        if (path != fmt::format("{}{}", k_resources, k_resource_names[i])) continue;
        return Meaning::given(Value(std::to_string(resource(request.resources, i))));
      }
      return Meaning::later();
    };
    return answer<Shape>(*tree_.find("shape"), "shape", meanings, decode_shape);
  }

  [[nodiscard]] Answer<Launch> launch(const LaunchRequest& request) const override {
    const auto meanings = [&](std::string_view path) {
      if (path.starts_with(k_with)) return with_meaning(request.with, path.substr(k_with.size()));
      return Meaning::later();
    };
    return answer<Launch>(*tree_.find("launch"), "launch", meanings, decode_launch);
  }

 private:
  Value tree_;
  Description description_;
};

/// Describe's members alone.
Value description_tree(const Value& tree) {
  Value::Map out;
  if (const auto* map = tree.as_map()) {
    for (const auto& [key, value] : *map) {
      if (key != "shape" && key != "launch") out.emplace_back(key, value);
    }
  }
  return out;
}

void check_description(const Description& description, Faults& faults) {
  if (description.spawner == Spawner::pmix) {
    faults.errors.push_back(
        {"spawner", "'pmix' is not built yet", "leave it out: foz starts the ranks"});
  }
  if (description.reacts) {
    faults.errors.push_back({"reacts", "must be false: templates answer no 'react'", {}});
  }
}

}  // namespace

Faults check_template(const Value& tree) {
  Faults faults;
  if (tree.as_map() == nullptr) {
    faults.errors.push_back({{}, "the file must be a map, got " + describe(tree), {}});
    return faults;
  }
  const Description description = decode_description(description_tree(tree), faults);
  check_description(description, faults);
  const Value* shape = tree.find("shape");
  const Value* launch = tree.find("launch");
  if (shape == nullptr) faults.errors.push_back({"shape", "is missing", {}});
  if (launch == nullptr) faults.errors.push_back({"launch", "is missing", {}});
  if (shape != nullptr) {
    static_cast<void>(decode_shape(*shape, "shape", Stage::open, faults));
    check_references(*shape, "shape", description, Question::shape, faults);
  }
  if (launch != nullptr) {
    static_cast<void>(decode_launch(*launch, "launch", Stage::open, faults));
    check_references(*launch, "launch", description, Question::launch, faults);
  }
  if (shape != nullptr && launch != nullptr) check_names(*shape, *launch, faults);
  return faults;
}

std::unique_ptr<Plugin> make_template_plugin(Value tree) {
  Faults faults;
  Description description = decode_description(description_tree(tree), faults);
  FOZ_ASSERT(faults.errors.empty() && tree.find("shape") != nullptr &&
             tree.find("launch") != nullptr);
  return std::make_unique<TemplatePlugin>(std::move(tree), std::move(description));
}

}  // namespace foz::plugin
