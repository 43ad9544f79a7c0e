#include "tests/golden/plan/golden_case.h"

#include <gtest/gtest.h>

#include <map>

#include "core/base/text.h"
#include "core/plan/plan.h"
#include "core/plugin/host.h"
#include "core/slurm/facts_json.h"
#include "core/slurm/scheduler.h"
#include "tests/support/folders.h"

namespace foz::plan {

namespace {

const fs::path& k_source = test::source_folder();
const fs::path k_golden = k_source / "tests/golden/plan";
const fs::path k_plugins = test::build_folder() / "share/foz/plugins";

std::string text_of(const fs::path& path) {
  auto text = read_file(path);
  EXPECT_TRUE(text) << text.error().message;
  return text ? *text : "";
}

/// The circumstances that a file's comments name.
class Circumstances {
 public:
  explicit Circumstances(std::string_view text) {
    for (const std::string_view line : split(text, '\n')) {
      if (!line.starts_with("# ")) continue;
      const auto colon = line.find(": ");
      if (colon != line.npos) values_.emplace(line.substr(2, colon - 2), line.substr(colon + 2));
    }
  }
  [[nodiscard]] std::string find(const std::string& name, const std::string& otherwise) const {
    const auto found = values_.find(name);
    return found == values_.end() ? otherwise : found->second;
  }
  [[nodiscard]] std::vector<std::string> all(const std::string& name) const {
    std::vector<std::string> found;
    const auto [first, last] = values_.equal_range(name);
    for (auto at = first; at != last; ++at) found.push_back(at->second);
    return found;
  }

 private:
  std::multimap<std::string, std::string> values_;
};

spec::ReadOptions options_of(const fs::path& workflow, const Circumstances& circumstances) {
  spec::ReadOptions options{workflow.parent_path().string(), {}};
  for (const std::string& param : circumstances.all("param")) {
    const auto pair = split(param, '=', 2);
    options.params.emplace_back(pair.front(), pair.back());
  }
  return options;
}

site::Site site_of(const Circumstances& circumstances) {
  const std::string name = circumstances.find("site", "");
  const fs::path path = name.empty() ? k_source / "templates/site/generic.yaml"
                                     : k_golden / "sites" / (name + ".yaml");
  Diagnostics diagnostics;
  auto site = site::read_site(text_of(path), path.filename().string(), diagnostics);
  EXPECT_TRUE(site) << diagnostics.render();
  return site ? *site : site::Site();
}

std::optional<slurm::ClusterFacts> facts_of(const Circumstances& circumstances) {
  const std::string name = circumstances.find("cluster", "");
  if (name.empty()) return std::nullopt;
  auto facts = slurm::facts_from_json(text_of(k_golden / "clusters" / (name + ".json")));
  EXPECT_TRUE(facts) << facts.error().message;
  return facts ? std::optional(*facts) : std::nullopt;
}

Context context_of(const Circumstances& circumstances, plugin::Registry& registry) {
  Context context;
  context.site = site_of(circumstances);
  context.facts = facts_of(circumstances);
  context.workdir = circumstances.find("folder", "/home/ana/work");
  context.run_folder = context.workdir + "/.foz/runs/RUN";
  context.find_plugin = [&registry](const auto& name) { return registry.plugin(name); };
  context.count_plugin_files = [&registry](const auto& name) { return registry.count_files(name); };
  return context;
}

/// Messages, with the one place of this machine that they may name left out.
std::string said_by(const Diagnostics& diagnostics) {
  std::string text = diagnostics.render();
  const std::string& plugins = k_plugins.native();
  for (auto at = text.find(plugins); at != text.npos; at = text.find(plugins, at))
    text.replace(at, plugins.size(), "PLUGINS");
  return text;
}

void add(std::string& out, const std::string& title, const std::string& text) {
  out += "==== " + title + "\n" + text;
}

std::string all_of(const Plan& plan) {
  std::string out;
  add(out, "plan", render_text(plan));
  add(out, "plan --graph text", render_graph(plan, GraphForm::text));
  add(out, "plan --graph dot", render_graph(plan, GraphForm::dot));
  add(out, "plan --graph mermaid", render_graph(plan, GraphForm::mermaid));
  for (const StagePlan& stage : plan.stages) add(out, "script " + stage.name, stage.script);
  add(out, "plan --json", to_json(plan));
  return out;
}

}  // namespace

std::string outcome_of(const fs::path& file) {
  const Circumstances circumstances(text_of(file));
  const fs::path workflow =
      file.parent_path() / circumstances.find("workflow", file.filename().string());
  const std::string name = workflow.filename().string();
  const std::string text = text_of(workflow);
  plugin::Registry registry({k_plugins});
  Diagnostics diagnostics;
  diagnostics.set_source(name, text);
  const auto read =
      spec::read_workflow_or_part(text, name, options_of(workflow, circumstances), diagnostics);
  if (!read) {
    check_part(read.error(), context_of(circumstances, registry), diagnostics);
    return said_by(diagnostics);
  }
  auto plan = make_plan(*read, context_of(circumstances, registry), diagnostics);
  EXPECT_EQ(plan.has_value(), !diagnostics.has_errors());
  if (!plan) return said_by(diagnostics);
  plan->dropped_environment = slurm::clean_environment(circumstances.all("env")).dropped;
  return said_by(diagnostics) + all_of(*plan);
}

}  // namespace foz::plan
