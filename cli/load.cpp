#include "cli/load.h"

#include <set>

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
    const std::string name = param.substr(0, equals);
    if (std::any_of(out.begin(), out.end(), [&](auto& one) { return one.first == name; })) {
      print_error("foz: --param gives " + quoted(name) + " twice\n");
      return std::nullopt;
    }
    out.emplace_back(name, param.substr(equals + 1));
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

/// Where the runs, and what they share, lie.
fs::path foz_folder(const site::Site& site, const fs::path& folder) {
  return (site.run_folder.empty() ? folder : fs::path(site.run_folder)) / ".foz";
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
  context.run_folder = (foz_folder(site, folder) / "runs" / options.run_id).string();
  context.site = std::move(site);
  context.find_plugin = [&registry](const auto& name) { return registry.plugin(name); };
  context.exists = [](const auto& path) {
    std::error_code unknown;
    return fs::exists(path, unknown) || unknown;  // what cannot be looked at may be there
  };
  context.count_plugin_files = [&registry](const auto& name) { return registry.count_files(name); };
  return context;
}

std::unique_ptr<plugin::Registry> open_registry(const Global& global, const fs::path& folder,
                                                const Installation& installation) {
  return std::make_unique<plugin::Registry>(
      plugin::search_folders(plugin_folders(global, folder, installation), current_environment()));
}

/// What may stand behind `site.` in a workflow.
std::set<std::string> names_of(const site::Site& site) {
  std::set<std::string> names = {"name"};
  for (const auto& [name, value] : site.values) names.insert(name);
  return names;
}

/// Of a file with errors: what plugins and the site have against what is sound in it is said too.
/// The cluster is not asked about such a file.
Failure refuse_file(const spec::SoundPart& part, const LoadOptions& options, const Global& global,
                    const fs::path& folder, const Installation& installation,
                    const site::Site* site, Diagnostics& diagnostics) {
  if (site != nullptr) {
    const auto registry = open_registry(global, folder, installation);
    plan::check_part(part, make_context(*site, options, folder, *registry), diagnostics);
  }
  print_error(diagnostics.render());
  return Failure(LoadFailure{k_bad_usage});
}

slurm::Backend backend_of(const Global& global) {
  if (global.scheduler == "commands") return slurm::Backend::commands;
  if (global.scheduler == "libslurm") return slurm::Backend::libslurm;
  if (global.scheduler == "fake") return slurm::Backend::fake;
  return slurm::Backend::automatic;
}

/// Why the commands are used, where nobody asked for them.
void say_fallback(const Global& global, const slurm::Chosen& chosen) {
  if (global.scheduler != "auto" || chosen.scheduler->name() != "commands") return;
  print_error("foz: " + chosen.why + "\n");
}

/// Of the real cluster: a fake one is not worth it.
slurm::FactsMemory memory_of(const fs::path& foz_folder, slurm::Backend backend) {
  return {foz_folder / "cluster.facts", backend == slurm::Backend::fake
                                            ? std::string()
                                            : slurm::cluster_mark(current_environment())};
}

std::optional<slurm::ClusterFacts> recall(const slurm::FactsMemory& memory, Facts facts) {
  return facts == Facts::required ? memory.recall(SystemClock().now()) : std::nullopt;
}

/// A plan made from what the cluster was some minutes ago. nullopt where that is not known, or
/// where there would be anything to say about it: then the cluster itself is asked.
std::optional<plan::Plan> plan_from_memory(const spec::Workflow& workflow, plan::Context context,
                                           std::optional<slurm::ClusterFacts> remembered) {
  if (!remembered) return std::nullopt;
  context.facts = std::move(remembered);
  Diagnostics unsaid;
  auto plan = plan::make_plan(workflow, context, unsaid);
  if (!plan || !unsaid.all().empty()) return std::nullopt;
  return plan;
}

/// Fills `asked`. It stays empty, with a warning, where nobody answers for now and that may be.
tl::expected<void, LoadFailure> ask_cluster(Loaded& loaded, const Global& global, Facts facts) {
  const auto scheduler = ready_scheduler(loaded, global);
  if (!scheduler && scheduler.error().code != Code::unavailable) return failed(scheduler.error());
  auto answer = scheduler ? (*scheduler)->facts() : fail(scheduler.error());
  if (answer) {
    loaded.asked = std::move(*answer);
    return {};
  }
  if (facts == Facts::required) return failed(answer.error());
  print_error(
      "foz: planned without the cluster's partitions and limits: " + answer.error().message + "\n");
  return {};
}

}  // namespace

Result<WatchedScheduler*> ready_scheduler(Loaded& loaded, const Global& global) {
  if (!loaded.scheduler) {
    FOZ_ASSERT(loaded.opening);
    auto chosen = loaded.opening->finish();
    loaded.opening.reset();
    if (!chosen) return fail(chosen.error());
    say_fallback(global, *chosen);
    loaded.scheduler = std::make_unique<WatchedScheduler>(std::move(chosen->scheduler));
  }
  return loaded.scheduler.get();
}

Result<std::unique_ptr<WatchedScheduler>> open_scheduler(const Global& global,
                                                         const Installation& installation) {
  FOZ_TRY(auto chosen, slurm::open_scheduler(backend_of(global), installation.bin.string()));
  return std::make_unique<WatchedScheduler>(std::move(chosen.scheduler));
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

  auto site = read_site(global, folder, *installation);  // a wrong one is said beside the rest
  Diagnostics diagnostics;
  diagnostics.set_source(options.file, *text);
  const auto workflow = spec::read_workflow_or_part(
      *text, options.file,
      {folder.string(), *params, site ? std::optional(names_of(*site)) : std::nullopt},
      diagnostics);
  if (!workflow)
    return refuse_file(workflow.error(), options, global, folder, *installation,
                       site ? &*site : nullptr, diagnostics);
  if (!site) return Failure(site.error());

  Loaded loaded;
  loaded.text = *text;
  loaded.installation = *installation;
  loaded.registry = open_registry(global, folder, *installation);
  plan::Context context = make_context(std::move(*site), options, folder, *loaded.registry);
  std::optional<plan::Plan> plan;
  if (options.facts != Facts::none) {
    loaded.memory = memory_of(foz_folder(context.site, folder), backend_of(global));
    auto remembered = recall(*loaded.memory, options.facts);
    loaded.opening.emplace(backend_of(global), installation->bin.string(),
                           remembered ? std::optional(remembered->version) : std::nullopt);
    plan = plan_from_memory(*workflow, context, std::move(remembered));
  }
  if (!plan && options.facts != Facts::none) {
    if (const auto done = ask_cluster(loaded, global, options.facts); !done)
      return Failure(done.error());
    context.facts = loaded.asked;
  }
  if (!plan) plan = plan::make_plan(*workflow, context, diagnostics);
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
