#include "core/sandbox/sandbox.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.h"
#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/base/units.h"

namespace foz::cli {

namespace {

using sandbox::SandboxOptions;

struct Options {
  SandboxOptions sandbox;
  std::string memory = "6GiB";
  std::string gpus;
  bool json = false;
};

/// "4" or "a100:4".
bool read_gpus(const std::string& text, SandboxOptions& options) {
  const auto colon = text.rfind(':');
  if (colon != std::string::npos) options.gpu_type = text.substr(0, colon);
  const auto count = parse_integer(colon == std::string::npos ? text : text.substr(colon + 1));
  if (count) options.gpus_per_node = static_cast<int>(*count);
  return count.has_value();
}

/// The name too, before anything is looked for.
Outcome<void> check(const Options& options) {
  return of_argument(sandbox::check_options(options.sandbox));
}

std::string up_text(const sandbox::Up& up) {
  const auto& options = up.sandbox.options;
  return fmt::format(
      "sandbox '{}' {} in {:.1f} s: Slurm {}, {} with {} and {} each\n"
      "  eval \"$(foz sandbox env --name {})\"   makes sbatch, squeue and foz use it\n",
      options.name, sandbox::to_string(up.outcome), static_cast<double>(up.took.count()) / 1000,
      sandbox::to_string(up.sandbox.release),
      count_of(static_cast<std::uint64_t>(options.nodes), "node"),
      count_of(static_cast<std::uint64_t>(options.cpus_per_node), "CPU"),
      format_bytes({options.memory_per_node << 20U}), options.name);
}

Outcome<int> up(Options options) {
  const auto memory = parse_bytes(options.memory);
  if (!memory) return bad_usage("--memory must be a size like 6GiB, got " + quoted(options.memory));
  options.sandbox.memory_per_node = to_mebibytes(*memory);
  if (!options.gpus.empty() && !read_gpus(options.gpus, options.sandbox))
    return bad_usage("--gpus must be a count or TYPE:COUNT, got " + quoted(options.gpus));
  FOZ_CHECK(check(options));
  FOZ_TRY(const auto done, sandbox::up(options.sandbox));
  print(options.json ? sandbox::to_json(done) + "\n" : up_text(done));
  return int{k_done};
}

std::string status_text(const sandbox::Sandbox& box) {
  std::string out =
      fmt::format("sandbox '{}' is {}\n", box.options.name, sandbox::to_string(box.condition));
  if (box.condition == sandbox::Condition::absent) return out;
  out += fmt::format("  folder  {}\n", box.folder.string());
  for (const auto& node : box.nodes)
    out += fmt::format("  {}  {}\n", pad(node.name, 6), node.state);
  for (const auto& problem : box.problems) out += "  problem: " + problem + "\n";
  return out;
}

std::vector<std::string> names_to_show(const Options& options, const CLI::App& command) {
  if (command.count("--name") > 0) return {options.sandbox.name};
  auto names = sandbox::list_names();
  if (names.empty()) names.push_back(options.sandbox.name);
  return names;
}

Outcome<int> status(const Options& options, const CLI::App& command) {
  FOZ_CHECK(check(options));
  for (const std::string& name : names_to_show(options, command)) {
    FOZ_TRY(const auto box, sandbox::status(name));
    print(options.json ? sandbox::to_json(box) + "\n" : status_text(box));
  }
  return int{k_done};
}

Outcome<int> environment(const Options& options) {
  FOZ_CHECK(check(options));
  FOZ_TRY(const auto box, sandbox::status(options.sandbox.name));
  if (box.condition != sandbox::Condition::up)
    return fail(
        Code::not_found,
        fmt::format("sandbox '{}' is {}: 'foz sandbox up --name {}' starts it",
                    options.sandbox.name, sandbox::to_string(box.condition), options.sandbox.name));
  print(sandbox::to_shell(sandbox::client_environment(box, current_environment())));
  return int{k_done};
}

std::string jobs_text(const sandbox::Down& done) {
  const std::size_t jobs = done.running_jobs.value_or(0);
  if (jobs == 0) return "";
  return fmt::format(" ({} still running)",
                     jobs == 1 ? "a job was" : fmt::format("{} jobs were", jobs));
}

Outcome<int> down(const Options& options) {
  FOZ_CHECK(check(options));
  FOZ_TRY(const auto done, sandbox::down(options.sandbox.name));
  if (options.json)
    print(sandbox::to_json(done) + "\n");
  else if (done.was == sandbox::Condition::absent)
    print(fmt::format("there is no sandbox '{}'\n", options.sandbox.name));
  else
    print(fmt::format("sandbox '{}' is gone: {} ended{}, '{}' removed\n", options.sandbox.name,
                      count_of(done.processes, "process"), jobs_text(done), done.folder.string()));
  return int{k_done};
}

void add_up_options(CLI::App& command, Options& options) {
  SandboxOptions& box = options.sandbox;
  command.add_option("--nodes", box.nodes, "How many nodes")->capture_default_str();
  command.add_option("--cpus", box.cpus_per_node, "CPUs of each node (invented)")
      ->capture_default_str();
  command.add_option("--memory", options.memory, "Memory of each node (invented)")
      ->capture_default_str();
  command.add_option("--gpus", options.gpus,
                     "GPUs of each node: COUNT or TYPE:COUNT (pretended, at most 4)");
  command.add_option("--switches", box.switches, "Leaf switches; 0 for no topology")
      ->capture_default_str();
  command.add_option("--max-array-size", box.max_array_size,
                     "One more than the largest array index");
  command.add_option("--min-job-age", box.min_job_age,
                     "Seconds until the controller forgets a finished job");
  command.add_option("--conf", box.lines, "A further line of slurm.conf")->allow_extra_args(false);
}

}  // namespace

void add_sandbox(Program program) {
  auto options = std::make_shared<Options>();
  auto* group = program.app.add_subcommand(
      "sandbox", "A private, throw-away Slurm on this machine; needs no root");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, auto action) {
    auto* command = group->add_subcommand(name, help);
    command
        ->add_option("--name", options->sandbox.name, "Which one; several may stand side by side")
        ->capture_default_str();
    command->callback([=] {
      const auto status = action(*options, *command);
      program.status = status ? *status : report(status.error());
    });
    return command;
  };
  auto* start = add("up", "Start it (or say that it is up)",
                    [](const Options& o, const CLI::App&) { return up(o); });
  add_up_options(*start, *options);
  start->footer(
      "Not as on a cluster: memory is given out but not enforced (a job that takes more than it\n"
      "asked for is not ended), there is no accounting, and jobs are not bound to their CPUs.");
  auto* show = add("status", "What is up, and how its nodes are",
                   [](const Options& o, const CLI::App& c) { return status(o, c); });
  add("env", "Shell lines that make Slurm's commands and foz use it; for eval",
      [](const Options& o, const CLI::App&) { return environment(o); });
  auto* end = add("down", "End it and everything that runs in it",
                  [](const Options& o, const CLI::App&) { return down(o); });
  for (auto* command : {start, show, end}) command->add_flag("--json", options->json, "Print JSON");
}

}  // namespace foz::cli
