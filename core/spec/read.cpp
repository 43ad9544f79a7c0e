#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/text.h"
#include "core/spec/defaults.h"
#include "core/spec/graph.h"
#include "core/spec/output_paths.h"
#include "core/spec/params.h"
#include "core/spec/references.h"
#include "core/yaml/scalar.h"

namespace foz::spec {

using yaml::Entry;
using yaml::Node;

namespace {

constexpr std::int64_t k_format_version = 1;

/// What is wrong in the defaults is wrong in every stage: it is said once.
class Collector {
 public:
  explicit Collector(Diagnostics& into) : into_(into) {
    for (const Diagnostic& one : into.all())
      seen_.emplace(one.where.line, one.where.column, one.message);
  }

  void take(const Diagnostics& found) {
    for (const Diagnostic& one : found.all()) {
      const bool is_full = into_.all().size() >= Diagnostics::k_max_diagnostics;
      if (is_full || seen_.emplace(one.where.line, one.where.column, one.message).second)
        into_.add(one);
    }
  }

 private:
  Diagnostics& into_;
  std::set<std::tuple<int, int, std::string>> seen_;
};

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& item : node.items) count += count_nodes(item);
  for (const Entry& entry : node.entries) count += 1 + count_nodes(entry.value);
  return count;
}

class FileReader {
 public:
  FileReader(Node& root, const ReadOptions& options, Diagnostics& diagnostics)
      : root_(root),
        options_(options),
        diagnostics_(diagnostics),
        block_(root, Block::workflow, "the file", diagnostics) {}

  /// `whole` says nothing yet of what the diagnostics have against a stage beside others.
  SoundPart run() {
    if (!block_.is_map()) return {};
    read_head();
    for (const Param& param : workflow_.params) {
      if (param.value) values_.emplace(param.name.value, *param.value);
    }
    read_defaults();
    read_stages();
    const StageIndex index = index_of(drafts_);
    check_graph(drafts_, index, diagnostics_);
    check_references(drafts_, index, values_, {workflow_.params, options_.site_names},
                     diagnostics_);
    check_output_paths(drafts_, diagnostics_);
    SoundPart part{std::move(workflow_), {}};
    for (Draft& draft : drafts_) {
      if (draft.is_sound) part.whole.insert(draft.stage.name.value);
      if (draft.has_sound_steps) part.workflow.stages.push_back(std::move(draft.stage));
    }
    return part;
  }

 private:
  void require(std::string_view key, std::string hint) {
    if (block_.find_entry(key) != nullptr) return;
    SourceRange top = root_.where;
    top.length = 1;
    diagnostics_.error(std::move(top), fmt::format("'{}' is missing", key), std::move(hint));
  }

  void read_head() {
    require("foz", fmt::format("begin the file with foz: {}", k_format_version));
    require("name", "give the workflow a name");
    require("stages", "a workflow has at least one stage");
    if (const Node* version = block_.find("foz")) read_version(*version);
    if (const Node* name = block_.find("name")) {
      if (auto text = yaml::as_string(*name, "name", diagnostics_)) {
        workflow_.name = {std::move(*text), name->where};
        (void)check_name(workflow_.name, "a workflow", diagnostics_);
      }
    }
    workflow_.params = read_params(block_.find("params"), options_, diagnostics_);
  }

  void read_version(const Node& node) {
    const auto version = yaml::as_integer(node, "foz", diagnostics_);
    if (!version || *version == k_format_version) return;
    diagnostics_.error(node.where,
                       fmt::format("this file is of format {}, this foz reads format {}", *version,
                                   k_format_version));
  }

  /// The value of a built key, to be changed and moved from.
  Node* take(std::string_view key) {
    const auto found = std::find_if(root_.entries.begin(), root_.entries.end(),
                                    [key](const Entry& entry) { return entry.key.value == key; });
    return found == root_.entries.end() ? nullptr : &found->value;
  }

  void read_defaults() {
    Node* node = take("defaults");
    if (node == nullptr || node->is_null()) return;
    Reading reading{diagnostics_, options_, values_, workflow_.params, budgets_};
    check_defaults(*node, reading);
    if (node->is_map()) defaults_ = std::move(*node);
  }

  void read_stages() {
    Node* node = take("stages");
    if (node == nullptr || !check_stages(*node)) return;
    Collector collector(diagnostics_);
    for (Entry& entry : node->entries) {
      Diagnostics found;
      {
        const auto scope = found.in(fmt::format("in stage '{}'", entry.key.value));
        (void)check_name(entry.key, "a stage", found);
        Reading reading{found, options_, values_, workflow_.params, budgets_};
        Node merged = merge_defaults(defaults_, std::move(entry.value));
        drafts_.push_back(read_stage({entry.key, std::move(merged)}, reading));
        warn_of_srun_args(drafts_.back().stage, found);
        drafts_.back().is_sound = !found.has_errors();
      }
      collector.take(found);
    }
    check_case();
  }

  /// What the defaults say may be meant for other stages; whether a stage has one node may hang on
  /// a param. So this is no error.
  void warn_of_srun_args(const Stage& stage, Diagnostics& found) const {
    const auto& words = stage.slurm.srun_args;
    const auto& nodes = stage.resources.nodes;
    if (words.empty() || (nodes && nodes->value.second > 1)) return;
    const Node* slurm = defaults_.find("slurm");
    const Node* common = slurm == nullptr ? nullptr : slurm->find("srun_args");
    const bool is_common = common != nullptr && !common->items.empty() &&
                           common->items.front().where == words.front().where;
    if (!is_common)
      found.warning(words.front().where, "'srun_args' has no effect on one node",
                    "the ranks of a task on one node are started without srun");
  }

  bool check_stages(const Node& node) {
    if (!node.is_map()) {
      diagnostics_.error(
          node.where,
          fmt::format("'stages' must be a mapping of stages, got {}", yaml::describe(node)),
          "a workflow has at least one stage");
      return false;
    }
    if (node.entries.empty())
      diagnostics_.error(node.where, "'stages' is empty", "a workflow has at least one stage");
    if (node.entries.size() > k_max_stages) {
      diagnostics_.error(node.where,
                         fmt::format("there are {}, at most {} are possible",
                                     count_of(node.entries.size(), "stage"), k_max_stages),
                         "one stage with a matrix can have millions of tasks");
      return false;
    }
    if (node.entries.size() * count_nodes(defaults_) <= k_max_merged_nodes) return true;
    diagnostics_.error(node.where,
                       fmt::format("the defaults, written out for every stage, are over {} values",
                                   k_max_merged_nodes));
    return false;
  }

  /// File systems that do not tell case apart would mix up their folders.
  void check_case() {
    std::map<std::string, const Located<std::string>*> seen;
    for (const Draft& draft : drafts_) {
      std::string lower = draft.stage.name.value;
      std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      });
      const auto [other, is_new] = seen.emplace(std::move(lower), &draft.stage.name);
      if (is_new) continue;
      diagnostics_.warning(draft.stage.name.where,
                           fmt::format("stages '{}' and '{}' differ only in case",
                                       other->second->value, draft.stage.name.value));
    }
  }

  Node& root_;  ///< stages are moved out of it
  const ReadOptions& options_;
  Diagnostics& diagnostics_;
  BlockReader block_;
  Workflow workflow_;
  ParamValues values_;
  Budgets budgets_;
  Node defaults_;
  std::vector<Draft> drafts_;
};

/// Into the order of the file, then of the files that it names: people read from the top.
void forward(const Diagnostics& found, const std::string& file, Diagnostics& into) {
  std::vector<Diagnostic> sorted = found.all();
  const auto place = [&file](const Diagnostic& one) {
    const bool is_other = one.where.file && *one.where.file != file;
    return std::tuple(is_other, is_other ? *one.where.file : std::string(), one.where.line,
                      one.where.column);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const auto& left, const auto& right) { return place(left) < place(right); });
  std::size_t errors = 0;
  for (Diagnostic& one : sorted) {
    if (one.severity == Severity::error) ++errors;
    into.add(std::move(one));
  }
  for (; errors < found.error_count(); ++errors)
    into.error({}, "there are more errors");  // counted, not shown
}

/// Takes out what the errors say of stages and params: "in stage 'train'".
SoundPart without_errors(SoundPart part, const Diagnostics& found) {
  if (is_full(found)) return {};  // which are not shown is not known
  std::set<std::string_view> notes;
  for (const Diagnostic& one : found.all())
    if (one.severity == Severity::error) notes.insert(one.notes.begin(), one.notes.end());
  std::erase_if(part.whole, [&](const std::string& name) {
    return notes.contains(fmt::format("in stage '{}'", name));
  });
  for (Param& param : part.workflow.params)
    if (notes.contains(fmt::format("in param '{}'", param.name.value))) param.value.reset();
  return part;
}

}  // namespace

tl::expected<Workflow, SoundPart> read_workflow_or_part(std::string_view text,
                                                        const std::string& file_name,
                                                        const ReadOptions& options,
                                                        Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.error_count();
  auto root = yaml::read_yaml(text, file_name, diagnostics);
  if (!root) return tl::unexpected(SoundPart());
  Diagnostics found;
  SoundPart part = FileReader(*root, options, found).run();
  forward(found, file_name, diagnostics);
  if (diagnostics.error_count() == errors) return std::move(part.workflow);
  return tl::unexpected(without_errors(std::move(part), found));
}

std::optional<Workflow> read_workflow(std::string_view text, const std::string& file_name,
                                      const ReadOptions& options, Diagnostics& diagnostics) {
  auto read = read_workflow_or_part(text, file_name, options, diagnostics);
  return read ? std::optional(std::move(*read)) : std::nullopt;
}

std::vector<std::size_t> topological_order(const Workflow& workflow) {
  std::map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < workflow.stages.size(); ++i)
    index.emplace(workflow.stages[i].name.value, i);
  std::vector<std::vector<std::size_t>> parents(workflow.stages.size());
  for (std::size_t i = 0; i < workflow.stages.size(); ++i) {
    for (const Need& need : workflow.stages[i].needs)
      parents[i].push_back(index.at(need.stage.value));
  }
  return sort_stages(parents);
}

}  // namespace foz::spec
