#include "core/spec/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>

#include "core/base/text.h"
#include "core/task/template.h"

namespace foz::spec {

namespace {

constexpr std::string_view k_params = "params.";
constexpr std::array<std::string_view, 1> k_later = {"checkpoint.path"};

using Parts = std::vector<std::string_view>;
using Names = std::set<std::string, std::less<>>;

bool is_any(std::string_view part) {
  return part.front() >= 'A' && part.front() <= 'Z';
}

bool matches(const Parts& path, const Parts& pattern) {
  return std::equal(
      pattern.begin(), pattern.end(), path.begin(), path.end(),
      [](std::string_view part, std::string_view name) { return is_any(part) || part == name; });
}

const ReferenceKind* find_kind(const Parts& path) {
  static const std::vector<Parts> k_patterns = [] {
    std::vector<Parts> patterns;
    for (const ReferenceKind& kind : all_references()) patterns.push_back(split(kind.pattern, '.'));
    return patterns;
  }();
  const auto found = std::find_if(k_patterns.begin(), k_patterns.end(),
                                  [&](const Parts& pattern) { return matches(path, pattern); });
  if (found == k_patterns.end()) return nullptr;
  return &all_references()[static_cast<std::size_t>(found - k_patterns.begin())];
}

/// What the stages have in common.
class Declared {
 public:
  explicit Declared(const DeclaredNames& names) : site(names.site) {
    for (const Param& param : names.params) params.insert(param.name.value);
  }

  /// "lr", "sample.id"; made once for a rule, however many stages take it.
  const Names& matrix_names(const task::MatrixRule& rule) {
    const auto [known, is_new] = matrices_.try_emplace(&rule);
    if (is_new) {
      for (std::string& name : task::names_of(rule)) known->second.insert(std::move(name));
    }
    return known->second;
  }

  Names params;
  const std::optional<std::set<std::string>>& site;

 private:
  std::map<const task::MatrixRule*, Names> matrices_;
};

/// What a mistake is called, and what to do.
struct Mistake {
  std::string message;
  std::string hint;
};

/// The references of one stage.
class StageChecker {
 public:
  StageChecker(const Draft& draft, const std::vector<Draft>& drafts, const StageIndex& index,
               Declared& declared, Diagnostics& diagnostics)
      : draft_(draft),
        drafts_(drafts),
        index_(index),
        declared_(declared),
        diagnostics_(diagnostics) {
    for (const Need& need : draft.stage.needs) needs_.emplace(need.stage.value, &need);
  }

  void check(const StageText& text) {
    if (is_full(diagnostics_)) return;
    if (text.use == TextUse::script) {
      refuse_script(text);
      return;
    }
    const auto references = task::find_references(text.text.value);
    if (!references) {
      const auto& mistake = references.error();
      diagnostics_.error(place(text, mistake.offset), mistake.message,
                         "write $${{ for a ${{ that is no reference");
      return;
    }
    for (const task::Reference& reference : *references) {
      if (is_full(diagnostics_)) return;
      if (auto mistake = find_mistake(reference.path, text.use)) {
        diagnostics_.error(place(text, reference.offset), std::move(mistake->message),
                           std::move(mistake->hint));
      }
    }
  }

 private:
  static SourceRange place(const StageText& text, std::size_t offset) {
    const std::string& value = text.text.value;
    return range_within(text.text.where, value, offset, reference_length(value, offset));
  }

  void refuse_script(const StageText& text) {
    const std::string& value = text.text.value;
    const std::size_t offset = value.find("${{");
    const std::string reference = value.substr(offset, reference_length(value, offset));
    const bool is_short = reference.size() <= 80;
    diagnostics_.error(
        place(text, offset), "a shell text cannot hold a reference",
        is_short ? fmt::format("take it into 'env:' (VALUE: \"{}\") and write \"$VALUE\" here",
                               reference)
                 : "take it into 'env:' and write the variable here");
  }

  std::optional<Mistake> find_mistake(const std::string& reference, TextUse use) {
    const auto path = split(reference, '.');
    if (std::find(k_later.begin(), k_later.end(), reference) != k_later.end()) {
      return Mistake{fmt::format("'{}' is not built yet", reference),
                     "leave it out for now; it will come with 'checkpoint'"};
    }
    const ReferenceKind* kind = find_kind(path);
    if (kind == nullptr) return unknown(reference, path);
    if (use == TextUse::path && kind->known == Known::running) {
      return Mistake{
          fmt::format("'{}' is known only in the job: it cannot stand in a path of the stage",
                      reference),
          ""};
    }
    if (path[0] == "params") return find_param_mistake(path[1]);
    if (path[0] == "site") return find_site_mistake(reference, std::string(path[1]));
    if (path[0] == "matrix") return find_matrix_mistake(reference.substr(7));
    if (path[0] == "needs") return find_need_mistake(path[1], path[2], use);
    if (path[0] == "task" && path.size() == 3) return find_output_mistake(path[2]);
    if (path[0].starts_with("endpoints")) return find_endpoint_mistake(reference);
    return std::nullopt;
  }

  Mistake unknown(const std::string& reference, const Parts& path) {
    if (reference == "matrix" || path[0] == "matrix")
      return {fmt::format("there is no '{}'", reference), axes_hint()};
    if (path[0] == "needs")
      return {fmt::format("there is no '{}'", reference),
              "write needs.STAGE.OUTPUT or needs.STAGE.manifest"};
    if (path[0] == "env" && path.size() > 1)
      return {fmt::format("there is no '{}'", reference),
              "variables of a shell are no references: write them in a 'run' that is a text, or "
              "give the value as a param: --param NAME=VALUE"};
    std::vector<std::string> names;
    for (const ReferenceKind& kind : all_references()) names.emplace_back(kind.pattern);
    std::string hint = did_you_mean(reference, names, diagnostics_);
    if (hint.empty()) hint = near_beginning(reference, path[0]);
    return {fmt::format("there is no '{}'", reference), std::move(hint)};
  }

  /// For "matrx.lr", whose first word alone is misspelt.
  [[nodiscard]] std::string near_beginning(const std::string& reference,
                                           std::string_view first) const {
    if (diagnostics_.error_count() >= Diagnostics::k_max_diagnostics) return {};
    std::vector<std::string> words;
    for (const ReferenceKind& kind : all_references())
      words.emplace_back(split(kind.pattern, '.').front());
    const auto near = find_nearest(first, words);
    if (!near || *near == first) return {};
    return fmt::format("did you mean '{}{}'?", *near, reference.substr(first.size()));
  }

  std::optional<Mistake> find_param_mistake(std::string_view name) {
    if (declared_.params.contains(name)) return std::nullopt;
    std::string hint =
        did_you_mean(name, {declared_.params.begin(), declared_.params.end()}, diagnostics_);
    if (hint.empty()) hint = "declare it in 'params'";
    return Mistake{fmt::format("there is no param '{}'", name), std::move(hint)};
  }

  std::optional<Mistake> find_site_mistake(const std::string& reference, const std::string& name) {
    if (!declared_.site || declared_.site->contains(name)) return std::nullopt;
    std::vector<std::string> names;
    for (const std::string& one : *declared_.site) names.push_back("site." + one);
    std::string hint = did_you_mean(reference, names, diagnostics_);
    if (hint.empty()) hint = "declare it in 'values' of the site template";
    return Mistake{fmt::format("there is no '{}'", reference), std::move(hint)};
  }

  [[nodiscard]] std::string axes_hint() const {
    if (draft_.matrix == nullptr) return {};
    std::vector<std::string> names = task::names_of(*draft_.matrix);
    constexpr std::size_t k_most_shown = 10;
    if (names.size() > k_most_shown) names.resize(k_most_shown);
    return "there are: matrix." + join(names, ", matrix.");
  }

  std::optional<Mistake> find_matrix_mistake(std::string_view name) {
    if (!draft_.is_matrix_known) return std::nullopt;
    if (draft_.matrix == nullptr) {
      return Mistake{fmt::format("'matrix.{}' in a stage without a matrix", name), ""};
    }
    if (declared_.matrix_names(*draft_.matrix).contains(name)) return std::nullopt;
    return Mistake{fmt::format("there is no 'matrix.{}'", name), axes_hint()};
  }

  std::optional<Mistake> find_need_mistake(std::string_view stage, std::string_view output,
                                           TextUse use) {
    if (use == TextUse::path) {
      return Mistake{"'needs' cannot stand in a path of the stage",
                     "take params, matrix or task into it"};
    }
    const auto need = needs_.find(stage);
    const auto found = index_.find(stage);
    if (need == needs_.end()) return not_needed(stage, found != index_.end());
    if (found == index_.end()) return std::nullopt;  // said where it is needed
    return find_parent_mistake(*need->second, drafts_[found->second], output);
  }

  Mistake not_needed(std::string_view stage, bool exists) {
    if (stage == draft_.stage.name.value) {
      return {fmt::format("stage '{}' cannot need itself", stage),
              "its own outputs are task.outputs.NAME"};
    }
    std::vector<std::string> names;
    for (const Need& need : draft_.stage.needs) names.push_back(need.stage.value);
    if (exists)
      return {fmt::format("stage '{}' does not need '{}'", draft_.stage.name.value, stage),
              fmt::format("add {} to 'needs'", stage)};
    return {fmt::format("there is no stage '{}'", stage), did_you_mean(stage, names, diagnostics_)};
  }

  std::optional<Mistake> find_parent_mistake(const Need& need, const Draft& parent,
                                             std::string_view output) {
    const std::string& name = need.stage.value;
    const bool is_each = need.kind == task::EdgeKind::each;
    if (output == "manifest") {
      if (!is_each) return std::nullopt;
      return Mistake{
          fmt::format("the manifest of '{}' is not whole when an element of it has ended", name),
          fmt::format("needs: {{{}: success}} waits for all of them", name)};
    }
    const auto& outputs = parent.stage.outputs;
    const bool has_output = std::any_of(outputs.begin(), outputs.end(), [&](const OutputSpec& one) {
      return one.name.value == output;
    });
    if (!has_output) return no_output(parent.stage, output);
    if (is_each || !parent.is_matrix_known || parent.tasks == 1) return std::nullopt;
    return Mistake{
        fmt::format("stage '{}' has {}: '{}' is not one output", name,
                    count_of(parent.tasks, "task"), output),
        fmt::format("take needs.{0}.manifest, or go element by element with needs: {{{0}: each}}",
                    name)};
  }

  Mistake no_output(const Stage& stage, std::string_view output) {
    std::vector<std::string> names;
    for (const OutputSpec& one : stage.outputs) names.push_back(one.name.value);
    std::string hint = did_you_mean(output, names, diagnostics_);
    if (hint.empty()) hint = fmt::format("declare it in the 'outputs' of '{}'", stage.name.value);
    return {fmt::format("stage '{}' has no output '{}'", stage.name.value, output),
            std::move(hint)};
  }

  std::optional<Mistake> find_output_mistake(std::string_view name) {
    const auto& outputs = draft_.stage.outputs;
    const bool exists = std::any_of(outputs.begin(), outputs.end(),
                                    [&](const OutputSpec& one) { return one.name.value == name; });
    if (exists) return std::nullopt;
    return no_output(draft_.stage, name);
  }

  std::optional<Mistake> find_endpoint_mistake(const std::string& reference) {
    const auto& steps = draft_.stage.steps;
    const bool has_plugin = std::any_of(steps.begin(), steps.end(),
                                        [](const StepSpec& step) { return step.uses.has_value(); });
    if (has_plugin) return std::nullopt;
    return Mistake{
        fmt::format("'{}' in a stage without 'uses': only a plugin's roles have ports", reference),
        ""};
  }

  const Draft& draft_;
  const std::vector<Draft>& drafts_;
  const StageIndex& index_;
  Declared& declared_;
  std::unordered_map<std::string_view, const Need*> needs_;
  Diagnostics& diagnostics_;
};

/// Bytes of a text with the params put in.
std::size_t filled_size(const std::string& text, const ParamValues& values) {
  const auto references = task::find_references(text);
  std::size_t size = text.size();
  if (!references) return size;
  for (const task::Reference& reference : *references) {
    const bool is_param = reference.path.starts_with(k_params);
    const auto value = is_param
                           ? values.find(std::string_view(reference.path).substr(k_params.size()))
                           : values.end();
    if (value != values.end()) size += value->second.size();
  }
  return size;
}

}  // namespace

void check_references(const std::vector<Draft>& drafts, const StageIndex& index,
                      const ParamValues& values, const DeclaredNames& names,
                      Diagnostics& diagnostics) {
  Declared declared(names);
  std::size_t filled = 0;
  for (const Draft& draft : drafts) {
    const auto scope = diagnostics.in(fmt::format("in stage '{}'", draft.stage.name.value));
    StageChecker checker(draft, drafts, index, declared, diagnostics);
    for (const StageText& text : draft.texts) {
      checker.check(text);
      filled += filled_size(text.text.value, values);
      if (filled > k_max_filled) return diagnostics.error(text.text.where, filled_too_long());
    }
  }
}

}  // namespace foz::spec
