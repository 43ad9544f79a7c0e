#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/interrupt.h"
#include "cli/load.h"
#include "cli/runs.h"
#include "cli/terminal.h"
#include "core/base/text.h"

namespace foz::cli {

namespace {

struct Options {
  LoadOptions load;
  bool wait = false;
};

Result<run::Advanced> send(const journal::RunFolder& folder, const std::string& name,
                           Loaded& loaded, const Global& global) {
  const Interrupt interrupt(
      fmt::format("foz: run {} may be sent in part: 'foz advance {}' sends the rest, 'foz cancel "
                  "{}' takes it back",
                  folder.run_id(), name, name));
  FOZ_TRY(WatchedScheduler* const scheduler, ready_scheduler(loaded, global));
  return run::advance(folder, *scheduler, SystemClock());
}

Outcome<int> submit(const Options& options, Loaded& loaded, const Global& global) {
  const SystemClock clock;
  std::vector<run::PinnedFile> pinned{
      {loaded.installation.agent().string(), "bin/foz-agent", "", run::Pin::shared}};
  if (loaded.plan.waves) {
    pinned.push_back({(loaded.installation.bin / "foz").string(), "bin/foz", "", run::Pin::shared});
  }
  for (const std::string& name : loaded.plan.plugins) {
    FOZ_TRY(const auto files, loaded.registry->pin(name));
    for (const auto& file : files)
      pinned.push_back({file.from, "plugins/" + name + "/" + file.to, file.content, run::Pin::own});
  }
  FOZ_TRY(const auto folder, run::create_run(loaded.plan, loaded.text, pinned, clock));
  print(fmt::format("run {} of {}: {}, {}\n", paint(folder.run_id(), Colour::bold),
                    printable(loaded.plan.workflow), count_of(loaded.plan.stages.size(), "stage"),
                    count_of(loaded.plan.tasks, "task")));
  const std::string name = name_from_here(folder);
  const auto done = send(folder, name, loaded, global);
  if (!done || done->refused > 0)
    loaded.memory->forget();  // perhaps the cluster is not any more what it was
  else if (loaded.asked)
    loaded.memory->remember(*loaded.asked, clock.now());
  if (!done && done.error().code == Code::refused) return fail(done.error());  // it was undone
  if (!done)
    return fail(Error{done.error().code, done.error().message +
                                             "\n  nothing is lost: 'foz advance " + name +
                                             "' goes on from here"});
  print(fmt::format("  {} submitted, {} released{}; 'foz status {}' shows it\n", done->submitted,
                    done->released, refused_text(*done), name));
  if (loaded.plan.waves)
    print("  the queue has no room for all of it: advance jobs send the rest\n");
  return options.wait ? follow({folder, loaded.plan}, *loaded.scheduler) : int{k_done};
}

}  // namespace

void add_run(Program program) {
  auto options = std::make_shared<Options>();
  options->load.facts = Facts::required;
  auto* command = program.app.add_subcommand("run", "Submit a workflow to Slurm");
  command->add_option("file", options->load.file, "The workflow (YAML)")->required();
  command->add_option("--param,-p", options->load.params, "Set a parameter: NAME=VALUE")
      ->allow_extra_args(false);
  command->add_flag("--wait", options->wait,
                    "Follow the run to its end: exit 0 when it succeeded, 1 when not");
  command->footer(
      "Everything is submitted ahead and nothing keeps running here: the run goes on when you "
      "log out.\n"
      "Example: foz run flights.yaml -p epochs=5 --wait");
  command->callback([options, program] {
    options->load.run_id = make_run_id(random_bits());
    auto loaded = load(options->load, program.global);
    if (!loaded) {
      program.status = loaded.error().status;
      return;
    }
    print_error(loaded->warnings);
    const auto status = submit(*options, *loaded, program.global);
    program.status = status ? *status : report(status.error());
  });
}

}  // namespace foz::cli
