#include "core/spec/references.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/base/text.h"
#include "core/task/template.h"

namespace foz::spec {

namespace {

constexpr auto k_references = std::to_array<ReferenceKind>({
    {"params.NAME", Known::planning, "a param's value"},
    {"matrix.AXIS", Known::planning, "the task's value on an axis"},
    {"matrix.AXIS.COLUMN", Known::planning, "the task's value of a column of `csv:` rows"},
    {"needs.STAGE.OUTPUT", Known::planning,
     "an output of an earlier stage; of the same element where `needs` says `each`"},
    {"needs.STAGE.manifest", Known::planning,
     "a file of JSON lines: every task of an earlier stage, its values, state and outputs"},
    {"task.name", Known::planning,
     "the task's name, `train.3`; `train` for a stage without a matrix"},
    {"task.index", Known::planning, "the task's number, from 0"},
    {"task.stage", Known::planning, "the stage's name"},
    {"task.outputs.NAME", Known::planning, "an output of the task itself"},
    {"run.id", Known::planning, "the run's id"},
    {"run.name", Known::planning, "the workflow's name"},
    {"run.dir", Known::planning, "the run's folder"},
    {"run.workdir", Known::planning, "the folder of the workflow file"},
    {"site.NAME", Known::planning, "a value of the site's template"},
    {"rank", Known::running, "the rank's number in the world"},
    {"local_rank", Known::running, "its number on its node"},
    {"local_size", Known::running, "ranks on its node"},
    {"world_size", Known::running, "ranks in the world"},
    {"role", Known::running, "the rank's role"},
    {"role_rank", Known::running, "its number in its role"},
    {"role_size", Known::running, "ranks in its role"},
    {"hosts", Known::running, "the nodes' names, with commas between"},
    {"hostfile", Known::running, "a file of the nodes' names, one a line"},
    {"attempt", Known::running, "the task's attempt, from 1"},
    {"task_dir", Known::running, "the attempt's own folder on the shared file system"},
    {"rank_dir", Known::running, "the rank's own folder"},
    {"node.index", Known::running, "the node's number in the job, from 0"},
    {"node.name", Known::running, "the node's name"},
    {"node.address", Known::running, "how other nodes reach it"},
    {"node.switch", Known::running, "its switches, as Slurm names them"},
    {"node.cpus", Known::running, "the task's CPUs on it"},
    {"node.memory_mib", Known::running, "the task's memory on it, in MiB"},
    {"node.gpus", Known::running, "the task's GPUs on it, with commas between"},
    {"node.scratch", Known::running, "a folder on its own disk"},
    {"endpoints.ROLE.PORT", Known::running,
     "`host:port` of every rank of a plugin's role, with commas between"},
    {"endpoints.ROLE.PORT.NUMBER", Known::running, "the same of one rank"},
    {"endpoints_json.ROLE.PORT", Known::running, "the same of every rank, as a JSON list"},
});

constexpr std::array<std::string_view, 1> k_later = {"checkpoint.path"};

bool is_any(std::string_view part) {
  return part.front() >= 'A' && part.front() <= 'Z';
}

bool matches(const std::vector<std::string_view>& path, std::string_view pattern) {
  const auto parts = split(pattern, '.');
  return std::equal(
      parts.begin(), parts.end(), path.begin(), path.end(),
      [](std::string_view part, std::string_view name) { return is_any(part) || part == name; });
}

const ReferenceKind* find_kind(const std::vector<std::string_view>& path) {
  const auto found =
      std::find_if(k_references.begin(), k_references.end(),
                   [&](const ReferenceKind& kind) { return matches(path, kind.pattern); });
  return found == k_references.end() ? nullptr : &*found;
}

/// What a mistake is called, and what to do.
struct Mistake {
  std::string message;
  std::string hint;
};

/// The references of one stage.
class StageChecker {
 public:
  StageChecker(const Draft& draft, const std::vector<Draft>& drafts, const StageIndex& index,
               const std::vector<std::string>& params, Diagnostics& diagnostics)
      : draft_(draft), drafts_(drafts), index_(index), params_(params), diagnostics_(diagnostics) {}

  void check(const StageText& text) {
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
                     "it will come with 'checkpoint'"};
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
    if (path[0] == "matrix") return find_matrix_mistake(reference.substr(7));
    if (path[0] == "needs") return find_need_mistake(path[1], path[2], use);
    if (path[0] == "task" && path.size() == 3) return find_output_mistake(path[2]);
    if (path[0].starts_with("endpoints")) return find_endpoint_mistake(reference);
    return std::nullopt;
  }

  Mistake unknown(const std::string& reference, const std::vector<std::string_view>& path) {
    if (reference == "matrix" || path[0] == "matrix")
      return {fmt::format("there is no '{}'", reference), axes_hint()};
    if (path[0] == "needs")
      return {fmt::format("there is no '{}'", reference),
              "write needs.STAGE.OUTPUT or needs.STAGE.manifest"};
    std::vector<std::string> names;
    for (const ReferenceKind& kind : k_references) names.emplace_back(kind.pattern);
    return {fmt::format("there is no '{}'", reference),
            did_you_mean(reference, names, diagnostics_)};
  }

  std::optional<Mistake> find_param_mistake(std::string_view name) {
    if (std::find(params_.begin(), params_.end(), name) != params_.end()) return std::nullopt;
    std::string hint = did_you_mean(name, params_, diagnostics_);
    if (hint.empty()) hint = "declare it in 'params'";
    return Mistake{fmt::format("there is no param '{}'", name), std::move(hint)};
  }

  [[nodiscard]] std::vector<std::string> matrix_names() const {
    std::vector<std::string> names;
    if (draft_.matrix == nullptr) return names;
    for (const task::Axis& axis : draft_.matrix->axes) {
      const auto* rows = std::get_if<task::RowsAxis>(&axis.values);
      if (rows == nullptr || rows->columns.empty()) {
        names.push_back(axis.name);
        continue;
      }
      for (const std::string& column : rows->columns) names.push_back(axis.name + "." + column);
    }
    return names;
  }

  [[nodiscard]] std::string axes_hint() const {
    std::vector<std::string> names = matrix_names();
    if (names.empty()) return {};
    constexpr std::size_t k_most_shown = 10;
    if (names.size() > k_most_shown) names.resize(k_most_shown);
    return "there are: matrix." + join(names, ", matrix.");
  }

  std::optional<Mistake> find_matrix_mistake(std::string_view name) {
    if (!draft_.is_matrix_known) return std::nullopt;
    if (draft_.matrix == nullptr) {
      return Mistake{fmt::format("'matrix.{}' in a stage without a matrix", name), ""};
    }
    const auto names = matrix_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) return std::nullopt;
    return Mistake{fmt::format("there is no 'matrix.{}'", name), axes_hint()};
  }

  std::optional<Mistake> find_need_mistake(std::string_view stage, std::string_view output,
                                           TextUse use) {
    if (use == TextUse::path) {
      return Mistake{"'needs' cannot stand in a path of the stage",
                     "take params, matrix or task into it"};
    }
    const auto& needs = draft_.stage.needs;
    const auto need = std::find_if(needs.begin(), needs.end(),
                                   [&](const Need& n) { return n.stage.value == stage; });
    const auto found = index_.find(stage);
    if (need == needs.end()) return not_needed(stage, found != index_.end());
    if (found == index_.end()) return std::nullopt;  // said where it is needed
    return find_parent_mistake(*need, drafts_[found->second], output);
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
  const std::vector<std::string>& params_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::span<const ReferenceKind> all_references() {
  return k_references;
}

void check_references(const std::vector<Draft>& drafts, const StageIndex& index,
                      const std::vector<Param>& params, Diagnostics& diagnostics) {
  std::vector<std::string> names;
  for (const Param& param : params) names.push_back(param.name.value);
  for (const Draft& draft : drafts) {
    const auto scope = diagnostics.in(fmt::format("in stage '{}'", draft.stage.name.value));
    StageChecker checker(draft, drafts, index, names, diagnostics);
    for (const StageText& text : draft.texts) checker.check(text);
  }
}

}  // namespace foz::spec
