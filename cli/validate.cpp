#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/load.h"
#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/spec/documents.h"

namespace foz::cli {

void add_validate(Program program) {
  auto options = std::make_shared<LoadOptions>();
  options->facts = Facts::none;
  auto* command =
      program.app.add_subcommand("validate", "Check a workflow file without asking the cluster");
  command->add_option("file", options->file, "The workflow (YAML)")->required();
  command->add_option("--param,-p", options->params, "Set a parameter: NAME=VALUE")
      ->allow_extra_args(false);
  command->add_flag_callback(
      "--schema",
      [] {
        print(spec::workflow_schema());
        throw CLI::Success();
      },
      "Print the JSON Schema of workflows, with which an editor checks them");
  command->footer(
      "Exit code 2 when there are errors. All of the file's are shown at once, and with them what "
      "plugins\nand the site template have against whatever is sound in it. What only the cluster "
      "knows comes\nwith 'foz plan' (partitions, their limits, what their nodes have), and the "
      "rest with 'foz run', from Slurm.");
  command->callback([options, program] {
    const auto loaded = load(*options, program.global);
    if (!loaded) {
      program.status = loaded.error().status;
      return;
    }
    print_error(loaded->warnings);
    print(fmt::format("{}: {}, {}, no errors\n", options->file,
                      count_of(loaded->plan.stages.size(), "stage"),
                      count_of(loaded->plan.tasks, "task")));
    program.status = k_done;
  });
}

}  // namespace foz::cli
