#include <CLI/CLI.hpp>
#include <memory>

#include "cli/load.h"
#include "cli/terminal.h"

namespace foz::cli {

namespace {

struct Options {
  LoadOptions load;
  bool json = false;
  bool offline = false;
  std::string scripts;
  std::string graph;
};

Result<void> write_scripts(const plan::Plan& plan, const fs::path& folder) {
  FOZ_CHECK(make_directories(folder));
  for (const auto& stage : plan.stages)
    FOZ_CHECK(write_file(folder / (stage.name + ".sh"), stage.script, Durability::cached, 0700));
  if (!plan.waves) return {};
  return write_file(folder / (std::string(plan::k_advance_job) + ".sh"), plan.waves->script,
                    Durability::cached, 0700);
}

plan::GraphForm graph_form(const std::string& word) {
  if (word == "dot") return plan::GraphForm::dot;
  return word == "mermaid" ? plan::GraphForm::mermaid : plan::GraphForm::text;
}

int show(const Options& options, const Global& global) {
  const auto loaded = load(options.load, global);
  if (!loaded) return loaded.error().status;
  print_error(loaded->warnings);
  if (!options.scripts.empty())
    if (const auto written = write_scripts(loaded->plan, options.scripts); !written)
      return report(written.error());
  if (!options.graph.empty())
    print(plan::render_graph(loaded->plan, graph_form(options.graph)));
  else
    print(options.json ? plan::to_json(loaded->plan) : plan::render_text(loaded->plan));
  return k_done;
}

}  // namespace

void add_plan(Program program) {
  auto options = std::make_shared<Options>();
  auto* command =
      program.app.add_subcommand("plan", "Show what would be sent to Slurm; nothing is sent");
  command->add_option("file", options->load.file, "The workflow (YAML)")->required();
  command->add_option("--param,-p", options->load.params, "Set a parameter: NAME=VALUE")
      ->allow_extra_args(false);
  auto* json = command->add_flag("--json", options->json, "Print the whole plan as JSON");
  command->add_option("--scripts", options->scripts,
                      "Write each stage's batch script into this folder");
  command->add_option("--graph", options->graph, "Draw the DAG instead")
      ->check(CLI::IsMember({"text", "dot", "mermaid"}))
      ->excludes(json);
  command->add_flag("--offline", options->offline,
                    "Do not ask the controller for partitions and limits");
  command->callback([options, program] {
    if (options->offline) options->load.facts = Facts::none;
    program.status = show(*options, program.global);
  });
}

}  // namespace foz::cli
