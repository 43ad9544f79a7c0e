#include "cli/load.h"

#include "cli/terminal.h"
#include "core/base/text.h"
#include "core/site/site.h"
#include "core/spec/workflow.h"

namespace foz::cli {

namespace {

using Failure = tl::unexpected<LoadFailure>;

Failure failed(const Error& error) {
  return Failure(LoadFailure{report(error)});
}

/// A file that cannot be read is the user's mistake, not the environment's.
Failure wrong_input(const std::string& message) {
  print_error("foz: " + message + "\n");
  return Failure(LoadFailure{k_bad_usage});
}

/// "K=V" pairs of --param.
std::optional<std::vector<std::pair<std::string, std::string>>> split_params(
    const std::vector<std::string>& params) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string& param : params) {
    const auto equals = param.find('=');
    if (equals == std::string::npos || equals == 0) {
      print_error("foz: --param takes NAME=VALUE, got " + quoted(param) + "\n");
      return std::nullopt;
    }
    out.emplace_back(param.substr(0, equals), param.substr(equals + 1));
  }
  return out;
}

/// The site template in force; its own errors are shown with their lines.
tl::expected<site::Site, LoadFailure> read_site(const Global& global, const fs::path& folder,
                                                const Installation& installation) {
  const auto path = site::find_site(global.site, folder, installation.sites());
  if (!path) return wrong_input(path.error().message);
  const auto text = read_file(*path);
  if (!text) return wrong_input(text.error().message);
  Diagnostics diagnostics;
  diagnostics.set_source(path->string(), *text);
  auto site = site::read_site(*text, path->string(), diagnostics);
  if (site) return std::move(*site);
  print_error(diagnostics.render());
  return Failure(LoadFailure{k_bad_usage});
}

void say_offline(const Error& why) {
  print_error("foz: planned without the cluster's partitions and limits: " + why.message + "\n");
}

/// The cluster's facts; nullopt (with a warning) where the controller is silent and that may be.
tl::expected<std::optional<slurm::ClusterFacts>, LoadFailure> ask_cluster(
    slurm::Scheduler& scheduler, Facts facts) {
  auto answer = scheduler.facts();
  if (answer) return std::optional(std::move(*answer));
  if (facts == Facts::required) return failed(answer.error());
  say_offline(answer.error());
  return std::optional<slurm::ClusterFacts>();
}

std::string run_folder(const site::Site& site, const fs::path& folder, const std::string& run_id) {
  const fs::path base = site.run_folder.empty() ? folder : fs::path(site.run_folder);
  return (base / ".foz" / "runs" / run_id).string();
}

plugin::SearchOptions plugin_folders(const Global& global, const fs::path& folder,
                                     const Installation& installation) {
  return {global.plugins, folder, installation.plugins()};
}

plan::Context make_context(site::Site site, const LoadOptions& options, const fs::path& folder,
                           plugin::Registry& registry) {
  plan::Context context;
  context.run_id = options.run_id;
  context.workdir = folder.string();
  context.run_folder = run_folder(site, folder, options.run_id);
  context.site = std::move(site);
  context.find_plugin = [&registry](const std::string& name) -> Result<const plugin::Plugin*> {
    FOZ_TRY(const plugin::Loaded* found, registry.find(name));
    return found->plugin.get();
  };
  context.count_plugin_files = [&registry](const std::string& name) {
    const auto files = registry.pin(name);
    return files ? static_cast<std::uint32_t>(files->size()) : 0U;
  };
  return context;
}

Result<slurm::Chosen> choose_scheduler(const Global& global, const Installation& installation) {
  const auto backend = global.scheduler == "commands"   ? slurm::Backend::commands
                       : global.scheduler == "libslurm" ? slurm::Backend::libslurm
                       : global.scheduler == "fake"     ? slurm::Backend::fake
                                                        : slurm::Backend::automatic;
  return slurm::open_scheduler(backend, installation.bin.string());
}

/// Why the commands are used, where nobody asked for them.
void say_fallback(const Global& global, const slurm::Chosen& chosen) {
  if (global.scheduler != "auto" || chosen.scheduler->name() != "commands") return;
  print_error("foz: " + chosen.why + "\n");
}

/// Opens the scheduler and asks it; where it cannot be opened for now, as where it does not answer.
tl::expected<std::optional<slurm::ClusterFacts>, LoadFailure> reach_cluster(const Global& global,
                                                                            Facts facts,
                                                                            Loaded& loaded) {
  auto chosen = choose_scheduler(global, loaded.installation);
  if (chosen) {
    say_fallback(global, *chosen);
    loaded.scheduler = std::move(chosen->scheduler);
    return ask_cluster(*loaded.scheduler, facts);
  }
  if (facts == Facts::required || chosen.error().code != Code::unavailable)
    return failed(chosen.error());
  say_offline(chosen.error());
  return std::optional<slurm::ClusterFacts>();
}

}  // namespace

Result<std::unique_ptr<slurm::Scheduler>> open_scheduler(const Global& global,
                                                         const Installation& installation) {
  FOZ_TRY(auto chosen, choose_scheduler(global, installation));
  return std::move(chosen.scheduler);
}

tl::expected<Loaded, LoadFailure> load(const LoadOptions& options, const Global& global) {
  const auto text = read_file(options.file);
  if (!text) return wrong_input(text.error().message);
  const auto params = split_params(options.params);
  if (!params) return Failure(LoadFailure{k_bad_usage});
  const auto installation = find_installation();
  if (!installation) return failed(installation.error());
  std::error_code error;
  const fs::path folder = fs::absolute(options.file, error).lexically_normal().parent_path();

  Diagnostics diagnostics;
  diagnostics.set_source(options.file, *text);
  const auto workflow =
      spec::read_workflow(*text, options.file, {folder.string(), *params}, diagnostics);
  if (!workflow) {
    print_error(diagnostics.render());
    return Failure(LoadFailure{k_bad_usage});
  }
  auto site = read_site(global, folder, *installation);
  if (!site) return Failure(site.error());

  Loaded loaded;
  loaded.text = *text;
  loaded.installation = *installation;
  loaded.registry = std::make_unique<plugin::Registry>(
      plugin::search_folders(plugin_folders(global, folder, *installation), current_environment()));
  plan::Context context = make_context(std::move(*site), options, folder, *loaded.registry);
  if (options.facts != Facts::none) {
    auto facts = reach_cluster(global, options.facts, loaded);
    if (!facts) return Failure(facts.error());
    context.facts = std::move(*facts);
  }
  auto plan = plan::make_plan(*workflow, context, diagnostics);
  if (!plan) {
    print_error(diagnostics.render());
    return Failure(LoadFailure{k_bad_usage});
  }
  plan->dropped_environment = slurm::clean_environment(current_environment()).dropped;
  loaded.plan = std::move(*plan);
  loaded.warnings = diagnostics.render();
  return loaded;
}

}  // namespace foz::cli
