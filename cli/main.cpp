#include <CLI/CLI.hpp>
#include <clocale>

#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/usage.h"

namespace foz::cli {

int report(const Fault& fault) {
  print_error("foz: " + fault.message + "\n");
  return fault.status;
}

namespace {

void add_globals(CLI::App& app, Global& global) {
  app.add_option("--scheduler", global.scheduler, "How Slurm is reached")
      ->check(CLI::IsMember({"auto", "libslurm", "commands", "fake"}))
      ->capture_default_str();
  app.add_option("--site", global.site, "Site template: a file, or a shipped one's name")
      ->envname("FOZ_SITE");
  app.add_option("--plugins", global.plugins, "A folder of further plugins")
      ->envname("FOZ_PLUGINS");
}

void add_commands(const Program& program) {
  add_validate(program), add_plan(program), add_run(program), add_advance(program),
      add_status(program);
  add_list(program), add_logs(program), add_cancel(program), add_plugin(program),
      add_sandbox(program), add_help(program);
}

int run(int argc, char** argv) {
  CLI::App app{"HPC, big data and AI pipelines on Slurm: one YAML file, no process left running",
               "foz"};
  Global global;
  int status = k_done;
  app.set_version_flag("--version,-V", std::string("foz ") + FOZ_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Exit codes: 0 done, 1 the workload failed, 2 bad usage or workflow, 3 Slurm or the "
      "environment, 70 a bug, 130 interrupted (Ctrl-C).");
  add_globals(app, global);
  add_commands({app, global, status});
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    return report({k_bad_usage, usage_error(app, error)});
  }
  return status;
}

}  // namespace

}  // namespace foz::cli

int main(int argc, char** argv) {
  return foz::cli::run(argc, argv);
}
